"""The Chinese of English that has a home of its own: pages, tables of data, the command line.

A sentence that the package makes stands in ``words.csv``, in both languages in one row. What is
written elsewhere (the prose of a notebook, a note in a table) stays there, in English, and its
Chinese stands in a catalogue: ``zh/NAME.po``, the format that translators' programs open. A
catalogue is keyed by the English text itself, so a text that was changed has no Chinese until
somebody has looked at it: ``make messages`` takes new texts in and marks what is out of date, a
test fails as long as there is any.

Vocabulary
----------
catalogue
    One file: English text to Chinese. A page has one under its own name (``02_response``), the
    text cells of all tables have one (``data``), and so on.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources

__all__ = ["catalogue"]


@cache
def catalogue(name: str, language: str) -> Mapping[str, str]:
    """Return a catalogue, English text to text; without what is missing or out of date.

    Parameters
    ----------
    name : str
        Such as ``02_response``; one that does not exist is empty, as is any in English.
    language : str
        A code of `lupuscart.words.lexicon.LANGUAGES`.

    Examples
    --------
    >>> catalogue("no_such_page", "zh")
    {}
    """
    file = resources.files("lupuscart.words") / language / f"{name}.po"
    if not file.is_file():
        return {}
    # A tenth of a second, which English does without.
    from babel.messages.pofile import read_po

    with file.open("rb") as opened:
        messages = read_po(opened)
    return {each.id: each.string for each in messages if each.id and each.string and not each.fuzzy}
