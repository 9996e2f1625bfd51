"""A message is found again by the sentence it was made from, and told in Chinese whole."""

import pytest

from lupuscart.data.problems import CATALOGUE
from lupuscart.words import templates
from lupuscart.words.lexicon import using
from lupuscart.words.templates import retold

KNOWN = {
    "allowed: at most {n}": "应为：不超过 {n}",
    "allowed: {codes}": "应为：{codes}",
    "did you mean {near}? {allowed}": "是否想写 {near}？{allowed}",
    "{a} is {a}": "{a} 即 {a}",
    "since week is {week}": "因为 week 为 {week}",
    "the cell is empty; {allowed}": "单元格为空；{allowed}",
}


@pytest.fixture
def known(monkeypatch):
    monkeypatch.setattr(templates, "catalogue", lambda name, language: KNOWN)
    templates._retold.cache_clear()
    templates._templates.cache_clear()
    with using("zh"):
        yield
    templates._retold.cache_clear()
    templates._templates.cache_clear()


@pytest.mark.parametrize(
    ("message", "chinese"),
    [
        ("allowed: at most 5", "应为：不超过 5"),
        ("allowed: a, b", "应为：a, b"),
        ("did you mean 'a'? allowed: at most 5", "是否想写 'a'？应为：不超过 5"),
        ("the cell is empty; allowed: at most 5", "单元格为空；应为：不超过 5"),
        ("x is x", "x 即 x"),
        ("x is y", "x is y"),
        ("nothing known; allowed: at most 5", "nothing known；应为：不超过 5"),
        ("{n} (?P<n>", "{n} (?P<n>"),
        ("allowed: at most a\nb", "应为：不超过 a\nb"),
    ],
)
def test_the_most_particular_sentence_is_found_and_its_gaps_are_kept(known, message, chinese):
    assert retold(message, "any") == chinese


def test_english_stays_as_it_is():
    for message in KNOWN:
        assert retold(message, CATALOGUE) == message
