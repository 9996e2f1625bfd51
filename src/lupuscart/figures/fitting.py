"""Text in the room it has: broken into lines, and shortened where they do not suffice.

A name is shortened in its middle: the
author stands at its beginning, and the year, the cohort and the window at its end.
"""

import re
import unicodedata
from functools import cache

from matplotlib.font_manager import FontProperties

__all__ = ["LEFT_OUT", "fitted", "shown_lines", "text_width", "wrapped"]

LEFT_OUT = "…"

# After a blank, but not between a number and its unit or the word before it; after a Chinese
# comma or colon.
_BEFORE = "".join(rf"(?<!{word} )" for word in ("第", "wk", "week", "month", "≤", "≥"))
_BREAK = re.compile(rf"(?<= ){_BEFORE}(?![\u4e00-\u9fff])|(?<=[，；：])")


def text_width(text: str, font: FontProperties) -> float:
    """Return the width of a line of text in points.

    Examples
    --------
    >>> text_width("12/15", FontProperties(size=18)) < text_width("12/15", FontProperties(size=20))
    True
    """
    from matplotlib.textpath import text_to_path

    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return width


def fitted(text: str, *, width: float, lines: int, font: FontProperties) -> str:
    r"""Return a text in at most so many lines of at most so many points, shortened if it must be.

    Parameters
    ----------
    text : str
        Its own lines are kept apart, the shorter ones whole first.
    width : float
        Points.
    lines : int
        At least one; a text that has more lines of its own keeps one for each.
    font : FontProperties
        Families, size and weight of the type.

    Examples
    --------
    >>> name = "Chinese SLE Treatment and Research Group (CSTAR) Cell Therapy 2025, month 3"
    >>> type = FontProperties(family=["DejaVu Sans"], size=18)
    >>> print(fitted(name, width=480, lines=2, font=type))
    Chinese SLE Treatment and Research Group (CSTAR)
    Cell Therapy 2025, month 3
    >>> short = fitted(name, width=300, lines=1, font=type)
    >>> short.startswith("Chinese SLE T"), short.endswith("…2025, month 3")
    (True, True)
    """
    measure = _measure(font)
    parts = text.split("\n")
    broken = [_broken(part, width, measure) for part in parts]
    # The part that takes most lines gives one up, as long as one can.
    rooms = [len(each) for each in broken]
    while sum(rooms) > max(lines, len(parts)):
        rooms[rooms.index(max(rooms))] -= 1
    return "\n".join(
        "\n".join(each if len(each) <= room else _shortened(part, width, room, measure))
        for part, each, room in zip(parts, broken, rooms, strict=True)
    )


def wrapped(text: str, *, width: int, indent: int = 0) -> str:
    r"""Break a text into lines of so many Latin letters, all but the first indented.

    Examples
    --------
    >>> wrapped("1 more without a response", width=12)
    '1 more\nwithout a\nresponse'
    """
    lines = [""]
    for part in _BREAK.split(text):
        if lines[-1].strip() and _breadth((lines[-1] + part).rstrip()) > width:
            lines.append(" " * indent)
        lines[-1] += part
    return "\n".join(line.rstrip() for line in lines)


def shown_lines(text: str) -> int:
    """Return how many lines a text takes."""
    return text.count("\n") + 1


def _measure(font):
    """`text_width` in a font, each text measured once."""
    return cache(lambda text: text_width(text, font))


def _broken(text, width, measure) -> list[str]:
    """The lines of a text: broken where it may be, within a word only where that is too long."""
    if measure(text) <= width:
        return [text]
    lines = [""]
    for part in _BREAK.split(text):
        if lines[-1] and measure((lines[-1] + part).rstrip()) > width:
            lines.append("")
        lines[-1] += part
        while measure(lines[-1].rstrip()) > width and len(_clusters(lines[-1])) > 1:
            fits = _longest(_clusters(lines[-1]), width, measure)
            lines[-1:] = ["".join(fits), lines[-1][len("".join(fits)) :]]
    return [line.rstrip() for line in lines]


def _longest(clusters, width, measure):
    """As many of the first characters as fit, at least one."""
    few, many = 1, len(clusters) - 1
    while few < many:
        middle = (few + many + 1) // 2
        few, many = (
            (middle, many) if measure("".join(clusters[:middle])) <= width else (few, middle - 1)
        )
    return clusters[:few]


def _shortened(text, width, lines, measure) -> list[str]:
    """The text with as little of its middle left out as so many lines ask for."""
    clusters = _clusters(text)
    best, few, many = [LEFT_OUT], 0, len(clusters) - 1
    while few <= many:
        kept = (few + many) // 2
        head = "".join(clusters[: (kept + 1) // 2]).rstrip()
        tail = "".join(clusters[len(clusters) - kept // 2 :]).lstrip()
        tried = _broken(head + LEFT_OUT + tail, width, measure)
        if len(tried) <= lines:
            best, few = tried, kept + 1
        else:
            many = kept - 1
    return best


def _clusters(text) -> list[str]:
    """Characters, each with the accents and vowel signs that stand on it."""
    found = []
    for character in text:
        joined = unicodedata.category(character) in ("Mn", "Me", "Mc", "Cf")
        if found and (joined or found[-1].endswith("\u200d")):
            found[-1] += character
        else:
            found.append(character)
    return found


def _breadth(text):
    # A Chinese character takes as much as two Latin letters.
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
