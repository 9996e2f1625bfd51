"""Chinese sentences whose gaps are filled: spaces and brackets as a journal sets them.

A sentence in ``words.csv`` cannot know whether a gap will hold Chinese or Latin. Where the two meet
there is a space, between Chinese characters there is none, and brackets in brackets are square
(GB/T 15834). Only the ends of a gap are touched: what stands in it stays as it is.
"""

import re
from collections.abc import Mapping

__all__ = ["filled_in_chinese"]

# Never in a text: the tables refuse it.
_END = "\x01"
_HAN = "\u4e00-\u9fff"
_MARKS = "，。；：、？！（）“”《》～"

_BETWEEN = re.compile(rf"(?<=[{_HAN}]){_END}(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%]){_END}(?=[{_HAN}])")
_SPACE = re.compile(
    rf"(?<=[{_HAN}{_MARKS}])(?:{_END} | {_END})(?=[{_HAN}{_MARKS}])"
    rf"|(?<=[{_MARKS}]){_END} (?=\w)|(?<=\w) {_END}(?=[{_MARKS}])"
)


def filled_in_chinese(text: str, gaps: Mapping[str, object]) -> str:
    """Return a Chinese sentence with its gaps filled.

    Parameters
    ----------
    text : str
        With named gaps in braces.
    gaps : mapping
        What stands in them.

    Examples
    --------
    >>> filled_in_chinese("{study}未达 {outcome} 者", {"study": "A 2025", "outcome": "缓解"})
    'A 2025 未达缓解者'
    >>> filled_in_chinese("{k} 例（{limit}）", {"k": 5, "limit": "上限（Wilson）"})
    '5 例（上限［Wilson］）'
    """
    ended = {name: f"{_END}{gap}{_END}" for name, gap in gaps.items() if isinstance(gap, str)}
    filled = text.format(**{**gaps, **ended})
    filled = _BETWEEN.sub(" ", _SPACE.sub("", filled)).replace(_END, "")
    return _square_inside(filled) if filled.count("（") > 1 else filled


def _square_inside(text: str) -> str:
    """Make brackets inside of brackets square."""
    depth, letters = 0, []
    for letter in text:
        depth += letter in "（［"
        inner = depth > 1 and letter in "（）"
        letters.append("［］"["（）".index(letter)] if inner else letter)
        depth -= letter in "）］" and depth > 0
    return "".join(letters)
