"""An outcome is defined in one place, and a folder can define its own."""

import pytest
from damage import CELLS, as_csv, copy_data

from lupuscart.data import outcomes, tables
from lupuscart.data.tables import DataError
from lupuscart.evidence import endpoints, needs
from lupuscart.words import lexicon
from lupuscart.words.labels import outcome_words

HEADER = CELLS["outcomes"][0]
MG = {
    **{"code": "mg_adl_improved", "domain": "efficacy", "is_response": "yes"},
    **{"label_en": "MG-ADL improved", "label_zh": "MG-ADL 改善"},
    **{
        "definition_en": "MG-ADL lower by at least 2 points",
        "definition_zh": "MG-ADL 下降至少 2 分",
    },
    "source": "protocol",
}
CRISIS = MG | {
    **{"code": "mg_crisis", "domain": "safety", "is_response": "no"},
    **{"label_en": "myasthenic crisis", "label_zh": "肌无力危象", "short_en": "crisis"},
}
SCORE = MG | {
    **{"code": "qmg", "domain": "activity_score", "is_response": "no", "label_en": "QMG"},
    **{"label_zh": "QMG", "minimum": "0", "maximum": "39", "whole_numbers": "yes"},
}


@pytest.fixture(autouse=True)
def _collection_again():
    yield
    outcomes.use(outcomes.collection_outcomes())


@pytest.fixture
def folder(tmp_path):
    """Return a function that writes a folder: definitions, and rows that use them."""
    copy_data(tmp_path)

    def write(definitions, rows, header=HEADER):
        cells = [header, *([row.get(name, "") for name in header] for row in definitions)]
        (tmp_path / "outcomes.csv").write_bytes(as_csv(cells))
        trials = CELLS["trials"]
        place = {name: trials[0].index(name) for name in trials[0]}
        added = []
        for changes in rows:
            row = list(trials[1])
            row[place["note"]] = ""
            for name, text in changes.items():
                row[place[name]] = text
            added.append(row)
        (tmp_path / "trials.csv").write_bytes(as_csv([*trials, *added]))
        return tmp_path / "trials.csv"

    return write


ROWS = [
    {"outcome": "mg_adl_improved"},
    {"outcome": "mg_crisis", "domain": "safety", "events": "1"},
    {
        **{"outcome": "qmg", "domain": "activity_score", "statistic": "median", "events": ""},
        **{"value": "12", "week": "0", "timing": "at"},
    },
]


@pytest.mark.parametrize("columns", [HEADER, HEADER[:11]])
def test_an_outcome_of_another_disease_needs_its_definition_alone(folder, columns):
    trials_csv = folder([MG, CRISIS, SCORE], ROWS, columns)
    found = tables.examine(trials_csv)
    assert (found.problems, found.warnings) == ([], [])
    trials = tables.load_trials(trials_csv)
    own = trials[trials.outcome.isin(["mg_adl_improved", "mg_crisis", "qmg"])]
    assert len(own) == 3
    assert endpoints.response_endpoints()[-1] == "mg_adl_improved"
    assert endpoints.harms()[-1] == "mg_crisis"
    assert endpoints.by_endpoint(own)["outcome"].tolist() == ["mg_adl_improved"]
    assert bool(endpoints.choose_reports(own).kept["is_response"].all())
    assert outcome_words("mg_crisis") == "crisis"
    with lexicon.using("zh"):
        assert lexicon.word_for("outcome", "mg_crisis") == "肌无力危象"
        assert outcome_words("mg_crisis") == "肌无力危象"
    assert needs.lacking("02", own) == []
    # The reading order of what is there already stays, and one's own comes last.
    chosen = tables.select_trials(trials, tables.load_studies(trials_csv), study="feng_2025")
    assert chosen["outcome"].tolist()[0] == "lldas_and_doris"


def test_limits_of_ones_own_instrument_hold(folder):
    for value, words in (("40", "0 to 39"), ("12.3", "a whole number or one and a half")):
        (problem,) = tables.examine(
            folder([MG, CRISIS, SCORE], [ROWS[2] | {"value": value}])
        ).problems
        assert words in problem.message


