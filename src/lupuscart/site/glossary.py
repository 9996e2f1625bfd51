"""The glossary of the site: what every outcome means, with the source of its definition.

The definitions are those of ``outcomes.csv``, the collection's and a folder's own; a cell of a
table that names an outcome leads to its entry.
"""

import functools
from dataclasses import dataclass

from markupsafe import Markup, escape

from lupuscart.data.outcomes import Outcomes, current
from lupuscart.site.links import linked
from lupuscart.words.labels import outcome_words
from lupuscart.words.lexicon import current_language, word_for

__all__ = ["FILE", "Entry", "entries", "with_glossary"]

#: The page of the site.
FILE = "glossary.html"


@dataclass(frozen=True)
class Entry:
    """One outcome: its code, which is its anchor, its label, what it means, and who says so."""

    code: str
    label: str
    meaning: str
    source: str


def entries() -> list[Entry]:
    """Return every outcome in use, in the reader's language, in the order of ``outcomes.csv``.

    Examples
    --------
    >>> entries()[0].code, entries()[0].label
    ('sri4', 'SRI-4')
    """
    return [
        Entry(
            row["code"],
            word_for("outcome", row["code"]),
            row[f"definition_{current_language()}"],
            word_for("source", row["source"]),
        )
        for row in current().table.to_dict("records")
    ]


def with_glossary(cell: str) -> Markup:
    """Return the text of a table's cell as HTML: a link if it is an outcome, or else `linked`.

    Examples
    --------
    >>> with_glossary("SRI-4")
    Markup('<a href="glossary.html#sri4">SRI-4</a>')
    >>> with_glossary("12 < 15")
    Markup('12 &lt; 15')
    """
    code = _codes(current(), current_language()).get(cell)
    return linked(cell) if code is None else Markup(f'<a href="{FILE}#{code}">{escape(cell)}</a>')


@functools.lru_cache(maxsize=8)
def _codes(outcomes: Outcomes, language: str) -> dict[str, str]:
    """Return the code of each label, long or short."""
    return {label(code): code for code in outcomes.codes for label in (outcome_words, _long_label)}


def _long_label(code: str) -> str:
    return word_for("outcome", code)
