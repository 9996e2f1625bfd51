"""Page 10: no answer is stronger than its follow-up, whatever folder it is made from."""

import re

import numpy as np
import pandas as pd
import pytest
from conftest import TRIALS_CSV
from scipy.special import gammaincinv

from lupuscart.data import tables
from lupuscart.evidence.reports import follow_up as evidence
from lupuscart.findings import durability
from lupuscart.reporting.headlines import breadth
from lupuscart.reporting.page import labelled
from lupuscart.words.labels import label_studies

LEVELS = [0.8, 0.9, 0.95, 0.99]
ROOM = {"en": 90, "zh": 40}


@pytest.fixture(scope="module")
def collection():
    follow_up, trials = tables.load_follow_up(TRIALS_CSV), tables.load_trials(TRIALS_CSV)
    studies = label_studies(tables.load_studies(TRIALS_CSV))
    return follow_up, trials, studies, tables.load_patient_times(TRIALS_CSV)


def _garwood(events, low_time, high_time, level):
    tail = (1 - level) / 2
    low = gammaincinv(events, tail) / high_time if events else 0.0
    return low, gammaincinv(events + 1, 1 - tail) / low_time


def _cohorts(collection, count, *, relapses=0, printed=True, read_in="primary", n=10, dated=False):
    """A made-up folder: so many cohorts, all alike but for their names and lengths."""
    follow_up, trials, studies, patients = collection
    row, study = follow_up[follow_up["study"].eq("gc012f_2025")], studies.head(1)
    rows, facts, counts = [], [], []
    for k in range(count):
        name = f"mine_{k:02d}_2027"
        cells = {"study": name, "n": n, "relapses": relapses, "read_in": read_in}
        cells |= {"median": 400.0 + k, "minimum": 300.0, "maximum": 600.0 + k}
        if not printed:
            cells |= {"median": np.nan, "minimum": np.nan, "maximum": np.nan, "at_least": 180.0}
        if not dated:
            cells |= {"relapse_week": pd.NA, "relapse_timing": None}
        rows.append(row.assign(**cells))
        facts.append(study.assign(study=name, label=f"Mine {k} 2027", contains=None, n_treated=n))
        counted = trials[trials["outcome"].eq("doris")].head(1)
        cells = {"study": name, "cohort": "all", "events": 5, "n": 10, "week": 26 + k}
        counts.append(counted.assign(timing="at", **cells))
    join = [pd.concat(parts, ignore_index=True) for parts in (rows, counts, facts)]
    join[0] = join[0].astype(follow_up.dtypes.to_dict())
    return *join, patients.head(0)


def _lasting(folder, level=0.95):
    return durability.lasting(*folder, confidence_level=level)


FOLDERS = {
    "one row": {"count": 1},
    "one row, all relapsed": {"count": 1, "relapses": 10},
    "one flare with its week": {"count": 3, "relapses": 1, "dated": True},
    "all relapsed everywhere": {"count": 4, "relapses": 10},
    "more flares than patients": {"count": 2, "relapses": 14},
    "twenty-five cohorts": {"count": 25, "relapses": 1},
    "twenty-five silent cohorts": {"count": 25, "relapses": pd.NA},
    "all second-hand": {"count": 5, "read_in": "secondary"},
    "no ranges": {"count": 5, "printed": False},
    "sizes not stated": {"count": 2, "n": pd.NA, "relapses": 1},
}


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_the_answer_has_the_rate_of_the_best_known_follow_up(collection, level, tongue):
    first = _lasting(collection, level).figures[0]
    low, high = _garwood(1, 11.495, 13.761, level)
    said = first.answer[0]
    assert f"{high:.3f}"[:4] in said
    assert f"{low:.2g}" in said
    assert f"{100 * level:g}" in said
    free = f"{100 * np.exp(-high):.0f}"
    assert re.search(rf"\b{free}\b", said)
    assert "Renji Hospital 2025" in said
    # The assumption stands in the sentence that rests on it.
    assert {"en": "if it were constant", "zh": "若该率恒定"}[tongue] in said


