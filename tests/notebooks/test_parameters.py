"""Every name and value of a parameter is checked, and every problem told at once."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_collection import add_notebook, make_root

from lupuscart.data.dictionary import load_datapackage
from lupuscart.notebooks.parameters import (
    CHECKS,
    as_type_of,
    check_parameters,
    search_behind,
    trials_path,
)
from lupuscart.notebooks.project import read_notebook

ALL = """\
trials_csv = "../data/trials.csv"
figures_dir = ""
confidence_level = 0.95
method = "clopper-pearson"
language = "en"
theme = "light"
context = "slides"
outcome = ""
study = "feng_2025"
role = "core"
n_min = 3
shown = True
levels = [0.8, 0.95]
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return make_root(tmp_path_factory.mktemp("collection") / "root")


@pytest.fixture(scope="module")
def notebooks(root):
    """One notebook with every kind of parameter, one with few, one without data."""
    return [
        read_notebook(add_notebook(root, "01_all.ipynb", parameters=ALL)),
        read_notebook(add_notebook(root, "02_few.ipynb", parameters='language = "zh"\nnote = "a"')),
        read_notebook(add_notebook(root, "03_level.ipynb", parameters="confidence_level = 0.8")),
    ]


def problems(notebooks, **given):
    with pytest.raises(ValueError) as refused:
        check_parameters(notebooks, given)
    return str(refused.value).splitlines()


def test_nothing_given_nothing_set(notebooks):
    assert check_parameters(notebooks, {}) == {
        "01_all.ipynb": {},
        "02_few.ipynb": {},
        "03_level.ipynb": {},
    }


def test_text_takes_the_type_of_the_default_and_goes_where_the_name_is(notebooks):
    given = {
        "confidence_level": "0.9",
        "language": "zh",
        "n_min": "12",
        "note": "12",
        "shown": "false",
        "levels": "0.5,0.9",
        "outcome": "sri4",
        "role": "context",
        "study": "wang_q_2025",
        "method": "wilson",
    }
    settings = check_parameters(notebooks, given)
    expected = {**given, "confidence_level": 0.9, "n_min": 12, "shown": False, "levels": [0.5, 0.9]}
    del expected["note"]
    assert settings["01_all.ipynb"] == expected
    assert isinstance(settings["01_all.ipynb"]["shown"], bool)
    assert settings["02_few.ipynb"] == {"language": "zh", "note": "12"}
    assert settings["03_level.ipynb"] == {"confidence_level": 0.9}


def test_every_problem_is_told_once_and_at_once(notebooks):
    told = problems(
        notebooks,
        confidence_levl=0.9,
        confidence_level=95,
        language="fr",
        method="wilsn",
        theme="pink",
        context="wall",
        outcome="sri5",
        study="feng_2026",
        role="main",
        n_min="few",
        figures_dir="here",
    )
    starts = [
        "parameter is 'confidence_levl'; did you mean 'confidence_level'?",
        "confidence_level is 95.0; allowed: a number between 0 and 1",
        "language is 'fr'; allowed: en, zh",
        "method is 'wilsn'; did you mean 'wilson'?",
        "theme is 'pink'",
        "context is 'wall'",
        "outcome is 'sri5'; did you mean 'sri4'?",
        "study is 'feng_2026'; did you mean 'feng_2025'?",
        "role is 'main'; allowed: context, core",
        "n_min is 'few'; allowed: a whole number",
        "figures_dir is no parameter here; use --figures-dir",
    ]
    assert len(told) == len(starts)
    for start in starts:
        assert sum(line.startswith(start) for line in told) == 1, start


@pytest.mark.parametrize("level", [0, 1, 95, "0", "1", "95", "abc", "nan", "", True, None])
def test_confidence_level(notebooks, level):
    (told,) = problems(notebooks[2:], confidence_level=level)
    assert told.startswith("confidence_level is ")


def test_empty_text_asks_for_no_restriction(notebooks):
    assert check_parameters(notebooks, {"outcome": ""})["01_all.ipynb"] == {"outcome": ""}
    assert check_parameters(notebooks, {"role": ""})["01_all.ipynb"] == {"role": ""}
    (told,) = problems(notebooks, language="")
    assert told.startswith("language is ''; ")


