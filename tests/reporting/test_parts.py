"""A finding of several figures says its answer once, and no headline twice."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lupuscart.reporting.finding import Finding
from lupuscart.reporting.headlines import breadth
from lupuscart.reporting.parts import Parts


def _figure(number, headline=None):
    headline = headline or f"Headline {number}."
    return Finding(
        *("response", pd.DataFrame({"n": [number]}), headline, [f"Row {number}."]),
        draw=None,
        answer=["The answer."],
        supports=["This."],
        does_not_support=["That."],
    )


@pytest.mark.parametrize("count", range(4))
def test_only_the_first_figure_holds_the_answer_and_the_balance(count):
    parts = Parts(lambda: [_figure(number) for number in range(count)])
    said = [(each.answer, each.supports, each.does_not_support) for each in parts.figures]
    once = (["The answer."], ["This."], ["That."])
    assert said == [once, *[([], [], [])] * (count - 1)][:count]
    assert parts.sentences == [f"Row {number}." for number in range(count)]
    assert [each.headline for each in parts.figures] == [f"Headline {n}." for n in range(count)]


@given(st.lists(st.sampled_from(["None seen.", "Some seen.", "All seen."]), min_size=1))
def test_no_two_figures_have_the_same_headline_and_each_has_its_own_words(headlines):
    figures = [_figure(number, headline) for number, headline in enumerate(headlines)]
    parts = Parts(lambda: figures)
    said = [figure.headline for figure in parts.figures]
    assert len(set(said)) == len(said)
    assert said[0] == headlines[0]
    for part, (shown, own) in enumerate(zip(said, headlines, strict=True), 1):
        assert shown == own or shown == f"Part {part} of {len(headlines)}: {own}"


@given(st.lists(st.integers(1, 90), min_size=2, max_size=12))
def test_a_number_never_makes_a_headline_too_long(lengths):
    figures = [_figure(number, "a" * length) for number, length in enumerate(lengths)]
    parts = Parts(lambda: figures)
    said = [figure.headline for figure in parts.figures]
    assert len(set(said)) == len(said)
    assert max(map(breadth, said)) <= 90


def test_without_figures_a_page_has_a_sentence_where_the_first_would_be():
    parts = Parts(list, "No report gives it.")
    assert parts.save("10_none", "").text == "No report gives it."
    assert parts.save_first("10_none", "").text == "No report gives it."
    assert list(parts.save_others("10_none", "").pictures) == []
