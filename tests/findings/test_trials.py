"""Which reports there are: what is said of them is counted here again, for any table of reports."""

import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from conftest import TRIALS_CSV
from hypothesis import given
from hypothesis import strategies as st

from lupuscart.data import tables
from lupuscart.evidence import endpoints
from lupuscart.figures import style
from lupuscart.findings import trials
from lupuscart.reporting.headlines import breadth
from lupuscart.reporting.page import labelled
from lupuscart.words import lexicon
from lupuscart.words.labels import label_studies

ROOM = {"en": 90, "zh": 40}


@pytest.fixture(scope="module")
def follow_up():
    return tables.load_follow_up(TRIALS_CSV)


def _evidence(outcomes, studies, follow_up, search=None):
    studies = label_studies(studies)
    outcomes = outcomes[outcomes["study"].isin(studies["study"])]
    counts = outcomes[outcomes["domain"].eq("efficacy") & outcomes["statistic"].eq("count")]
    chosen = endpoints.choose_reports(counts).kept if len(counts) else counts
    counted = labelled(endpoints.by_endpoint(chosen), studies)
    beside = {"follow_up": follow_up, "outcomes": outcomes, "search": search}
    return counted, trials.evidence(studies, counted, **beside)


def _numbers(text):
    return [int(number) for number in re.findall(r"\d+", text)]


def test_the_headline_counts_reports_patients_and_responses(outcomes, studies, follow_up, tongue):
    counted, found = _evidence(outcomes, studies, follow_up)
    mixed = trials.mixed_reports(studies, outcomes)
    most = studies.loc[~mixed, "n_treated"].max()
    said = sorted([len(studies), most, counted["study"].nunique()])
    assert sorted(_numbers(found.headline)) == said
    assert breadth(found.headline) <= ROOM[lexicon.current_language()]


def test_basket_trials_are_named_with_their_number(outcomes, studies, follow_up, tongue):
    _, found = _evidence(outcomes, studies, follow_up)
    mixed = studies[trials.mixed_reports(studies, outcomes)]
    assert {"hagen_2025", "breakfree1_2025", "cta311_2025"} == set(mixed["study"])
    # Eight lupus patients of a basket trial of 15: the number treated is theirs alone.
    assert "mueller_2024" not in set(mixed["study"])
    assert all(f"{n}" in found.opening.text for n in mixed["n_treated"])


def test_until_when_was_searched_is_said_where_it_is_known(outcomes, studies, follow_up, tongue):
    search = trials.search_of(TRIALS_CSV)
    _, found = _evidence(outcomes, studies, follow_up, search)
    year, month = search["until"].split("-")
    said = trials.search_words(search)
    assert year in said and lexicon.word(f"month.{int(month)}") in said
    assert said in found.opening.text
    assert (
        trials.search_words(search, whole=True) == search[f"sentence_{lexicon.current_language()}"]
    )
    _, silent = _evidence(outcomes, studies, follow_up)
    assert year + " " not in silent.opening.text.replace("2025", "")


def test_a_folder_that_does_not_say_how_it_was_searched_says_nothing(tmp_path):
    assert trials.search_of(tmp_path / "trials.csv") == {}
    assert trials.search_words({}) == trials.search_words({}, whole=True) == ""
    (tmp_path / "datapackage.json").write_text(json.dumps({"search": {"until": "2025-01"}}))
    assert "January 2025" in trials.search_words(trials.search_of(tmp_path / "trials.csv"))
    (tmp_path / "datapackage.json").write_text("{")
    with pytest.raises(ValueError, match=r"datapackage\.json: .*; allowed: the dictionary"):
        trials.search_of(tmp_path / "trials.csv")


@given(
    sizes=st.lists(st.one_of(st.none(), st.integers(1, 99)), min_size=1, max_size=9),
    given_before=st.lists(
        st.sampled_from(["none", "fludarabine+cyclophosphamide", None]), min_size=9, max_size=9
    ),
    counting=st.integers(0, 9),
    language=st.sampled_from(lexicon.LANGUAGES),
)
def test_any_reports_are_said_whole(sizes, given_before, counting, language):
    rows = range(len(sizes))
    studies = pd.DataFrame(
        {
            "study": [f"s{row}" for row in rows],
            "label": [f"Report {row}" for row in rows],
            "n_treated": pd.array(sizes, dtype="Int64"),
            "conditioning": given_before[: len(sizes)],
            "contains": None,
        }
    )
    counted = pd.DataFrame({"study": studies["study"].head(counting), "outcome": "doris"})
    counted = counted.assign(week=12, timing="by")
    none = pd.DataFrame({"study": [], "basket": [], "n": []})
    with lexicon.using(language):
        headline = trials.evidence_headline(studies, counted)
        answer = trials._answer(studies, counted, none, None)
        halves = [
            *trials._supports(studies, counted),
            *trials._does_not_support(studies, counted),
        ]
        text = " ".join([headline, *answer, *halves])
        assert breadth(headline) <= ROOM[language]
    assert not re.search(r"[{}]|nan|<NA>", text)
    known = [size for size in sizes if size is not None]
    if len(sizes) > 1 and known:
        assert max(known) in _numbers(headline)


