"""The longest of several headlines that a slide has room for."""

import unicodedata

from lupuscart.words.lexicon import current_language

__all__ = ["breadth", "first_that_fits"]

# Letters; in Chinese, characters.
_ROOM = {"en": 90, "zh": 40}


def first_that_fits(*headlines: str) -> str:
    """Return the first headline that has room, or else the last.

    Parameters
    ----------
    *headlines : str
        In the reader's language, the one that says most first.

    Examples
    --------
    >>> first_that_fits("Everybody responded. " * 9, "Everybody responded.")
    'Everybody responded.'
    """
    room = _ROOM[current_language()]
    return next((each for each in headlines if breadth(each) <= room), headlines[-1])


def breadth(text: str) -> float:
    """Return how many letters a text is wide; in Chinese, characters, of which a letter is half.

    Examples
    --------
    >>> breadth("12/15")
    5
    """
    if current_language() == "en":
        return len(text)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return (len(text) + wide) / 2
