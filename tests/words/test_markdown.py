"""Markdown is taken apart into what is translated, and put together as it was."""

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from lupuscart.words import lexicon, markdown
from lupuscart.words.markdown import translated_markdown, units

LINES = st.sampled_from(
    [
        *("# Title", "## 2 of 5", "one line", "another line", "- a point", "  more of it", ""),
        *("1. first", "> said", "| a | b |", "| --- | --- |", "| `n` | at \\| most |", "|x|y|"),
        *("```sh", "make test   # all", "```", "$p^2$", "![what](a.png)", "\t", "12 %", "- "),
    ]
)


@pytest.fixture
def chinese(monkeypatch):
    """Every unit has a translation that shows where it stands."""

    def catalogue(name, language):
        return {} if language == "en" else Marked()

    monkeypatch.setattr(lexicon, "catalogue", catalogue)
    with lexicon.using("zh"):
        yield


class Marked(dict):
    """A catalogue that has everything."""

    def get(self, text, default):
        return f"⟦{text}⟧"


@given(st.lists(LINES).map("\n".join))
def test_without_a_translation_every_text_stays_as_it_is(text):
    with lexicon.using("zh"):
        assert translated_markdown(text, "no_such_catalogue") == text


def test_no_page_loses_a_letter():
    for path in [*ROOT.glob("*.md"), *ROOT.glob("data/*.md"), *ROOT.glob("docs/*.md")]:
        text = path.read_text(encoding="utf-8")
        assert "".join(piece for piece, _ in markdown._pieces(text)) == text


def test_marks_stay_outside_of_what_is_translated(chinese):
    text = "## A title\n\nTwo\nlines.\n- a point\n  of two\n- `code` only\n\n"
    text += "| one | `n` |\n|---|---|\n"
    assert translated_markdown(text, "any") == (
        "## ⟦A title⟧\n\n⟦Two\nlines.⟧\n- ⟦a point\n  of two⟧\n- ⟦`code` only⟧\n\n"
        "| ⟦one⟧ | `n` |\n|---|---|\n"
    )


def test_code_is_translated_only_where_it_has_comments(chinese):
    text = "```sh\nmake test\n```\n\n```sh\nmake test  # all\n```\n"
    assert translated_markdown(text, "any") == (
        "```sh\nmake test\n```\n\n⟦```sh\nmake test  # all\n```⟧\n"
    )


def test_a_text_that_was_changed_has_no_translation_and_its_neighbours_keep_theirs():
    before, after = ("- One point.\n- Another point.", "- One point.\n- Another, changed.")
    assert set(units(before)) & set(units(after)) == {"One point."}