def test_a_report_of_unknown_size_is_said_without_a_number(outcomes, studies, follow_up, tongue):
    one = studies[studies["study"] == "rapcabtagene_2026"]
    assert one["n_treated"].isna().all()
    _, found = _evidence(outcomes, one, follow_up)
    table = found.figures[0].words.table
    assert "NA" not in " ".join([found.headline, found.opening.text, *found.sentences])
    assert all(cell and "NA" not in cell for row in table["rows"] for cell in row)


def test_follow_up_is_in_months_whatever_its_unit(follow_up):
    days = {"d": 1, "weeks": 7, "months": 365.25 / 12, "years": 365.25}
    found = trials.times_followed(follow_up).set_index("study")
    cohorts = follow_up[follow_up["who"].eq("cohort") & follow_up["median"].notna()]
    assert len(cohorts) > 5
    for row in cohorts.itertuples():
        months = row.median * days[row.time_unit] / (365.25 / 12)
        assert found.loc[row.study, "middle"] == pytest.approx(months, rel=0.005)
    # Patients one by one: no median of theirs is printed, so none is drawn.
    alone = follow_up[follow_up["study"].eq("wang_d_2025")]
    assert alone["who"].eq("patient").all()
    assert np.isnan(found.loc["wang_d_2025", "middle"])
    assert found.loc["wang_d_2025", ["shortest", "longest"]].tolist() == [1, 12]


def test_a_mark_stands_at_its_week_and_none_where_there_is_no_single_one(
    outcomes, studies, follow_up
):
    style.use_style(context="slides")
    _, found = _evidence(outcomes, studies, follow_up)
    for figure in found.figures:
        table, ax = figure.plotted, figure.draw()
        labels = [name.get_text() for name in ax.get_yticklabels()]
        lines = dict(zip(ax.get_yticks(), labels, strict=True))
        marks = {
            (lines[line.get_ydata()[0]].rpartition(" (n")[0], round(line.get_xdata()[0], 6))
            for line in ax.get_lines()
            if line.get_markersize() == 12 and len(line.get_xdata()) == 1
            if line.get_ydata()[0] in lines
        }
        dated = table[table["timing"].isin(["at", "by"]) & table["week"].notna()]
        weeks = zip(dated["label"], dated["week"].astype(float) * 12 / 52, strict=True)
        assert marks == {(label, round(month, 6)) for label, month in weeks}
        assert len(marks) < len(table.drop_duplicates("label"))


def test_reports_without_a_response_are_counted_in_words(outcomes, studies, follow_up, tongue):
    counted, found = _evidence(outcomes, studies, follow_up)
    silent = len(studies) - counted["study"].nunique()
    assert str(silent) in found.figures[0].sentences[-1]
    assert {row[0] for row in found.figures[0].words.table["rows"]} == set(
        label_studies(studies)["label"]
    )


@pytest.mark.slow
@pytest.mark.parametrize("copies", [1, 30])
def test_as_many_reports_as_there_are_find_room(outcomes, studies, follow_up, copies, tmp_path):
    style.use_style(context="slides")
    one = studies[studies["study"] == "feng_2025"]
    rows = outcomes[outcomes["study"] == "feng_2025"]
    codes = [f"feng_{copy}" for copy in range(copies)]
    many = pd.concat([one.assign(study=code, first_author=f"F {code}") for code in codes])
    counts = pd.concat([rows.assign(study=code) for code in codes])
    times = pd.concat(
        [follow_up[follow_up["study"] == "feng_2025"].assign(study=code) for code in codes]
    )
    _, found = _evidence(counts, many, times)
    assert sum(figure.plotted["study"].nunique() for figure in found.figures) == copies
    found.save("01", str(tmp_path))
    assert len(list(tmp_path.glob("*.png"))) == len(found.figures) == (1 if copies == 1 else 2)


def test_a_folder_without_follow_up_is_drawn_without_bars(outcomes, studies, tmp_path, language):
    for table in ("trials", "studies"):
        shutil.copy(f"data/{table}.csv", tmp_path)
    none = tables.load_follow_up(tmp_path / "trials.csv")
    assert none.empty
    counted, found = _evidence(outcomes, studies, none)
    table = found.plotted
    assert table[["middle", "shortest", "longest", "at_least"]].isna().all(axis=None)
    found.figures[0].draw()
    assert counted["study"].nunique() == table["study"].nunique()


def test_who_shares_patients_is_said_by_name_in_both_directions(studies):
    named = label_studies(studies)
    shared = trials.shared_patients(named).set_index("label").fillna("")
    assert "Mackensen A 2022" in shared.loc["Müller F 2024", "contained"]
    assert "Müller F 2024" in shared.loc["Mackensen A 2022", "shared"]
    assert (
        not shared.apply(lambda cells: cells.str.contains("_20", regex=False))
        .loc[["Müller F 2024", "Mackensen A 2022", "Hagen M 2025"]]
        .any(axis=None)
    )
