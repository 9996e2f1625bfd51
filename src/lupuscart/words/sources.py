"""Where every number shown comes from: for the slide, for its notes, for the last slide.

Vocabulary
----------
rows
    Rows of the trials or benchmarks table with the facts of their studies, as
    `lupuscart.data.tables.with_studies` joins them; or rows of a table of studies, where a
    figure shows a study and none of its outcomes.
source line
    One a study: who, the identifier, when, of how many, and whether read second-hand.
provenance
    One full sentence a reported number: what was counted where, and how it was read.
reference
    One a study: author, year, kind of report, journal and every identifier.

Journals stay as they are in every language; names, notes, locators and cohorts are said in it
where it has words for them.
"""

from collections.abc import Sequence

import pandas as pd

from lupuscart.words.labels import date_words, percent, printed_words, statistic_words, window
from lupuscart.words.lexicon import join, word, word_for

__all__ = [
    "how_it_was_read",
    "provenance_sentences",
    "reference_lines",
    "short_references",
    "short_sources",
    "source_lines",
]


def source_lines(
    tables: Sequence[pd.DataFrame], *, assumed: tuple[float, float] | None = None
) -> list[str]:
    """Return one line a study shown, in the order of the rows.

    Parameters
    ----------
    tables : sequence of DataFrame
        Rows as described above; none where a figure shows no patients.
    assumed : tuple of float, optional
        The response rates, 0 to 1, that a figure without patients assumes: with the cells
        and without.

    Returns
    -------
    list of str
        A line that says so if there are no rows at all.

    Examples
    --------
    >>> row = {"study": "feng_2025", "first_author": "Feng J", "year": 2025,
    ...        "doi": "10.1/x", "outcome": "doris", "timing": "by", "week": 12, "n": 15,
    ...        "read_in": "secondary", "locator": "news report"}
    >>> source_lines([pd.DataFrame([row])])
    ['Feng J 2025, doi 10.1/x, by week 12, n = 15, second-hand: news report']
    """
    lines = [_source_line(rows) for rows in _by_study(tables).values()]
    return lines or [_computed(assumed)]


def short_sources(
    tables: Sequence[pd.DataFrame],
    *,
    assumed: tuple[float, float] | None = None,
    given: Sequence[str] = (),
    until: str | None = None,
) -> list[str]:
    """Return the source in small type inside a picture, in fewer and fewer words.

    Parameters
    ----------
    tables : sequence of DataFrame
        Rows as described above; none where a figure shows no patients.
    assumed : tuple of float, optional
        As for `source_lines`.
    given : sequence of str
        Where the numbers are from, if not from reports: one line a source.
    until : str, optional
        Until when reports were looked for, as the dictionary of the data has it: ``2026-11``.

    Returns
    -------
    list of str
        Every study by name, then how many there are.

    Examples
    --------
    >>> rows = pd.DataFrame({"study": ["feng_2025"], "first_author": ["Feng J"], "year": [2025]})
    >>> short_sources([rows], until="2026-11")
    ['Source: Feng J 2025; searched until November 2026']
    >>> short_sources([])[0]
    'Source: computed here; no patient data'
    """
    studies = list(given) or [_name(rows[0]) for rows in _by_study(tables).values()]
    if not studies:
        said = [_computed(assumed), word("picture.computed")]
        return [word("picture.source", text=text) for text in said]
    clause = [word("picture.searched", date=date_words(until))] if until else []
    counted = word("picture.given" if given else "picture.reports", count=len(studies))
    code = "picture.source" if len(studies) == 1 else "picture.sources"
    said = [word(code, text=join(studies)), *([counted] if len(studies) > 1 else [])]
    return [word("pair_separator").join([each, *clause]) for each in said]


def _computed(assumed):
    if assumed is None:
        return word("source.computed")
    p1, p2 = (percent(rate) for rate in assumed)
    return word("source.assumed", p1=p1, p2=p2)