def test_the_answer_is_two_sentences_and_the_headline_fits(collection, tongue):
    lasting = _lasting(collection)
    answer = lasting.figures[0].answer
    assert len(answer) == 2
    for sentence in answer:
        assert len(re.findall(r"[.!?。](?=\s|$)", sentence)) == 1, sentence
    for figure in lasting.figures:
        assert breadth(figure.headline) <= ROOM[tongue], figure.headline
    silent = set(collection[0].loc[lambda rows: rows["relapses"].isna(), "study"])
    silent -= {"rapcabtagene_2026", "kysa1_2024"}
    assert re.search(rf"\b{len(silent)}\b", lasting.headline)


def test_the_person_time_and_the_rates_of_the_collection(collection):
    follow_up, _, studies, _ = collection
    rows = evidence.followed(follow_up, studies).set_index("study")
    for study, low, high in [
        ("gc012f_2025", 11.49, 13.76),
        ("feng_2025", 28.50, 37.06),
        ("mackensen_2022", 3.08, 5.33),
        ("mueller_2024", 2.67, 19.33),
        ("wang_x_2025", 2.5, 2.5),
        ("taubmann_2025", 15, np.inf),
        ("ytb323_2025", 19.51, 19.69),
    ]:
        found = rows.loc[study, ["low_years", "high_years"]].astype(float).tolist()
        assert found == pytest.approx([low, high], abs=0.006), study
    table = durability.flare_table(follow_up, studies, confidence_level=0.95)
    ranges = dict(zip(table["label"], table["rate_range"], strict=True))
    assert ranges["Renji Hospital 2025"] == "0.0018–0.485"
    assert ranges["Mackensen A 2022"] == "0–1.196"
    assert ranges["Wang X 2025"] == "0.010–2.229"
    assert "Feng J 2025" not in ranges


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("level", [0.8, 0.99])
def test_a_folder_of_ones_own_is_answered_whatever_it_holds(collection, folder, level, tongue):
    made = _cohorts(collection, **FOLDERS[folder])
    lasting = _lasting(made, level)
    assert len(lasting.figures[0].answer) == 2
    for figure in lasting.figures:
        assert breadth(figure.headline) <= ROOM[tongue], figure.headline
        texts = [figure.headline, *figure.sentences, *figure.answer]
        texts += [*figure.supports, *figure.does_not_support]
        for text in texts:
            assert not re.search(r"[{}]|\bnan\b|<NA>|\binf\b", text), text
    assert sum(len(figure.plotted) for figure in lasting.figures) == len(made[0])


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_of_ones_own_is_drawn_legibly(collection, folder, language, tmp_path):
    lasting = _lasting(_cohorts(collection, **FOLDERS[folder]))
    lasting.save("10_durability", str(tmp_path))
    assert len(list(tmp_path.glob("*.png"))) == len(lasting.figures)


def test_a_cohort_without_flares_is_no_rate_of_zero(collection, tongue):
    lasting = _lasting(_cohorts(collection, 3))
    assert {"en": "which is not a rate of zero", "zh": "不等于复发率为零"}[tongue] in (
        lasting.figures[0].answer[0]
    )


@pytest.mark.slow
@pytest.mark.parametrize("flared", [1, 3])
@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("elsewhere", ["patient", "unknown size"])
def test_a_flare_outside_the_cohorts_is_never_denied(collection, count, elsewhere, flared, tongue):
    """A single patient's, or of a number that nobody gave."""
    made = _cohorts(collection, count + 1)
    rows = made[0]
    cells = {"n": pd.NA}
    if elsewhere == "patient":
        cells = {"who": "patient", "n": 1, "minimum": np.nan, "maximum": np.nan}
    rows.loc[count, ["relapses", *cells]] = [flared, *cells.values()]
    rows = rows.astype(collection[0].dtypes.to_dict())
    first = _lasting((rows, *made[1:])).figures[0]
    none = {"en": ("No flare in what was read", "elsewhere"), "zh": ("所读资料中未见复发", "其他")}
    assert none[tongue][0] not in first.answer[0]
    if count:
        assert none[tongue][1] in first.answer[0]
        assert {"en": "flares elsewhere", "zh": "份报告有复发"}[tongue] in first.headline
    assert ("known size" in first.answer[0]) == (tongue == "en" and count > 0)


