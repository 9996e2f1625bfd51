"""Page 12: what the registrations say, and no more; what a size could show, exactly."""

import re

import pandas as pd
import pytest
from conftest import TRIALS_CSV
from matplotlib.backends.backend_agg import FigureCanvasAgg
from scipy.special import betaincinv

from lupuscart.data import tables
from lupuscart.data.dictionary import table_schema
from lupuscart.figures.legibility import make_legible
from lupuscart.findings import coming
from lupuscart.reporting.headlines import _ROOM, breadth
from lupuscart.reporting.page import labelled
from lupuscart.words import lexicon
from lupuscart.words.lexicon import current_language, word, word_for

LEVEL = {"confidence_level": 0.95}
TOTAL = 46


@pytest.fixture(scope="module")
def registrations():
    return tables.load_registrations(TRIALS_CSV)


@pytest.fixture(scope="module")
def counts():
    return labelled(tables.load_trials(TRIALS_CSV), tables.load_studies(TRIALS_CSV))


@pytest.fixture(scope="module")
def none_announced():
    return tables.load_announcements(TRIALS_CSV).iloc[:0]


@pytest.fixture(scope="module")
def plotted(registrations, counts, none_announced):
    """How many rows the collection's own figure has."""
    return len(_found(registrations, counts, none_announced)[0].plotted)


def _rows(registrations, changes):
    """Registrations like one of the collection, with changes: a row each."""
    like = registrations[registrations["registration"].eq("NCT07570862")]
    rows = [
        like.assign(**({"registration": f"NCT9000{number:04d}"} | change))
        for number, change in enumerate(changes)
    ]
    return pd.concat(rows, ignore_index=True).astype(registrations.dtypes)


def _found(registrations, counts, announcements):
    rows = coming.grouped(registrations)
    could = coming.could_show(rows, counts, **LEVEL)
    options = {"total": TOTAL, **LEVEL}
    return coming.coming(rows, announcements, could.plotted, **options), could


def _numbers(text):
    return [int(number) for number in re.findall(r"(?<![\d.])\d+(?![\d.]|\s?%)", text)]


def test_every_level_of_the_registry_has_a_group_and_words():
    fields = {field["name"]: field for field in table_schema("registrations")["fields"]}
    assert set(coming.GROUPS) | {"UNKNOWN"} == set(fields["status"]["constraints"]["enum"])
    assert set(coming.PHASES) == set(fields["phase"]["constraints"]["enum"])
    assert set(coming._CONTROL_MARKS) == {*fields["control"]["constraints"]["enum"], "not_stated"}
    for name in ("status", "phase", "control", "n_type", "other_diseases"):
        levels = {f"{name}.{level}" for level in fields[name]["constraints"]["enum"]}
        assert levels <= set(lexicon.codes())


@pytest.mark.slow
@pytest.mark.parametrize("status", [*coming.GROUPS, "UNKNOWN", None])
@pytest.mark.parametrize("control", ["none", "former", "with_cells", "yes", None])
def test_a_row_more_counts_by_itself(
    registrations, counts, none_announced, plotted, status, control, tongue
):
    changed = {"status": status, "control": control, "control_arm": None}
    more = pd.concat([registrations, _rows(registrations, [changed])], ignore_index=True)
    after, _ = _found(more, counts, none_announced)
    assert str(len(more)) in after.answer[0]
    opened = coming.GROUPS.get(status) == "open"
    wanted = {"open": 133 + opened, "unstated": 86 + (opened and control is None)}
    if opened and control in ("with_cells", "yes"):
        wanted["controlled"] = 1
    assert set(wanted.values()) <= set(_numbers(after.headline))
    assert breadth(after.headline) <= _ROOM[current_language()]
    assert len(after.plotted) == plotted + 1
    assert ("NCT90000000" in after.supports[-1]) == (opened and control == "yes")