def provenance_sentences(tables: Sequence[pd.DataFrame]) -> list[str]:
    """Return one full sentence a reported number, in the order of the rows.

    Parameters
    ----------
    tables : sequence of DataFrame
        Rows as described above; a row with neither an outcome nor a follow-up as printed reports
        no number.

    Examples
    --------
    >>> row = {"study": "feng_2025", "first_author": "Feng J", "year": 2025, "cohort": "all",
    ...        "outcome": "doris", "timing": "by", "week": 12, "statistic": "count",
    ...        "events": 12, "n": 15, "basis": "stated", "read_in": "primary",
    ...        "locator": "abstract", "note": None}
    >>> print(*provenance_sentences([pd.DataFrame([row])]))
    Feng J 2025, all patients, DORIS remission, by week 12: 12 of 15; stated; the authors' own words: abstract.
    """  # noqa: E501
    said = [_provenance(row) for table in tables for row in table.itertuples()]
    return list(dict.fromkeys(filter(None, said)))


def how_it_was_read(table: pd.DataFrame) -> list[str]:
    """Return where each number of a table comes from and how it was read, not the number again.

    Parameters
    ----------
    table : DataFrame
        Rows as described above.

    Examples
    --------
    >>> row = {"study": "feng_2025", "doi": "10.1/x", "basis": "stated", "read_in": "primary",
    ...        "locator": "abstract", "note": "joint count"}
    >>> print(*how_it_was_read(pd.DataFrame([row])))
    Source: doi 10.1/x; stated; the authors' own words: abstract. Note: joint count.
    """
    return [
        _with_note(word("provenance.how", source=_identifiers(row)[0], **_how(row)), row)
        for row in table.itertuples()
    ]


def reference_lines(tables: Sequence[pd.DataFrame]) -> list[str]:
    """Return one reference a study, in the order of the alphabet.

    Parameters
    ----------
    tables : sequence of DataFrame
        Rows as described above.

    Examples
    --------
    >>> row = {"study": "feng_2025", "first_author": "Feng J", "year": 2025, "doi": "10.1/x",
    ...        "publication": "journal", "citation": "Nat Med 2025;31:3725"}
    >>> reference_lines([pd.DataFrame([row])])
    ['Feng J 2025 (journal). Nat Med 2025;31:3725. doi 10.1/x']
    """
    studies = [rows[0] for rows in _by_study(tables).values()]
    return sorted((_reference(row) for row in studies), key=str.casefold)


def short_references(tables: Sequence[pd.DataFrame]) -> list[str]:
    """Return one line a study, by which it can be found, in the order of the alphabet.

    Parameters
    ----------
    tables : sequence of DataFrame
        Rows as described above.

    Returns
    -------
    list of str
        Who, and the best identifier; where none was found, where it was published.

    Examples
    --------
    >>> row = {"study": "feng_2025", "first_author": "Feng J", "year": 2025, "doi": "10.1/x",
    ...        "citation": "Nat Med 2025;31:3725"}
    >>> short_references([pd.DataFrame([row])])
    ['Feng J 2025, doi 10.1/x']
    >>> short_references([pd.DataFrame([row | {"doi": None}])])
    ['Feng J 2025, Nat Med 2025;31:3725']
    """
    studies = [rows[0] for rows in _by_study(tables).values()]
    comma = word("clause_separator")
    return sorted((comma.join([_name(row), _found_by(row)]) for row in studies), key=str.casefold)


def _found_by(row) -> str:
    """The best identifier of a study, or where it was published if it has none."""
    identifier = _identifiers(row)[0]
    citation = _known(row, "citation")
    if citation and identifier == word("source.no_identifier"):
        return word_for("citation", citation)
    return identifier


def _by_study(tables) -> dict[str, list]:
    """The rows of each study: what it reports, or the study itself where no outcome is shown."""
    found = {}
    for table in tables:
        for row in table.itertuples():
            found.setdefault(row.study, []).append(row)
    return {
        study: [row for row in rows if _known(row, "outcome")] or rows[:1]
        for study, rows in found.items()
    }


def _known(row, name):
    """A fact of a row, or None if the table has no such column or the cell is empty."""
    value = getattr(row, name, None)
    return None if pd.isna(value) else value