def test_a_part_of_ones_own_outcome(folder):
    fatal = CRISIS | {"code": "mg_crisis_fatal", "contained_in": "mg_crisis"}
    rows = [ROWS[1], ROWS[1] | {"outcome": "mg_crisis_fatal", "events": "2"}]
    (problem,) = tables.examine(folder([CRISIS, fatal], rows)).problems
    assert "the events of mg_crisis in row" in problem.message


def test_an_outcome_without_a_definition_is_named(folder):
    trials_csv = folder([MG], [{"outcome": "mg_adl_improve"}, {"outcome": "zzzz"}])
    near, far = tables.check_data(trials_csv)[0]
    assert near.file == "trials.csv"
    assert near.row == len(CELLS["trials"]) + 1
    assert near.message.startswith("did you mean 'mg_adl_improved'? allowed: sri4")
    assert "mg_adl_improved; a new one needs a row in outcomes.csv" in far.message
    assert "did you mean" not in far.message


def test_a_label_of_ones_own_is_understood(folder):
    (problem,) = tables.check_data(folder([MG], [{"outcome": "MG-ADL 改善"}]))[0]
    assert "did you mean 'mg_adl_improved'?" in problem.message


@pytest.mark.parametrize("column", ["label_en", "label_zh", "definition_en", "definition_zh"])
def test_a_definition_without_one_of_its_languages_is_named(folder, column):
    trials_csv = folder([MG | {column: ""}], ROWS[:1])
    (problem,) = tables.check_data(trials_csv)[0]
    assert (problem.file, problem.row, problem.column) == ("outcomes.csv", 2, column)
    with pytest.raises(DataError, match=f"column {column}: the cell is empty"):
        tables.load_trials(trials_csv)


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"domain": "effect"}, "domain"),
        ({"code": "MG improved"}, "code"),
        ({"minimum": "0"}, "minimum"),
        ({"contained_in": "mg_adl_improved"}, "contained_in"),
        ({"contained_in": "nothing_known"}, "contained_in"),
        ({"is_response": "maybe"}, "is_response"),
    ],
)
def test_a_definition_that_is_none_is_named(folder, changes, column):
    (problem,) = tables.check_data(folder([MG | changes], []))[0]
    assert (problem.file, problem.row, problem.column) == ("outcomes.csv", 2, column)


def test_a_folder_without_definitions_has_those_of_the_collection(tmp_path):
    trials_csv = copy_data(tmp_path)
    expected = tables.load_outcomes(trials_csv)
    (tmp_path / "outcomes.csv").unlink()
    assert tables.check_data(trials_csv)[0] == []
    assert tables.load_outcomes(trials_csv).equals(expected)
    assert expected["code"].tolist() == [cells[0] for cells in CELLS["outcomes"][1:]]


def test_the_columns_of_a_folder_of_an_earlier_year(tmp_path):
    trials_csv = copy_data(tmp_path)
    expected = tables.load_trials(trials_csv)
    for name, lacking in (
        ("trials", {"basket"}),
        ("studies", {"citation", "contains"}),
        ("benchmarks", {"dose", "closeness", "matches", "separates"}),
    ):
        header = CELLS[name][0]
        places = [place for place, column in enumerate(header) if column not in lacking]
        rows = [[cells[place] for place in places] for cells in CELLS[name]]
        (tmp_path / f"{name}.csv").write_bytes(as_csv(rows))
    for name in ("outcomes", "follow_up", "announcements", "registrations"):
        (tmp_path / f"{name}.csv").unlink()
    found = tables.examine(trials_csv)
    assert found.problems == []
    loaded = tables.load_trials(trials_csv)
    assert loaded.columns.tolist() == expected.columns.tolist()
    assert loaded["basket"].isna().all()
    assert tables.load_studies(trials_csv)["contains"].isna().all()


def test_the_outcomes_of_one_folder_are_not_those_of_the_next(folder, tmp_path):
    tables.load_trials(folder([MG], ROWS[:1]))
    assert "mg_adl_improved" in endpoints.response_endpoints()
    tables.load_trials("data/trials.csv")
    assert "mg_adl_improved" not in endpoints.response_endpoints()
    assert lexicon.word_for("outcome", "mg_adl_improved") == "mg_adl_improved"


def test_a_word_that_lacks_a_language_is_not_registered():
    with pytest.raises(ValueError, match=r"outcome\.x has no words in 'zh'"):
        lexicon.register({"outcome.x": {"en": "x", "zh": ""}})