@pytest.mark.parametrize("silent", [1, 2])
@pytest.mark.parametrize("telling", [0, 1])
def test_one_is_no_plural(collection, silent, telling):
    made = _cohorts(collection, silent + telling)
    made[0].loc[: silent - 1, ["relapses", "relapses_count"]] = pd.NA
    said = " ".join(_lasting(made).figures[0].answer)
    assert not re.search(r"\b1 (more )?(reports|cohorts)\b", said)


def test_the_same_flares_are_told_once(collection):
    """Nested reports: the inner ones are in the figure, not in the count of cohorts."""
    follow_up, trials, studies, patients = collection
    erlangen = follow_up["study"].isin(["mackensen_2022", "mueller_2024", "taubmann_2025"])
    first = _lasting((follow_up[erlangen], trials, studies, patients)).figures[0]
    assert first.answer[0].startswith("Not always: lupus flared (1 of 11 in Taubmann J 2025")
    assert first.plotted["study"].tolist() == ["taubmann_2025", "mueller_2024", "mackensen_2022"]
    assert any("counted again" in said for said in first.does_not_support)
    alone = follow_up["study"].eq("mackensen_2022")
    (only,) = _lasting((follow_up[alone], trials, studies, patients)).figures
    assert not any("counted again" in said for said in only.does_not_support)


#: What is counted of the rows with a flare or none, and how it is called.
KINDS = {
    "cohorts": ("{count} cohorts that report", "{count} 个队列"),
    "separate": ("{count} separate cohorts of known size", "例数明确的 {count} 个独立队列"),
    "uncertain": (
        "{count} single patients or groups of unknown size",
        "{count} 个单例或例数不明的组",
    ),
}
OTHER_ROWS = {
    "a patient": {"who": "patient", "n": 1, "minimum": np.nan, "maximum": np.nan},
    "a group of unknown size": {"n": pd.NA, "relapses": 1},
    "a nested cohort": {},
}


@pytest.mark.slow
@pytest.mark.parametrize("flared", [0, 1, 3])
@pytest.mark.parametrize("other", [None, *OTHER_ROWS])
def test_a_count_of_cohorts_says_which_rows_of_the_figure_it_leaves_out(
    collection, flared, other, tongue
):
    follow_up, trials, studies, patients = _cohorts(collection, 4)
    rows = follow_up.assign(relapses=[1] * flared + [0] * (3 - flared) + [0])
    last, inner = rows.index[-1], rows["study"].iloc[-1]
    counted = 4 if other is None else 3
    for column, value in OTHER_ROWS.get(other, {}).items():
        rows.loc[last, column] = value
    if other == "a nested cohort":
        studies = studies.assign(contains=[inner, None, None, None])
    kind = "cohorts" if other is None else "separate"
    first = _lasting((rows, trials, studies, patients)).figures[0]
    expected = KINDS[kind][tongue == "zh"].format(count=counted)
    for said in (first.headline, first.answer[0]):
        assert expected in said
        assert (flared == 0) == bool(re.search("No flare|均无复发|均未见复发", said))
        assert (flared == counted) == ("all" in said.split() or "均有" in said or "均至少" in said)


