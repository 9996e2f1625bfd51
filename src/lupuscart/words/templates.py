"""Messages in another language, found again by the sentence they were made from.

The data room says what is wrong in English, from sentences with gaps; a catalogue has the
sentences, ``allowed: at most n, which is {n}``. What stands in a gap may be a message itself.
"""

import re
from functools import cache

from lupuscart.words.catalogue import catalogue
from lupuscart.words.lexicon import LANGUAGES, current_language

__all__ = ["retold"]

_GAP = re.compile(r"\{(\w+)(?:![rs])?\}")


def retold(message: str, name: str) -> str:
    """Return a message in the reader's language, as far as the catalogue knows its parts.

    Parameters
    ----------
    message : str
        In English, its gaps filled.
    name : str
        The catalogue.

    Examples
    --------
    >>> from lupuscart.words.lexicon import using
    >>> with using("zh"):
    ...     retold("the cell is empty; allowed: a number, since statistic is count", "check_data")
    '单元格为空；应为：一个数字，因为 statistic 为 count'
    """
    language = current_language()
    return message if language == LANGUAGES[0] else _retold(message, name, language)


@cache
def _retold(message: str, name: str, language: str) -> str:
    parts = message.split("; ")
    # The longest beginning that is a sentence; what follows may be another.
    for count in range(len(parts), 0, -1):
        said = _sentence("; ".join(parts[:count]), name, language)
        if said is not None:
            break
    else:
        count, said = 1, parts[0]
    if count == len(parts):
        return said
    return f"{said}；{_retold('; '.join(parts[count:]), name, language)}"


def _sentence(message: str, name: str, language: str) -> str | None:
    """Return a message made from one sentence; None if the catalogue has none."""
    for text, form in _templates(name, language):
        found = form.fullmatch(message)
        if found:
            filled = {gap: _retold(each, name, language) for gap, each in found.groupdict().items()}
            return _GAP.sub(lambda gap, filled=filled: filled[gap[1]], text)
    return None


@cache
def _templates(name: str, language: str):
    """Return each sentence in the language, with what finds it: the most particular one first."""
    known = catalogue(name, language)
    order = sorted(known, key=lambda english: len(_GAP.sub("", english)), reverse=True)
    return [(known[english], _form(english)) for english in order]


def _form(english: str) -> re.Pattern:
    seen: set[str] = set()
    parts = []
    for place, part in enumerate(_GAP.split(english)):
        if place % 2 == 0:
            parts.append(re.escape(part))
        else:
            parts.append(f"(?P={part})" if part in seen else f"(?P<{part}>.*?)")
            seen.add(part)
    return re.compile("".join(parts), re.DOTALL)
