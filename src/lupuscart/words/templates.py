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
    return message if language == LANGUAGES[0] else _retold(message, name, language)[0]


@cache
def _retold(message: str, name: str, language: str) -> tuple[str, int]:
    """Return the message in the language, and how many of its letters a sentence had."""
    parts = message.split("; ")
    found = [_sentence(message, name, language)]
    for place in range(1, len(parts)):
        first = _sentence("; ".join(parts[:place]), name, language)
        rest = _retold("; ".join(parts[place:]), name, language)
        found.append((f"{first[0]}；{rest[0]}", first[1] + rest[1]))
    # Of several ways to take it apart, the one that leaves least in English.
    return max(found, key=lambda each: each[1])


def _sentence(message: str, name: str, language: str) -> tuple[str, int]:
    """Return a message made from one sentence, and its letters; none if the catalogue has none."""
    for text, form, letters in _templates(name, language):
        found = form.fullmatch(message)
        if found:
            gaps = {gap: _retold(each, name, language) for gap, each in found.groupdict().items()}
            said = _GAP.sub(lambda gap, gaps=gaps: gaps[gap[1]][0], text)
            return said, letters + sum(score for _, score in gaps.values())
    return message, 0


@cache
def _templates(name: str, language: str):
    """Return each sentence, what finds it, and its letters: the most particular one first."""
    known = catalogue(name, language).items()
    found = [(text, _form(each), len(_GAP.sub("", each))) for each, text in known]
    return sorted(found, key=lambda each: each[2], reverse=True)


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