def _name(row) -> str:
    author = word_for("first_author", row.first_author)
    return f"{author} {row.year}{_known(row, 'letter') or ''}"


def _source_line(rows):
    identifiers = _identifiers(rows[0])
    parts = [_name(rows[0]), identifiers[0], _denominators(rows)]
    return word("clause_separator").join([*parts, *_marks(rows)])


def _identifiers(row) -> list[str]:
    """The best known identifier first; never an empty list."""
    found = [
        word(f"source.{name}", number=_known(row, name))
        for name in ("doi", "pmid", "registration")
        if _known(row, name)
    ]
    return found or [word("source.no_identifier")]


def _denominators(rows):
    """The windows of each denominator; one that all share is said once."""
    if not _known(rows[0], "outcome"):
        n = _known(rows[0], "n_treated")
        return word("scores.n_unknown") if n is None else word("source.treated", n=n)
    windows = {}
    for row in rows:
        when = window(row.timing, row.week)
        windows.setdefault(_patients(row), {})[when] = None
    comma = word("clause_separator")
    parts = [comma.join([join(when), n]) for n, when in windows.items()]
    return word("pair_separator").join(parts)


def _patients(row):
    n = _known(row, "n")
    if n is None:
        return word("scores.n_unknown")
    return word("scores.n", n=n)


def _marks(rows) -> list[str]:
    """Whether the study was read second-hand, and where."""
    second_hand = [row for row in rows if _known(row, "read_in") == "secondary"]
    if not second_hand:
        return []
    code = "source.second_hand" if len(second_hand) == len(rows) else "source.partly_second_hand"
    where = dict.fromkeys(_place(row) for row in second_hand)
    return [word(code, where=join(where))]


def _place(row):
    return word_for("locator", row.locator)


def _provenance(row):
    """The sentence of a number; nothing for a row that reports none."""
    if _known(row, "outcome"):
        number = {
            "outcome": word_for("outcome", row.outcome),
            "window": window(row.timing, row.week),
            "number": _number(row),
        }
    elif _known(row, "followup_printed"):
        number = {
            "followup": row.followup_printed,
            "relapses": word_for("relapses", _known(row, "relapses")),
        }
    else:
        return ""
    sentence = word(
        "provenance.sentence" if "outcome" in number else "provenance.follow_up",
        study=_name(row),
        cohort=_cohort(row),
        **number,
        **_how(row),
    )
    return _with_note(sentence, row)


def _how(row) -> dict[str, str]:
    """How the number was read: stated or inferred, in whose words and where."""
    return {
        "basis": word_for("basis", row.basis),
        "read_in": word(f"provenance.{row.read_in}"),
        "locator": _place(row),
    }


def _with_note(sentence, row):
    note = _known(row, "note")
    if not note:
        return sentence
    note = word_for("note", note).rstrip(".。")
    return word("provenance.note", sentence=sentence, note=note)


def _cohort(row):
    kind = "cohort" if _known(row, "cohort") else "arm"
    name = _known(row, kind)
    if name == "all":
        return word("provenance.all")
    return word_for(kind, name)


def _number(row):
    """The number as the source has it, by the kind of number it is."""
    if row.statistic == "count":
        return word("provenance.count", k=row.events, n=row.n)
    if row.statistic == "events_only":
        return word("provenance.events_only", k=row.events)
    patients = _patients(row)
    if row.statistic == "percent":
        value = row.value_printed
        return word("provenance.percent", value=value, n=patients)
    name = statistic_words(row.statistic)
    value = f"{name} {printed_words(row)}"
    return word("clause_separator").join([value, patients])


def _reference(row):
    kind = _known(row, "publication")
    kind = word_for("publication", kind) if kind else word_for("design", _known(row, "design"))
    name = word("in_brackets", text=_name(row), inside=kind)
    comma = word("clause_separator")
    citation = _known(row, "citation")
    printed = citation and word_for("citation", citation)
    parts = [name, printed, comma.join(_identifiers(row))]
    return word("reference_separator").join(filter(None, parts))