def test_without_a_cohort_of_known_size_none_is_spoken_of(collection, tongue):
    follow_up, trials, studies, patients = _cohorts(collection, 3, relapses=1)
    one_time = {"minimum": np.nan, "maximum": np.nan}
    rows = follow_up.assign(who=["patient", "patient", "cohort"], n=[1, 1, pd.NA], **one_time)
    first = _lasting((rows, trials, studies, patients)).figures[0]
    expected = KINDS["uncertain"][tongue == "zh"].format(count=3)
    assert expected in first.headline and expected in first.answer[0]


def test_a_frame_holds_the_reports_whose_patients_are_counted_again(collection, language):
    first = _lasting(collection).figures[0]
    ax = first.draw()
    frames = [patch.get_bbox() for patch in ax.patches if not patch.get_fill()]
    assert len(frames) == 2
    outer, inner = sorted(frames, key=lambda box: -box.width)
    assert outer.x0 < inner.x0 < inner.x1 < outer.x1
    assert outer.y0 < inner.y0 < inner.y1 < outer.y1


def test_marks_stand_where_the_numbers_are(collection, language):
    figures = _lasting(collection).figures
    dated = [figure.plotted["relapse_m"].dropna().round(2) for figure in figures]
    assert {*pd.concat(dated)} == {6.0, round(40 * 12 / 52, 2), round(22 * 12 / 52, 2)}
    # Cohorts of a known size stand in the first figure.
    assert set(figures[0].plotted["relapse_m"].dropna().round(2)) >= {6.0, round(40 * 12 / 52, 2)}
    for figure in figures[:2]:
        _assert_marks_stand(figure)


def _assert_marks_stand(figure):
    ax, plotted = figure.draw(), figure.plotted.reset_index(drop=True)
    stars = {
        (round(float(line.get_xdata()[0]), 2), round(float(line.get_ydata()[0])))
        for line in ax.get_lines()
        if line.get_marker() == "*"
    }
    dated = plotted[plotted["relapse_m"].notna()]
    wanted = {(round(row.relapse_m, 2), row.Index) for row in dated.itertuples()}
    assert stars == wanted
    hollow = [
        line
        for line in ax.get_lines()
        if line.get_marker() == "*" and line.get_markerfacecolor() != line.get_color()
    ]
    assert len(hollow) == int(dated["read_in"].eq("secondary").sum())
    bars = [patch.get_width() for patch in ax.patches if patch.get_fill()]
    lengths = plotted["median_m"].fillna(plotted["at_least_m"]).dropna()
    assert bars == pytest.approx(lengths.tolist())


def test_sentences_on_states_drugs_and_visits_come_and_go_with_their_rows(collection):
    follow_up, trials, studies, patients = collection
    said = " ".join(_lasting(collection).figures[0].does_not_support)
    assert "interval-censored" in said and "off immunosuppression" in said and "5/10" in said
    plain = follow_up.assign(relapse_timing=None)
    without = trials[~trials["outcome"].isin(["off_immunosuppression", "doris"])]
    said = " ".join(_lasting((plain, without, studies, patients)).figures[0].does_not_support)
    assert "interval-censored" not in said and "off immunosuppression" not in said
    assert "DORIS" not in said


@pytest.mark.parametrize("missing", ["no rows", "no lengths"])
def test_without_follow_up_the_page_says_so_in_one_sentence(collection, missing, tongue):
    follow_up, trials, studies, patients = collection
    rows = follow_up.head(0)
    if missing == "no lengths":
        rows = follow_up[follow_up["study"].eq("rapcabtagene_2026")]
    lasting = _lasting((rows, trials, studies, patients))
    assert lasting.figures == []
    assert "follow_up.csv" in lasting.save("10_durability", "").text
    assert lasting.opening.text == ""
    assert lasting.balance.text == ""
    assert durability.flare_table(rows, studies, confidence_level=0.95).empty
    harms = labelled(trials[trials["outcome"].eq("severe_infection")], studies)
    assert durability.harm_table(harms, rows, studies, confidence_level=0.95).empty


