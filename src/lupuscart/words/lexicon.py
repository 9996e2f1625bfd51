"""Every word a reader sees, in English and Chinese, by code.

The words live in ``words.csv``: one row a code, one column a language. A code
is ``kind.name``: ``outcome.sri4``, ``column.rate``, ``caution.few``. Sentences
carry named gaps in braces. Codes in the data stay what they are; this is where
they become words.

The reader's language is set once, as the theme of a figure is: by `use_style` of
`lupuscart.figures.style`, or for a while by `using`. It belongs to the process, not to a thread:
set it where the work is begun, never in a worker thread.
"""

import csv
import difflib
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from lupuscart.arguments import check_choice
from lupuscart.words.catalogue import catalogue
from lupuscart.words.chinese import filled_in_chinese

if TYPE_CHECKING:  # imported where it is used: a rebuild with nothing to do does without
    import pandas as pd

__all__ = [
    "LANGUAGES",
    "codes",
    "current_language",
    "in_words",
    "join",
    "level_words",
    "number_words",
    "register",
    "set_language",
    "translated",
    "using",
    "word",
    "word_for",
]

LANGUAGES = ("en", "zh")

_language = LANGUAGES[0]

# Numbers that sources report; every other number is computed here.
_REPORTED = (
    *("events", "k_studies", "n", "n_patients", "n_treated", "value", "week"),
    *("deaths", "number", "relapses"),
)


def current_language() -> str:
    """Return the reader's language, "en" or "zh"; "en" until another is set."""
    return _language


def set_language(language: str) -> None:
    """Set the reader's language for every word that follows.

    Raises
    ------
    ValueError
        For an unknown language.
    """
    global _language
    check_choice("language", language, LANGUAGES)
    _language = language


@contextmanager
def using(language: str) -> Iterator[None]:
    """Set the reader's language for the lines below, then the one before again.

    Examples
    --------
    >>> with using("zh"):
    ...     word("window.by", week=12)
    '12 周内'
    """
    before = current_language()
    set_language(language)
    try:
        yield
    finally:
        set_language(before)


_registered: dict[str, dict[str, str]] = {}


def register(words: Mapping[str, Mapping[str, str]]) -> None:
    """Take over the words that the data bring along, such as the labels of outcomes.

    Parameters
    ----------
    words : mapping of str to mapping of str to str
        Per code its words by language. They go before those of ``words.csv``, and replace
        what was registered before.

    Raises
    ------
    ValueError
        If a code lacks a language.

    Examples
    --------
    >>> register({"outcome.mg_adl_improved": {"en": "MG-ADL improved", "zh": "MG-ADL 改善"}})
    >>> word("outcome.mg_adl_improved")
    'MG-ADL improved'
    >>> register({})
    """
    for code, texts in words.items():
        for language in LANGUAGES:
            if not texts.get(language):
                raise ValueError(f"{code} has no words in {language!r}; allowed: words in each")
    _registered.clear()
    _registered.update({code: dict(texts) for code, texts in words.items()})


def _table() -> Mapping[str, dict[str, str]]:
    return ChainMap(_registered, _words())


@cache
def _words() -> dict[str, dict[str, str]]:
    text = resources.files("lupuscart.words").joinpath("words.csv").read_text(encoding="utf-8")
    return {row.pop("code"): row for row in csv.DictReader(text.splitlines())}


def codes(kind: str = "") -> list[str]:
    """Return every code, or those of one kind.

    Examples
    --------
    >>> codes("role")
    ['role.core', 'role.context', 'role.benchmark']
    """
    return [code for code in _table() if not kind or code.startswith(f"{kind}.")]


def word(code: str, **gaps) -> str:
    """Return the words for `code`, its gaps filled.

    Parameters
    ----------
    code : str
        A code of ``words.csv``.
    **gaps
        What stands in the named gaps of a sentence.

    Raises
    ------
    ValueError
        For an unknown code.

    Examples
    --------
    >>> word("outcome.doris")
    'DORIS remission'
    """
    if code not in _table():
        raise ValueError(f"word code is {code!r}; allowed: a code of words.csv{_nearest(code)}")
    text = _table()[code][_language]
    if not gaps:
        return text
    return text.format(**gaps) if _language == "en" else filled_in_chinese(text, gaps)


