"""What an outcome is: its domain, words, definition, limits, and what it is a part of.

``outcomes.csv`` of the collection defines what every folder may use. A folder with its own
``outcomes.csv`` adds to that, or defines anew: an outcome of another disease needs a row there
and nothing else.

Vocabulary
----------
contained in
    every patient with the one outcome has the other: grade 3 or more within any grade.
response endpoint
    an outcome that may stand in a panel of responses (``is_response`` is ``yes``).
"""

import functools

import pandas as pd

from lupuscart.data.dictionary import collection_file, note_of_collection
from lupuscart.data.problems import DataError
from lupuscart.data.sheet import Sheet
from lupuscart.words import lexicon

__all__ = [
    "Outcomes",
    "codes_of",
    "collection_outcomes",
    "current",
    "use",
]


class Outcomes:
    """The outcomes that a folder may use.

    Parameters
    ----------
    table : DataFrame
        One row an outcome, as `load_outcomes` of `lupuscart.data.tables` returns it.
    own : iterable of str
        Codes that the folder's own ``outcomes.csv`` defines.

    Attributes
    ----------
    parents, wholes : dict of str to list of str
        The outcomes that contain each: those that its row names, and all.

    Examples
    --------
    >>> outcomes = collection_outcomes()
    >>> outcomes.domains["crs_grade3plus"], outcomes.wholes["crs_grade3plus"]
    ('safety', ['crs_any'])
    """

    def __init__(self, table: pd.DataFrame, own=()):
        self.table = table.reset_index(drop=True)
        self.own = frozenset(own)
        indexed = self.table.set_index("code")
        self.codes = list(indexed.index)
        self.domains = indexed["domain"].to_dict()
        self.limits = indexed[["minimum", "maximum"]]
        self.whole_numbers = frozenset(indexed.index[indexed["whole_numbers"].eq("yes")])
        self.parents = {
            code: parents.split() if isinstance(parents, str) else []
            for code, parents in indexed["contained_in"].items()
        }
        self.wholes = {code: self._contain(code) for code in self.codes}

    def _contain(self, code: str) -> list[str]:
        """Return every outcome that contains `code`, also through another."""
        found: list[str] = []
        waiting = [code]
        while waiting:
            for each in self.parents.get(waiting.pop(), ()):
                if each not in found and each != code:
                    found.append(each)
                    waiting.append(each)
        return found

    def labels(self) -> dict[str, str]:
        """Return the code of each label, in both languages, long and short."""
        names = ["label_en", "label_zh", "short_en", "short_zh"]
        rows = self.table[["code", *names]].to_dict("records")
        return {row[name]: row["code"] for name in names for row in rows if _filled(row[name])}

    def words(self) -> dict[str, dict[str, str]]:
        """Return the labels as `lupuscart.words.lexicon` holds words."""
        words = {}
        for row in self.table.to_dict("records"):
            words[f"outcome.{row['code']}"] = {"en": row["label_en"], "zh": row["label_zh"]}
            if _filled(row["short_en"]) or _filled(row["short_zh"]):
                words[f"short_outcome.{row['code']}"] = {
                    language: row[f"short_{language}"]
                    if _filled(row[f"short_{language}"])
                    else row[f"label_{language}"]
                    for language in ("en", "zh")
                }
        return words

    def extended(self, own: pd.DataFrame) -> "Outcomes":
        """Return these outcomes with those of a folder's own table, which go before them.

        Their order is that of `table`, then that of `own`: the reading order of every page.
        """
        kept = self.table[~self.table["code"].isin(own["code"])]
        order = [*self.codes, *own["code"]]
        both = pd.concat([kept, own], ignore_index=True)
        rank = both["code"].map({code: order.index(code) for code in both["code"]})
        return Outcomes(both.loc[rank.sort_values().index], set(own["code"]) - set(self.codes))


def collection_outcomes() -> Outcomes:
    """Return the outcomes of the collection, wherever the package is installed.

    Raises
    ------
    DataError
        If the collection's own table has a problem.
    """
    note_of_collection("outcomes.csv")
    return _collection_outcomes()


@functools.cache
def _collection_outcomes() -> Outcomes:
    path = collection_file("outcomes.csv")
    sheet = Sheet("outcomes", path.name, path.read_bytes())
    if sheet.problems:
        raise DataError(sheet.problems)
    return Outcomes(sheet.table())


_current: list[Outcomes] = []


def current() -> Outcomes:
    """Return the outcomes in use: those of the folder that was loaded last.

    Examples
    --------
    >>> "sri4" in current().codes
    True
    """
    return _current[0] if _current else collection_outcomes()


def use(outcomes: Outcomes) -> None:
    """Use these outcomes from now on; every page speaks of them in their own words."""
    if not _current or _current[0] is not outcomes:
        _current[:] = [outcomes]
        lexicon.register(outcomes.words())


def codes_of(*, domain: str | None = None, response: bool | None = None) -> tuple[str, ...]:
    """Return the codes of the outcomes in use, in reading order.

    Parameters
    ----------
    domain : str, optional
        Only those of one domain.
    response : bool, optional
        Only response endpoints, or only others.

    Examples
    --------
    >>> codes_of(domain="activity_score")
    ('sledai_2k', 'selena_sledai', 'sledai_unspecified', 'sle_disease_activity_score')
    """
    table = current().table
    if domain is not None:
        table = table[table["domain"].eq(domain)]
    if response is not None:
        table = table[table["is_response"].eq("yes") == response]
    return tuple(table["code"])


def _filled(text) -> bool:
    return isinstance(text, str) and bool(text)