@pytest.mark.parametrize("control", ["none", "yes", None])
@pytest.mark.parametrize("size", [1, 60])
def test_a_single_trial_is_no_plural_and_no_range(
    registrations, counts, none_announced, control, size
):
    cells = {"status": "RECRUITING", "control": control, "control_arm": None, "planned_n": size}
    cells |= {"endpoint": "sri4", "other_diseases": "no"}
    found, could = _found(_rows(registrations, [cells]), counts, none_announced)
    said = " ".join([found.headline, *found.answer, could.headline, *found.supports])
    assert not re.search(r"\b1 (trials|are)\b|\b(\d+) to \2\b|[Nn]one of (the )?1 open", said)
    assert re.search(r"[Aa]t least half", said)


@pytest.mark.parametrize("number", ["ChiCTR250010522", "ChiCTR25001052270", "ChiCTR-123456789"])
def test_a_number_of_another_length_is_none_of_the_registry(number):
    (field,) = [f for f in table_schema("registrations")["fields"] if f["name"] == "registration"]
    assert not any(re.fullmatch(form, number) for form in field["registries"])
    good = ("ChiCTR2500105227", "ChiCTR-OPC-16009113", "ChiCTR1900026845")
    assert all(any(re.fullmatch(form, each) for form in field["registries"]) for each in good)


def test_planned_sizes_are_never_added_up(registrations, counts, none_announced, tongue):
    found, could = _found(registrations, counts, none_announced)
    rows = coming.grouped(registrations)
    sums = {
        int(part["planned_n"].sum())
        for part in (rows, *(part for _, part in rows.groupby("group")), *_phases(rows))
    }
    # Smaller numbers may be anything: a size, a limit.
    sums = {total for total in sums if total > registrations["planned_n"].max()}
    assert len(sums) > 3
    for finding in (found, could):
        said = [finding.headline, *finding.sentences, *finding.answer, *finding.supports]
        table = [str(cell) for row in finding.words.table["rows"] for cell in row]
        assert sums.isdisjoint(_numbers(" ".join([*said, *table])))


def _phases(rows):
    return [part for _, part in rows.groupby("phase")]


@pytest.mark.slow
def test_the_day_of_the_snapshot_is_said_and_what_is_of_other_days(
    registrations, counts, none_announced, tongue
):
    found, _ = _found(registrations, counts, none_announced)
    day = {"en": "22 August 2026", "zh": "2026 年 8 月 22 日"}[tongue]
    assert day in found.answer[0] and day in found.source[0]
    assert len(registrations) - registrations["snapshot"].eq("2026-08-22").sum() in _numbers(
        found.answer[0]
    )
    for rows in (registrations, registrations.head(1)):
        alike, _ = _found(rows.assign(snapshot="2026-11-20"), counts, none_announced)
        wanted = {"en": "as of 20 November 2026)", "zh": "截至 2026 年 11 月 20 日）"}[tongue]
        assert wanted in alike.answer[0]
    undated, _ = _found(registrations.assign(snapshot=None), counts, none_announced)
    assert word("coming.no_day") in undated.answer[0]


def test_what_was_announced_is_said_on_the_page(registrations, counts, tongue):
    announcements = tables.load_announcements(TRIALS_CSV)
    found, _ = _found(registrations, counts, announcements)
    companies = [word_for("first_author", name) for name in ("Novartis", "BMS")]
    assert all(name in found.answer[-1] for name in companies)
    silent, _ = _found(registrations, counts, announcements.iloc[:0])
    assert not any(companies[0] in said for said in silent.answer)


def test_what_became_of_each_trial_with_a_control_arm_is_told_from_its_row(
    registrations, counts, none_announced
):
    found, _ = _found(registrations, counts, none_announced)
    told = " ".join(found.supports)
    had = registrations["control"].isin(["former", "with_cells", "yes"])
    for row in registrations[had].itertuples():
        assert row.registration in told
        assert row.control_arm in told
    assert "withdrawn; 0 enrolled" in told
    without = registrations[~had]
    silent, _ = _found(without, counts, none_announced)
    assert "at some time" not in " ".join(silent.supports)


