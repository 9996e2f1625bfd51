"""A picture that is pasted elsewhere still says where its numbers are from."""

import json
import shutil

import pandas as pd
import pytest
from conftest import ROOT, TRIALS_CSV
from hypothesis import given
from hypothesis import strategies as st

from lupuscart.atomic import TITLE_VARIABLE
from lupuscart.data import dictionary, tables
from lupuscart.figures import style
from lupuscart.reporting.finding import Finding
from lupuscart.words.labels import date_words
from lupuscart.words.sources import short_sources

UNTIL = json.loads((ROOT / "data/datapackage.json").read_text(encoding="utf-8"))["search"]["until"]


@pytest.fixture
def reports(studies):
    """The studies table, of the folder loaded last."""
    tables.load_studies(TRIALS_CSV)
    return studies


def draw():
    ax = style.new_figure().add_subplot()
    ax.plot([0, 1], [0, 1])
    return ax


def saved(rows, **options):
    finding = Finding("response", pd.DataFrame(), "Found.", ["A: 1 of 2."], draw, rows, **options)
    return finding.save("one", "").figure


def texts(figure):
    return [text.get_text() for text in figure.texts]


@pytest.mark.parametrize("context", ["notebook", "journal"])
@pytest.mark.parametrize("count", [1, 2, 3, 10, 31])
def test_every_picture_names_its_reports_or_counts_them(reports, language, context, count):
    style.use_style(context=context, language=language)
    (line,) = texts(saved([reports.head(count)]))
    names = [f"{row.first_author} {row.year}" for row in reports.head(count).itertuples()]
    assert all(name in line for name in names) or str(count) in line
    assert line.endswith(date_words(UNTIL))
    if count <= 3:
        assert names[0] in line


def test_what_is_computed_says_so_and_names_no_search(reports, language):
    style.use_style(language=language)
    (line,) = texts(saved([], assumed=(0.8, 0.4)))
    assert "80" in line and "40" in line and date_words(UNTIL) not in line


def test_a_slide_has_a_line_of_its_own_for_that(reports):
    style.use_style(context="slides")
    assert texts(saved([reports])) == []


@pytest.mark.parametrize("until", ["2024", "2025-03", "2025-03-09", None])
def test_the_date_is_that_of_the_folder_that_was_loaded(tmp_path, language, until):
    style.use_style(language=language)
    for name in ("trials", "studies"):
        shutil.copy(ROOT / f"data/{name}.csv", tmp_path)
    if until is not None:
        search = {"search": {"until": until}}
        (tmp_path / "datapackage.json").write_text(json.dumps(search), encoding="utf-8")
    rows = tables.load_studies(tmp_path / "trials.csv").head(2)
    (line,) = texts(saved([rows]))
    assert line.endswith(date_words(until) if until else str(rows["year"].iloc[-1]))
    tables.load_studies(TRIALS_CSV)


@pytest.mark.parametrize("until", ["soon", "2025-13", "2025-1", 2025.5, "2025-02-40"])
def test_a_date_that_is_none_is_refused_by_name(tmp_path, until):
    package = json.dumps({"search": {"until": until}})
    (tmp_path / "datapackage.json").write_text(package, encoding="utf-8")
    with pytest.raises(ValueError, match=r"datapackage.json, search, until is .*allowed: a year"):
        dictionary.search_of(tmp_path / "trials.csv")


@given(st.integers(1, 40))
def test_fewer_words_are_never_longer(count):
    names = [f"Author{n}" for n in range(count)]
    rows = pd.DataFrame({"study": names, "first_author": names, "year": 2026})
    lengths = [len(each) for each in short_sources([rows], until="2026-11")]
    assert count < 4 or lengths == sorted(lengths, reverse=True)
    assert all(name in short_sources([rows])[0] for name in names)


@pytest.mark.parametrize("wanted", ["0", "1"])
def test_a_picture_has_its_finding_as_title_where_it_is_asked_for(reports, monkeypatch, wanted):
    style.use_style()
    monkeypatch.setenv(TITLE_VARIABLE, wanted)
    title = saved([reports])._suptitle
    assert (title is not None) == (wanted == "1")
    assert title is None or title.get_text() == "Found."
