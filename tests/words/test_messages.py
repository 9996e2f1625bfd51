"""A message is English as it stands and is told in Chinese whole, gaps and all."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lupuscart.data.problems import CATALOGUE
from lupuscart.words import messages
from lupuscart.words.lexicon import using
from lupuscart.words.messages import Message, told

KNOWN = {
    "allowed: at most {n}": "应为：不超过 {n}",
    "allowed: {codes}": "应为：{codes}",
    "did you mean {near!r}? {allowed}": "是否想写 {near!r}？{allowed}",
    "{a} is {a}": "{a} 即 {a}",
    "since week is {week}": "因为 week 为 {week}",
    "the cell is empty; {allowed}": "单元格为空；{allowed}",
    "a whole number": "整数",
}


@pytest.fixture
def known(monkeypatch):
    monkeypatch.setattr(messages, "catalogue", lambda name, language: KNOWN)
    with using("zh"):
        yield


AT_MOST = Message("allowed: at most {n}", n=5)


@pytest.mark.parametrize(
    ("message", "chinese"),
    [
        (AT_MOST, "应为：不超过 5"),
        (
            Message("did you mean {near!r}? {allowed}", near="a", allowed=AT_MOST),
            "是否想写 'a'？应为：不超过 5",
        ),
        (Message("{a} is {a}", a="x"), "x 即 x"),
        (Message("allowed: {codes}", codes="a whole number"), "应为：整数"),
        (
            Message("nothing known of {n}; {allowed}", n=1, allowed=AT_MOST),
            "nothing known of 1; 应为：不超过 5",
        ),
        (Message("the cell is empty; {allowed}", allowed="a text"), "单元格为空；a text"),
        ("a whole number", "整数"),
        ("{n} is no gap of a text", "{n} is no gap of a text"),
    ],
)
def test_a_message_is_told_with_its_gaps(known, message, chinese):
    assert told(message, "any") == chinese


@given(st.text(max_size=30))
def test_whatever_stands_in_a_gap_stays_as_it_is(text):
    """A cell may hold braces, or what reads like another sentence: it is quoted, never read."""
    message = Message("allowed: {codes}", codes=f"{text}'").filled(codes="no", n=3)
    assert message == f"allowed: {text}'"
    outer = Message("the cell is empty; {allowed}", allowed=message)
    with pytest.MonkeyPatch.context() as patch, using("zh"):
        patch.setattr(messages, "catalogue", lambda name, language: KNOWN)
        assert told(outer, "any") == f"单元格为空；应为：{text}'"


def test_a_gap_is_filled_later_also_in_a_message_within():
    since = Message("since week is {week}")
    message = Message("allowed: at most {n}, {since}", since=since)
    assert message == "allowed: at most {n}, since week is {week}"
    assert message.filled(n=5) == "allowed: at most 5, since week is {week}"
    assert Message(message, n=5).filled(week=12, other=1) == "allowed: at most 5, since week is 12"


def test_a_copy_is_told_as_well(known):
    for other in (copy.deepcopy(AT_MOST), pickle.loads(pickle.dumps(AT_MOST))):
        assert other == AT_MOST
        assert told(other, "any") == "应为：不超过 5"


def test_english_stays_as_it_is():
    for sentence in KNOWN:
        assert told(Message(sentence), CATALOGUE) == sentence