@pytest.mark.parametrize(
    "changes, said",
    [
        ([{"control": "none"}, {"control": None, "planned_n": TOTAL - 1}], "none"),
        ([{"control": "none"}, {"control": None, "planned_n": TOTAL}], "untold"),
        ([{"control": None, "planned_n": pd.NA}], "untold"),
        ([{"control": "yes", "planned_n": TOTAL - 1}], "none"),
        ([{"control": "with_cells", "planned_n": TOTAL}], "none"),
        ([{"control": "yes", "planned_n": TOTAL}, {"control": None}], "perhaps"),
        ([{"control": "yes", "status": "WITHDRAWN"}, {"control": "former"}], "none"),
    ],
)
def test_none_is_the_trial_that_would_settle_it_only_where_no_row_could_be(
    registrations, changes, said
):
    rows = coming.grouped(_rows(registrations, changes))
    text = coming.settling(rows, TOTAL).text
    start = {"none": "None of", "untold": "None of", "perhaps": "Of the"}[said]
    assert text.startswith(start)
    assert ("cannot be told" in text) == (said == "untold")
    assert ("is known to be" in text) == (said == "untold")


@pytest.mark.parametrize("n", [1, 2, 5, 20, 53, 89])
@pytest.mark.parametrize("events, of", [(0, 4), (3, 6), (5, 10), (12, 12)])
def test_what_a_size_could_show_is_exact(registrations, counts, n, events, of):
    like = counts[counts["statistic"].eq("count")].head(1)
    now = like.assign(outcome="complete_renal_response", events=events, n=of, basket="no")
    rows = coming.grouped(_rows(registrations, [{"planned_n": n}]))
    (row,) = coming.could_show(rows, now, **LEVEL).plotted.itertuples()
    k = int(events * n / of + 0.5)
    assert row.events == k
    low = betaincinv(k, n - k + 1, 0.025) if k else 0
    high = betaincinv(k + 1, n - k, 0.975) if k < n else 1
    assert (row.low, row.high) == pytest.approx((low, high), abs=1e-9)
    assert row.full_low == pytest.approx(0.025 ** (1 / n))
    assert row.harm == pytest.approx(1 - 0.05 ** (1 / n))


@pytest.mark.parametrize(
    "change",
    [
        {"other_diseases": "yes"},
        {"other_diseases": None},
        {"planned_n": pd.NA, "n_type": None},
        {"status": "COMPLETED"},
        {"endpoint": None, "endpoint_week": pd.NA},
    ],
    ids=["a basket", "perhaps a basket", "no size", "over", "no endpoint"],
)
def test_what_cannot_show_a_rate_in_lupus_stays_out(registrations, counts, change):
    rows = coming.grouped(_rows(registrations, [{}, change]))
    shown = coming.could_show(rows, counts, **LEVEL).plotted
    assert shown["registration"].tolist() == ["NCT90000000"]


def test_the_rate_as_now_is_that_of_the_largest_report_without_other_diseases(
    registrations, counts
):
    rows = coming.grouped(registrations)
    shown = coming.could_show(rows, counts, **LEVEL).plotted
    for row in shown.itertuples():
        same = counts[counts["outcome"].eq(row.outcome) & counts["statistic"].eq("count")]
        assert row.now_n == same.loc[same["basket"].ne("yes"), "n"].max()
    renal = shown[shown["outcome"].eq("complete_renal_response")]
    assert (renal["now_events"].eq(3) & renal["now_n"].eq(6)).all()
    assert renal["now_label"].str.contains("second-hand").all()


def test_where_no_trial_has_an_endpoint_and_a_size_the_page_says_so(
    registrations, counts, none_announced, tongue
):
    rows = _rows(registrations, [{"endpoint": None, "endpoint_week": pd.NA}])
    found, could = _found(rows, counts, none_announced)
    shown = coming.or_sentence(could).save("12_coming_could_show", "")
    assert shown.text == could.headline == word("coming.could.headline_none")
    assert word("coming.answer.no_endpoint") in found.answer
    assert could.words.table["rows"] == []
    assert coming.power_if_controlled(could.plotted, pd.DataFrame()).empty