def level_words(level: float) -> str:
    """Return a level that was chosen as a percentage, with all its digits.

    Examples
    --------
    >>> level_words(0.95), level_words(0.975), level_words(0.999)
    ('95 %', '97.5 %', '99.9 %')
    """
    # Decimal: 0.999 * 100 in floating point would print as 99.90000000000001.
    percent = f"{(Decimal(f'{level:.15g}') * 100).normalize():f}"
    return word("percent", value=percent)


def _nearest(code: str) -> str:
    near = difflib.get_close_matches(code, _table(), n=1)
    return f", such as {near[0]!r}" if near else ""


def word_for(kind: str, value) -> str:
    """Return the words for a value of the data; free text stays as it is.

    A missing value reads "not reported". A text of the collection's data, such as a note, is said
    in the reader's language. A value that has no word (a product's name, a cohort a user added)
    is its own word.

    Examples
    --------
    >>> word_for("timing", "last_visit")
    'at the last visit'
    >>> word_for("product", "YTS109")
    'YTS109'
    >>> word_for("spread", None)
    'not reported'
    """
    import pandas as pd

    if pd.isna(value):
        missing = f"missing.{kind}" if f"missing.{kind}" in _table() else "not_reported"
        return word(missing)
    code = f"boolean.{value}" if pd.api.types.is_bool(value) else f"{kind}.{value}"
    return word(code) if code in _table() else translated(str(value), "data")


def translated(text: str, name: str) -> str:
    """Return a text that is English at its home, in the reader's language if it is known in it.

    Parameters
    ----------
    text : str
        As it stands at its home, such as a note of the data.
    name : str
        The catalogue, see `lupuscart.words.catalogue`.

    Examples
    --------
    >>> with using("zh"):
    ...     translated("all grade 1", "data"), translated("my own words", "data")
    ('均为 1 级', 'my own words')
    """
    return catalogue(name, current_language()).get(text, text)


def join(parts: Iterable[str]) -> str:
    """Join words into a list as the language writes one.

    Examples
    --------
    >>> join(["SRI-4", "LLDAS"])
    'SRI-4, LLDAS'
    """
    return word("list_separator").join(parts)


def number_words(column: str, value) -> str:
    """Return a number of a column as text; a gap in what was computed is only a dash.

    Examples
    --------
    >>> import pandas as pd
    >>> number_words("n", 15), number_words("n", pd.NA), number_words("high", pd.NA)
    ('15', 'not reported', '–')
    """
    import pandas as pd

    if not pd.isna(value):
        return f"{value:.4g}"
    return word("not_reported") if column in _REPORTED else "–"


def _is_text(values: "pd.Series") -> bool:
    from pandas.api import types

    return types.is_bool_dtype(values) or not types.is_numeric_dtype(values)


def in_words(table: "pd.DataFrame") -> "pd.DataFrame":
    """Return a table as a reader sees it: headings and coded cells in words.

    Parameters
    ----------
    table : DataFrame
        Columns named by the codes of the data. Numbers stay numbers.

    Returns
    -------
    DataFrame
        A copy; text cells in words, missing cells "not reported", or a dash where a number
        was computed and has no value.

    Examples
    --------
    >>> import pandas as pd
    >>> in_words(pd.DataFrame({"timing": ["by"], "n": [15]})).columns.tolist()
    ['timing', 'evaluable']
    """
    shown = table.copy()
    for column, values in table.items():
        if _is_text(values):
            shown[column] = [word_for(column, value) for value in values]
        elif values.isna().any():
            shown[column] = [number_words(column, value) for value in values]
    headings = {
        column: word(f"column.{column}")
        for column in table.columns
        if f"column.{column}" in _table()
    }
    shown = shown.rename(columns=headings)
    # A turned table has the values of a column as headings, and its name over them; n is n.
    over = table.columns.name
    named = f"column.{over}" in _table() and over != "n"
    return shown.rename_axis(columns=word(f"column.{over}") if named else over)