def test_a_users_path_counts_from_the_users_folder(notebooks, root, tmp_path, monkeypatch):
    mine = make_root(tmp_path / "mine")
    monkeypatch.chdir(mine)
    settings = check_parameters(notebooks, {"trials_csv": "data/trials.csv"})["01_all.ipynb"]
    assert settings == {"trials_csv": str(mine / "data" / "trials.csv")}
    assert trials_path(notebooks[0], settings) == mine / "data" / "trials.csv"
    assert trials_path(notebooks[0], {}) == root / "data" / "trials.csv"
    assert trials_path(notebooks[2], {}) is None


def test_values_are_looked_up_in_the_users_own_table(notebooks, tmp_path):
    table = make_root(tmp_path / "mine") / "data" / "trials.csv"
    rows = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join(row for row in rows if ",sri4," not in row), encoding="utf-8")
    (told,) = problems(notebooks, trials_csv=table, outcome="sri4")
    assert told.startswith("outcome is 'sri4'; ")


def test_a_missing_table(notebooks, tmp_path):
    (told,) = problems(notebooks, trials_csv=tmp_path / "none.csv")
    assert "none.csv" in told


def test_all_problems_of_the_data_come_with_those_of_the_parameters(notebooks, tmp_path):
    folder = make_root(tmp_path / "mine") / "data"
    table = folder / "trials.csv"
    text = table.read_text(encoding="utf-8").replace(",12,15,", ",16,15,")
    table.write_text(text.replace(",13,15,", ",many,15,"), encoding="utf-8")
    reviews = folder / "reviews.csv"
    reviews.write_text(reviews.read_text(encoding="utf-8").replace(",45,64,", ",450,64,"))
    told = "\n".join(problems(notebooks, trials_csv=table, theme="pink"))
    for part in ("'16'", "'many'", "'450'", "theme is 'pink'"):
        assert part in told


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(), st.booleans(), st.text())
def test_printed_values_are_read_back(number, whole, flag, text):
    assert as_type_of(0.5, "x", repr(number)) == number
    assert as_type_of(5, "x", repr(whole)) == whole
    assert as_type_of(True, "x", repr(flag)) is flag
    assert as_type_of("a", "x", text) == text
    assert as_type_of([0.5], "x", [number, repr(number)]) == [number, number]
    assert as_type_of([5], "x", repr([whole, whole])) == [whole, whole]


@pytest.mark.parametrize(
    "text", ["1_2", "\uff11\uff12", "\u0663", "0x10", "1e400", "nan", "", "9" * 5000]
)
@pytest.mark.parametrize("default", [5, 0.5])
def test_other_ways_to_write_a_number_are_refused(default, text):
    with pytest.raises(ValueError, match="n_min is "):
        as_type_of(default, "n_min", text)


def test_a_number_beyond_all_floats_is_refused_by_name():
    for name in ("week", "window"):
        with pytest.raises(ValueError, match=f"{name} is 1000"):
            CHECKS[name](10**400, None)


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.complex_numbers(),
    st.lists(st.one_of(st.integers(), st.text(), st.floats())),
    st.dictionaries(st.text(), st.text()),
)


@given(anything, st.sampled_from([True, 5, 0.5, "a", ["a"], [5], []]))
def test_any_value_is_taken_in_its_type_or_refused_by_name(value, default):
    try:
        taken = as_type_of(default, "the_name", value)
    except ValueError as refused:
        assert "the_name is " in str(refused)
    else:
        assert type(taken) is type(default)


def test_a_list_in_text():
    assert as_type_of(["a"], "x", "sri4, doris") == ["sri4", "doris"]
    assert as_type_of(["a"], "x", '["sri4", "doris"]') == ["sri4", "doris"]
    assert as_type_of([5], "x", "") == as_type_of([5], "x", "[]") == []
    with pytest.raises(ValueError, match="an item of x is 'b'; allowed: a whole number"):
        as_type_of([5], "x", "1,b")


@pytest.mark.parametrize("says", [None, {"until": "2025-06", "sentence_en": "Looked for."}, {}])
def test_the_search_is_that_of_the_folder_whose_tables_are_read(notebooks, tmp_path, says):
    """A folder without a word on its search was not searched when the collection was."""
    if says is not None:
        package = json.dumps({"search": says})
        (tmp_path / "datapackage.json").write_text(package, encoding="utf-8")
    given = {"trials_csv": tmp_path / "trials.csv"}
    assert search_behind(notebooks, given) == (says or {})


def test_pages_without_tables_have_the_search_of_the_collection(notebooks):
    assert search_behind(notebooks[1:], {}) == load_datapackage()["search"]