def test_an_endpoint_that_nobody_counted_has_no_interval(registrations, counts, tongue):
    rows = coming.grouped(_rows(registrations, [{"endpoint": "bicla"}]))
    found = coming.could_show(rows, counts, **LEVEL)
    assert found.plotted["low"].isna().all() and found.plotted["harm"].notna().all()
    assert found.headline == word("coming.could.headline_none")
    assert len(found.sentences) == 1


def test_a_controlled_trial_has_its_power_at_the_control_rates_of_its_endpoint(
    registrations, counts
):
    arms = tables.load_benchmarks(TRIALS_CSV), tables.load_benchmark_studies(TRIALS_CSV)
    changes = [{"control": "yes", "planned_n": 80}, {"planned_n": 40}, {"endpoint": "bicla"}]
    rows = coming.grouped(_rows(registrations, changes))
    could = coming.could_show(rows, counts, **LEVEL).plotted
    table = coming.power_if_controlled(could, labelled(*arms)).set_index("registration")
    assert set(table.loc["NCT90000000", "design_is"]) == {"registered"}
    assert set(table.loc["NCT90000001", "design_is"]) == {"supposed"}
    assert set(table.loc[["NCT90000000"], "each_arm"]) == {"40"}
    rates = table["p2"].str.extract(r"(\d+)")[0].astype(float)
    for name in ("NCT90000000", "NCT90000001"):
        ends = rates[[name]].tolist()
        assert ends == sorted(ends)
    powers = table["power"].str.extract(r"([\d.]+)")[0].astype(float)
    assert powers["NCT90000000"].iloc[0] > powers["NCT90000001"].iloc[0]
    # As many respond as now, or fewer, as in the best arm without the cells: no power to show.
    assert (table.loc["NCT90000000", "power"] == "–").any() or powers["NCT90000000"].notna().all()


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        [{}],
        [{"planned_n": pd.NA}],
        [{"phase": None, "planned_n": 3}, {"phase": "PHASE3", "planned_n": 1200}],
        [
            {"planned_n": 18, "control": each}
            for each in ["none", None, "yes", "former", "with_cells"] * 5
        ],
    ],
    ids=["one", "no size", "far apart", "alike"],
)
def test_each_trial_with_a_size_is_one_mark_and_none_lies_over_another(
    registrations, counts, none_announced, changes, language
):
    rows = _rows(registrations, changes)
    found, could = _found(rows, counts, none_announced)
    ax = found.draw()
    figure = ax.figure
    FigureCanvasAgg(figure).draw()
    make_legible(figure, "coming")
    marks = [line for line in ax.lines if line.get_marker() not in ("None", "")]
    assert len(marks) == rows["planned_n"].notna().sum()
    places = [tuple(ax.transData.transform(line.get_xydata()[0]).round()) for line in marks]
    assert len(set(places)) == len(places)
    if len(could.plotted):
        drawn = could.draw().figure
        FigureCanvasAgg(drawn).draw()
        make_legible(drawn, "could_show")


def test_the_tables_for_people_count_each_trial_once(registrations):
    rows = coming.grouped(registrations)
    table = coming.overview(rows)
    for fact in ("status", "phase", "control"):
        part = table[table["registered_fact"].eq(word(f"column.{fact}"))]
        assert part["trials"].sum() == len(rows)
        assert part["open_trials"].sum() == rows["group"].eq("open").sum()
    assert set(coming.later_phases(rows)["phase"]) <= {"PHASE2", "PHASE3"}
    assert (
        len(coming.controlled(rows)) == rows["control"].isin(["former", "with_cells", "yes"]).sum()
    )


def test_whoever_announced_something_has_a_name_in_every_language(tongue):
    announced = tables.load_announcements(TRIALS_CSV)
    named = {f"announced_by.{name}" for name in announced["announced_by"]}
    assert named <= set(lexicon.codes())


@pytest.mark.parametrize("controlled", [0, 1, 2])
def test_a_count_of_none_or_one_is_a_sentence(controlled):
    said = f"Of these 7, {coming._controlled(controlled)} registered"
    assert said == f"Of these 7, {['none is', '1 is', '2 are'][controlled]} registered"