def _patients(collection, study, times, **cells):
    row = collection[3].head(1)
    parts = [
        row.assign(
            study=study,
            patient=f"P{k}",
            time=float(time),
            event="relapse" if event else "end_of_follow_up",
            **cells,
        )
        for k, (time, event) in enumerate(times)
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_a_curve_is_drawn_where_every_patient_has_a_time(collection, level, language, tmp_path):
    follow_up, trials, studies, _ = collection
    times = [(3, 0), (8, 1), *[(13, 0)] * 8]
    patients = _patients(collection, "gc012f_2025", times)
    made = durability.curves(patients, follow_up, studies, confidence_level=level)
    made.save("10_durability_curve", str(tmp_path))
    (figure,) = made.figures
    assert breadth(figure.headline) <= ROOM[language]
    ax = figure.draw()
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert [label.split("\n")[1] for label in labels] == ["10", "10", "9", "8", "8"]
    lasting = durability.lasting(follow_up, trials, studies, patients, confidence_level=level)
    assert "Renji Hospital 2025" in lasting.figures[0].answer[1]


@pytest.mark.parametrize("count", [1, 9])
def test_chosen_patients_make_no_curve(collection, count, tongue):
    follow_up, trials, studies, _ = collection
    patients = _patients(collection, "gc012f_2025", [(12, 0)] * count)
    made = durability.curves(patients, follow_up, studies, confidence_level=0.95)
    assert made.figures == []
    assert str(count) in made.save("x", "").text
    lasting = durability.lasting(follow_up, trials, studies, patients, confidence_level=0.95)
    assert {"en": "no report gives", "zh": "没有报告给出"}[tongue] in lasting.figures[0].answer[1]


def test_units_of_single_patients_are_put_together(collection):
    follow_up, _, studies, _ = collection
    days = _patients(collection, "kysa1_2024", [(365.25, 1)], time_unit="d")
    years = _patients(collection, "kysa1_2024", [(1, 0)], time_unit="years").assign(patient="Q")
    (figure,) = durability.curves(
        pd.concat([days, years]), follow_up, studies, confidence_level=0.95
    ).figures
    assert figure.plotted["time"].tolist() == pytest.approx([0, 12])


def test_harm_a_patient_year_is_of_the_same_patients_and_late(collection):
    follow_up, trials, studies, _ = collection
    counts = trials[trials["domain"].eq("safety") & trials["statistic"].eq("count")]
    table = durability.harm_table(
        labelled(counts, studies), follow_up, studies, confidence_level=0.95
    )
    assert not table["outcome"].str.contains("crs|icans|neutropenia|dlt|flare").any()
    death = table[table["outcome"].eq("treatment_related_death")].iloc[0]
    assert death[["events", "n", "low_years"]].tolist() == [0, 15, "28.50"]
    assert death["rate_range"] == f"0–{-np.log(0.025) / 28.501:.3f}"
    assert "Müller F 2024" not in set(table["label"])  # 1 of 15, of whom 8 have lupus


@pytest.mark.parametrize("level", LEVELS)
def test_months_that_exclude_a_rate(level):
    table = durability.months_to_exclude([1, 0.2], [5, 20], confidence_level=level)
    for rate, row in zip([1, 0.2], table.itertuples(index=False), strict=True):
        for n, months in zip([5, 20], row[1:], strict=True):
            exact = -12 * np.log(1 - level) / (rate * n)
            assert float(months) == pytest.approx(exact, rel=0.06)


def test_remission_without_cells_comes_from_the_rows(collection):
    benchmarks = tables.load_benchmarks(TRIALS_CSV)
    studies = tables.load_benchmark_studies(TRIALS_CSV)
    table = durability.without_cells(benchmarks, studies)
    assert "at most 0.9 % (n = 1684)" in set(table["count"])
    assert {"Burt RK 2018", "Morand EF 2025"} <= set(table["label"])
    assert durability.without_cells(benchmarks.head(0), studies).empty
