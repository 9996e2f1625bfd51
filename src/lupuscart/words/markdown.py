r"""Markdown in another language: taken apart into what a translator translates, and put together.

A unit is a heading, a paragraph, a point of a list or a cell of a table, without the marks that
make it one; so a changed point leaves the Chinese of its neighbours as it is.

Examples
--------
>>> units("## Fine print\n\n- One `n`.\n- Two.\n\n| one | `b` |\n| --- | --- |\n")
['Fine print', 'One `n`.', 'Two.', 'one']
"""

import re
from collections.abc import Iterator

from lupuscart.words.catalogue import catalogue
from lupuscart.words.lexicon import LANGUAGES, current_language, translated

__all__ = ["is_prose", "is_translated", "translated_markdown", "units"]

# A block of code, the rule below a table's head, a row of a table, or the marks before a text.
_CODE = re.compile(r"(^```.*?^```$)", re.DOTALL | re.MULTILINE)
_RULE = re.compile(r"\|[-:| ]+\|")
_MARKS = re.compile(r"#+ |[-*] |[0-9]+\. |> ")
_CELLS = re.compile(r"((?:^|(?<!\\))\| ?| ?\|$)")

# What needs no translation: code, formulas, addresses, codes and files of the data.
_BARE = re.compile(
    r"`[^`]*`|\$[^$]*\$|\]\([^)]*\)|https?://\S+|&[a-z]+;|\b\w+(_\w+)+\b|\b\w+\.csv\b"
)


def units(text: str) -> list[str]:
    """Return the texts to translate in a piece of Markdown, in order."""
    return [piece for piece, is_unit in _pieces(text) if is_unit]


def translated_markdown(text: str, name: str) -> str:
    r"""Return Markdown in the reader's language; a unit that the catalogue lacks stays.

    Parameters
    ----------
    text : str
        English.
    name : str
        The catalogue.

    Examples
    --------
    >>> from lupuscart.words.lexicon import using
    >>> with using("zh"):
    ...     translated_markdown("## Fine print\n\n`n`", "02_response")
    '## 补充说明\n\n`n`'
    """
    pieces = _pieces(text)
    return "".join(translated(each, name) if is_unit else each for each, is_unit in pieces)


def is_translated(text: str, name: str) -> bool:
    """Whether a piece of Markdown can be shown in the reader's language, whole."""
    language = current_language()
    return language == LANGUAGES[0] or set(units(text)) <= set(catalogue(name, language))


def is_prose(text: str) -> bool:
    """Whether a text has words: more than code, formulas and numbers.

    Examples
    --------
    >>> is_prose("one row"), is_prose("`n`"), is_prose("crs_any"), is_prose("12 %")
    (True, False, False, False)
    """
    return re.search(r"[^\W\d_]{2}", _BARE.sub("", text)) is not None


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of Markdown, which joined are the text, and whether each is a unit."""
    for place, part in enumerate(_CODE.split(text)):
        if place % 2:
            # Comments of a block of code are words.
            yield part, re.search(r"(^|\s)# \w", part) is not None
            continue
        block: list[str] = []
        for line in part.splitlines(keepends=True):
            if line.startswith("|") or not line.strip() or _MARKS.match(line):
                yield from _unit("".join(block))
                block = []
            if line.startswith("|"):
                yield from _row(line)
            elif line.strip():
                block.append(line)
            else:
                yield line, False
        yield from _unit("".join(block))


def _row(line: str) -> Iterator[tuple[str, bool]]:
    row, end = line.rstrip("\n"), line[len(line.rstrip("\n")) :]
    if _RULE.fullmatch(row):
        yield line, False
        return
    for place, piece in enumerate(_CELLS.split(row)):
        yield from [(piece, False)] if place % 2 else _unit(piece)
    yield end, False


def _unit(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the marks before a text, the text, and the space around it."""
    marks = _MARKS.match(text)
    start = marks.end() if marks else 0
    bare = text[start:].strip()
    at = text.index(bare, start) if bare else len(text)
    yield text[:at], False
    yield bare, is_prose(bare)
    yield text[at + len(bare) :], False
