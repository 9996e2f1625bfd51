"""Impossible data is refused, odd data is warned of, and a note can answer for it."""

import csv
import io

import pytest
from damage import CELLS, as_csv
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from lupuscart.data import tables
from lupuscart.data.outcomes import collection_outcomes

TRIALS, STUDIES = CELLS["trials"][0], CELLS["studies"][0]
STUDY = {
    **{"study": "mine_2027", "first_author": "Doe J", "year": "2027", "publication": "journal"},
    **{"product": "p", "modality": "CAR-T", "target": "CD19", "cell_source": "autologous"},
    **{"n_treated": "15", "programme": "mine", "role": "context"},
}
COUNT = {
    **{"study": "mine_2027", "cohort": "all", "basket": "no", "outcome": "sri4"},
    **{"domain": "efficacy", "week": "12", "timing": "at", "statistic": "count", "events": "9"},
    **{"n": "15", "basis": "stated", "read_in": "primary", "locator": "abstract"},
}
HARM = COUNT | {"domain": "safety", "week": "", "timing": "during_followup"}
SCORE = COUNT | {"outcome": "sledai_2k", "domain": "activity_score", "statistic": "median"}
SCORE = SCORE | {"events": "", "week": "0", "value": "16"}
CHANGE = SCORE | {"week": "12", "statistic": "median_change", "value": "-10"}


def table(header, rows):
    return as_csv([header, *([row.get(name, "") for name in header] for row in rows)])


@pytest.fixture
def examine(tmp_path):
    """Return what is found in a folder of these rows alone."""

    def examined(*rows, studies=(STUDY,)):
        (tmp_path / "trials.csv").write_bytes(table(TRIALS, rows))
        (tmp_path / "studies.csv").write_bytes(table(STUDIES, studies))
        return tables.examine(tmp_path / "trials.csv")

    return examined


def test_the_rows_of_these_tests_are_sound(examine):
    found = examine(COUNT, HARM | {"outcome": "crs_any"}, SCORE, CHANGE)
    assert (found.problems, found.warnings) == ([], [])


# Rows, the column that is refused, and words of the message.
IMPOSSIBLE = {
    "n over n_treated": ([COUNT | {"n": "150"}], "n", "at most 15, the n_treated of mine_2027"),
    "events over n_treated": (
        [COUNT | {"statistic": "events_only", "n": "", "events": "16"}],
        "events",
        "at most 15",
    ),
    "a score over its instrument": ([SCORE | {"value": "106"}], "value", "0 to 105"),
    "a mean over its instrument": (
        [SCORE | {"statistic": "mean", "value": "140.5"}],
        "value",
        "0 to 105",
    ),
    "a change over its instrument": ([CHANGE | {"value": "-106"}], "value", "at most 105"),
    "a range over its instrument": (
        [SCORE | {"spread_kind": "range", "spread": "0-900"}],
        "spread",
        "0 to 105",
    ),
    "a deviation over its instrument": (
        [SCORE | {"spread_kind": "sd", "spread": "90"}],
        "spread",
        "at most 74.2",
    ),
    "a broken score of one": (
        [SCORE | {"statistic": "individual", "n": "1", "cohort": "P1", "value": "4.5"}],
        "value",
        "a whole number",
    ),
    "a broken minimum": ([SCORE | {"statistic": "minimum", "value": "7.123"}], "value", "whole"),
    "a median of thirds": ([SCORE | {"value": "4.3"}], "value", "one and a half"),
    "a range of fractions": (
        [SCORE | {"spread_kind": "range", "spread": "8.5-22"}],
        "spread",
        "whole numbers",
    ),
    "a mean below the minimum": (
        [SCORE | {"statistic": "minimum"}, SCORE | {"statistic": "mean", "value": "15.5"}],
        "value",
        "no value below 16",
    ),
    "a median above the maximum": (
        [SCORE | {"statistic": "maximum", "value": "12"}, SCORE],
        "value",
        "no value above 12",
    ),
    "a change at the baseline": ([CHANGE | {"week": "0"}], "week", "after the baseline"),
    "a count that falls": (
        [
            COUNT | {"timing": "by", "events": "12"},
            COUNT | {"timing": "by", "week": "26", "events": "2"},
        ],
        "events",
        "at least 12",
    ),
    "fewer by a week than at it": (
        [COUNT | {"events": "12"}, COUNT | {"timing": "by", "week": "26", "events": "2"}],
        "events",
        "at least 12",
    ),
    "fewer in all of follow-up than by a week": (
        [
            HARM | {"outcome": "flare", "timing": "by", "week": "12"},
            HARM | {"outcome": "flare", "events": "0"},
        ],
        "events",
        "at least 9",
    ),
    "a name that looks like another": (
        [COUNT, COUNT | {"cohort": "All", "week": "26"}],
        "cohort",
        "looks like 'all'",
    ),
}
IMPOSSIBLE_STUDY = {
    "PMID 0": ({"pmid": "0"}, "pmid"),
    "PMID of letters": ({"pmid": "PMC123"}, "pmid"),
    "a DOI with a full stop": ({"doi": "10.1000/abc."}, "doi"),
    "a DOI as an address": ({"doi": "https://doi.org/10.1000/abc"}, "doi"),
    "a digit of NCT lost": ({"registration": "NCT0637964"}, "registration"),
    "a digit of NCT too many": ({"registration": "NCT063796461"}, "registration"),
    "words for a registration": ({"registration": "see paper"}, "registration"),
    "two glued registrations": ({"registration": "NCT06379646NCT06379647"}, "registration"),
    "a year before cells were engineered": ({"year": "1955"}, "year"),
    "a year far off": ({"year": "2099"}, "year"),
    "cells of a donor made in the body": ({"modality": "in vivo CAR-T (mRNA-LNP)"}, "cell_source"),
    "an author of 5000 letters": ({"first_author": "x" * 5000}, "first_author"),
    "an author of spaces": ({"first_author": "\u3000 "}, "first_author"),
    "an author that prints nothing": ({"first_author": "\u3164"}, "first_author"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_be_is_refused(examine, name):
    rows, column, words = IMPOSSIBLE[name]
    (problem,) = examine(*rows).problems
    assert (problem.row, problem.column) == (len(rows) + 1, column)
    assert words in problem.message


@pytest.mark.parametrize("name", IMPOSSIBLE_STUDY)
def test_what_no_report_can_be_is_refused(examine, name):
    changes, column = IMPOSSIBLE_STUDY[name]
    (problem,) = examine(COUNT, studies=[STUDY | changes]).problems
    assert (problem.file, problem.row, problem.column) == ("studies.csv", 2, column)
    assert "llowed" in problem.message


@pytest.mark.parametrize(
    "registration",
    [
        *("NCT06379646", "NCT06379646 NCT06379647", "ChiCTR2400079999", "ChiCTR-OIC-17013295"),
        *("EudraCT 2022-001366-35", "2023-505678-12-00", "ISRCTN12345678", "jRCT2033210001"),
    ],
)
def test_numbers_of_registries_pass(examine, registration):
    assert examine(COUNT, studies=[STUDY | {"registration": registration}]).problems == []


PAIRS = [(part, whole) for part, wholes in collection_outcomes().wholes.items() for whole in wholes]


def test_every_pair_that_the_dictionary_can_name_is_there():
    named = {*PAIRS}
    for code in collection_outcomes().codes:
        if code.endswith("_grade3plus"):
            whole = code.replace("_grade3plus", "_any")
            assert whole not in collection_outcomes().codes or (code, whole) in named
    assert ("neutropenia_grade3plus", "cytopenia_any") in named  # through cytopenia_grade3plus


@pytest.mark.parametrize(("part", "whole"), PAIRS)
def test_a_part_is_never_more_than_its_whole(examine, part, whole):
    domains = collection_outcomes().domains
    rows = [
        HARM | {"outcome": whole, "domain": domains[whole], "events": "2"},
        HARM | {"outcome": part, "domain": domains[part], "events": "3"},
    ]
    equal = [row | {"cohort": "equal", "events": "2"} for row in rows]
    others = [rows[0] | {"cohort": "some"}, rows[1] | {"cohort": "others"}]
    note = "checked events: the source counts the part elsewhere"
    answered = [rows[0] | {"cohort": "answered"}, rows[1] | {"cohort": "answered", "note": note}]
    (problem,) = examine(*rows, *equal, *others, *answered).problems
    assert (problem.row, problem.column) == (3, "events")
    assert f"at most 2, the events of {whole} in row 2" in problem.message


@pytest.mark.parametrize("column", ["pmid", "doi"])
def test_one_identifier_is_one_report(examine, column):
    text = {"pmid": "12345678", "doi": "10.1000/ABC"}[column]
    other = STUDY | {"study": "other_2027", "first_author": "Roe R", column: text.lower()}
    found = examine(COUNT, studies=[STUDY | {column: text}, other])
    (problem,) = found.problems
    assert (problem.row, problem.column) == (3, column)
    assert "the same as in row 2" in problem.message
    two = other | {"source_note": f"checked {column}: two cohorts of one article"}
    assert examine(COUNT, studies=[STUDY | {column: text}, two]).problems == []


# Rows, changes of the study, the file and the column that is doubted.
ODD = {
    "n over n_treated of nobody knows whom": ([COUNT | {"n": "20", "basket": ""}], {}, "n"),
    "a share for a percentage": (
        [COUNT | {"statistic": "percent", "events": "", "value": "0.92"}],
        {},
        "value",
    ),
    "at and by": ([COUNT, COUNT | {"timing": "by"}], {}, "timing"),
    "one result of two cohorts": ([COUNT, COUNT | {"cohort": "whole cohort"}], {}, "cohort"),
    "a response before the treatment": ([COUNT | {"week": "0"}], {}, "week"),
    "after the end": ([COUNT | {"week": "52"}], {"followup": "6 months"}, "week"),
    "after the end in Chinese": ([COUNT | {"week": "52"}], {"followup": "随访6个月"}, "week"),
    "a zero lost": (
        [
            SCORE | {"statistic": "mean", "value": "31.3"},
            SCORE | {"statistic": "mean", "value": "5.35", "week": "26"},
        ],
        {},
        "value",
    ),
}
ODD_STUDY = {
    "another year": ({"year": "2025"}, "year"),
    "drugs beside none": (
        {"conditioning": "none", "conditioning_detail": "doses not found"},
        "conditioning",
    ),
    "a million treated": ({"n_treated": "1000000"}, "n_treated"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_one_warning_that_a_note_answers(examine, name):
    rows, changes, column = ODD[name]
    studies = [STUDY | changes]
    found = examine(*rows, studies=studies)
    (warning,) = found.warnings
    assert (found.problems, warning.file, warning.column) == ([], "trials.csv", column)
    assert "\n" not in str(warning)
    assert f"'checked {column}: ...'" in warning.message
    for answer in (f"checked {column}: so printed", f"x; 已核对 {column}：原文如此"):
        answered = [row | {"note": answer} for row in rows]
        assert examine(*answered, studies=studies).warnings == []
    elsewhere = [row | {"note": "checked locator: so printed"} for row in rows]
    assert len(examine(*elsewhere, studies=studies).warnings) == 1


@pytest.mark.parametrize("name", ODD_STUDY)
def test_what_is_odd_of_a_report_is_one_warning(examine, name):
    changes, column = ODD_STUDY[name]
    found = examine(COUNT, studies=[STUDY | changes])
    (warning,) = found.warnings
    assert (found.problems, warning.file, warning.column) == ([], "studies.csv", column)
    answer = {"source_note": f"checked {column}: as printed"}
    assert examine(COUNT, studies=[STUDY | changes | answer]).warnings == []


def test_two_reports_that_a_figure_could_not_tell_apart(examine):
    twin = STUDY | {"study": "doe_2027", "first_author": "D\u043ee J".replace("\u043e", "o")}
    (warning,) = examine(COUNT, studies=[STUDY, twin]).warnings
    assert (warning.row, warning.column) == (3, "first_author")


@pytest.mark.parametrize(
    "followup",
    ["median 6 months", "at least 6 months", "median 6 months (3-12)", "90 days, one 2 years", ""],
)
def test_a_follow_up_without_an_end_is_no_doubt(examine, followup):
    assert examine(COUNT | {"week": "52"}, studies=[STUDY | {"followup": followup}]).warnings == []


def test_the_warnings_stop_nothing(examine, tmp_path, capsys):
    from lupuscart.cli import main

    examine(COUNT | {"week": "0"})
    assert main(["check-data", str(tmp_path / "trials.csv")]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("warning: trials.csv, row 2, column week: '0'; ")
    assert out[1] == "mine_2027: 1 outcome, on pages 01, 02"
    assert out[-1] == "no problem in 2 rows"
    assert len(tables.load_trials(tmp_path / "trials.csv")) == 1


def test_the_answer_that_the_collection_gives_is_needed(tmp_path):
    for name, cells in CELLS.items():
        (tmp_path / f"{name}.csv").write_bytes(as_csv(cells))
    assert tables.examine(tmp_path / "trials.csv").warnings == []
    text = (tmp_path / "trials.csv").read_text(encoding="utf-8")
    (tmp_path / "trials.csv").write_text(text.replace("checked ", ""), encoding="utf-8")
    assert tables.examine(tmp_path / "trials.csv").warnings != []


@examples(60)
@given(
    st.integers(1, 15),
    st.integers(0, 15),
    st.integers(0, 15),
    st.sampled_from(["at", "by"]),
    st.integers(1, 60),
)
def test_a_later_cumulative_count_is_refused_exactly_when_it_falls(n, first, second, timing, weeks):
    if max(first, second) > n:
        return
    rows = [
        COUNT | {"n": str(n), "events": str(first), "week": "4", "timing": timing},
        COUNT | {"n": str(n), "events": str(second), "week": str(4 + weeks), "timing": "by"},
    ]
    sheet = tables.Sheet(
        "trials", "trials.csv", table(TRIALS, rows), outcomes=collection_outcomes()
    )
    tables.check_rules("trials", sheet)
    tables.check_rows("trials", sheet)
    assert bool(sheet.problems) == (second < first)


def test_a_review_agrees_with_itself(tmp_path):
    header, *rows = CELLS["reviews"]
    for name, cells in CELLS.items():
        (tmp_path / f"{name}.csv").write_bytes(as_csv(cells))
    place = {name: header.index(name) for name in header}
    for column, text in (("k_studies", "500"), ("n_patients", "400"), ("pmid", "1")):
        changed = [list(cells) for cells in rows]
        changed[1][place[column]] = text
        (tmp_path / "reviews.csv").write_bytes(as_csv([header, *changed]))
        problems, _ = tables.check_data(tmp_path / "trials.csv")
        assert [(each.row, each.column) for each in problems] == [(3, column)], column


def test_a_row_about_a_report_that_is_not_there_is_left_out(tmp_path):
    for name, cells in CELLS.items():
        (tmp_path / f"{name}.csv").write_bytes(as_csv(cells))
    for name in ("trials", "studies", "claims"):
        header, *rows = CELLS[name]
        kept = [cells for cells in rows if cells[0] in ("feng_2025", "disease")]
        (tmp_path / f"{name}.csv").write_bytes(as_csv([header, *kept]))
    header = CELLS["studies"][0]
    found = tables.examine(tmp_path / "trials.csv")
    assert found.problems == []
    assert {each.file for each in found.warnings} >= {"follow_up.csv", "announcements.csv"}
    assert set(tables.load_follow_up(tmp_path / "trials.csv")["study"]) == {"feng_2025"}
    text = (tmp_path / "follow_up.csv").read_text(encoding="utf-8")
    assert len(list(csv.reader(io.StringIO(text)))) > 2
