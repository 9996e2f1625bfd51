"""The cautions that fit the rows shown: few patients, no control, windows differ.

The table drives the text, so a cohort without chemotherapy does not get the caution of one
with it, and a count of harms not that of a response.
"""

import pandas as pd

from lupuscart.stats.proportion import proportion_ci
from lupuscart.words.labels import date_words, interval_words, percent
from lupuscart.words.lexicon import join, word, word_for

__all__ = [
    "announced",
    "before_any_number",
    "cautions",
]

# A caution names so many reports or windows; more are counted.
_NAMED = 6

# So many patients are few: an exact interval of a rate near one half is then 30 points wide.
_FEW = 40


def cautions(
    table: pd.DataFrame,
    *,
    patients: pd.DataFrame | None = None,
    announcements: pd.DataFrame | None = None,
) -> list[str]:
    """Return the cautions that fit the rows shown: few patients, no control, windows differ.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``domain``, ``n``, ``conditioning``, ``endpoint``, ``window``.
    patients : DataFrame, optional
        Columns ``label``, ``n``, ``conditioning`` of all the reports shown, if these are
        more than the rows of `table`.
    announcements : DataFrame, optional
        As for `announced`: a caution more on a page that shows harms.
    """
    shown = table if patients is None else patients
    if shown.empty or table.empty:
        raise ValueError(
            "no row is left; allowed: a choice of study, outcome, week or window that leaves some"
        )
    domain = table["domain"].iloc[0]
    return [
        _caution_few(shown, domain == "activity_score"),
        *_cautions_control(shown, "harm_" if domain == "safety" else ""),
        _caution_windows(table),
        *([] if announcements is None else announced(announcements)),
    ]


def before_any_number(confidence_level: float = 0.95) -> list[tuple[str, str]]:
    """Return the three cautions that hold for every report: a title and a text each.

    The README, the index of the site and the deck begin with them.

    Parameters
    ----------
    confidence_level : float
        Of the exact interval of five of five, whatever the method of the figures: another one may
        say that five of five is certain.

    Examples
    --------
    >>> [title for title, text in before_any_number()]
    ['Few patients', 'No control arm, and often chemotherapy first', 'Endpoints and windows differ']
    >>> print(before_any_number()[0][1].partition(".")[0])
    Even 5 of 5 is compatible with a true rate as low as 48 % (exact 95 % CI)
    """
    exact = {"confidence_level": confidence_level, "method": "clopper-pearson"}
    low, _ = proportion_ci(5, 5, **exact)
    gaps = {"k": 5, "n": 5, "low": percent(float(low)), "interval": interval_words(**exact)}
    texts = {
        "few": word("three.few_text", **gaps),
        "control": word("three.control_text"),
        "windows": word("three.windows_text"),
    }
    return [(word(f"three.{kind}"), text) for kind, text in texts.items()]


def announced(announcements: pd.DataFrame) -> list[str]:
    """Return what was announced without a denominator in one text, or nothing.

    Parameters
    ----------
    announcements : DataFrame
        Columns ``date``, ``date_printed``, ``announced_by``, ``product``, ``diseases``,
        ``what``, ``number``, ``cause``, ``n_treated``, ``read_in``.

    Returns
    -------
    list of str
        At most one text. Each announcement is dated and says how it was read; that no rate
        follows is said where it is not known how many had been treated.

    Examples
    --------
    >>> row = {"date": "2026-08-24", "date_printed": "24 August 2026", "announced_by": "A",
    ...        "product": "cells", "diseases": "lupus", "what": "deaths", "number": 3,
    ...        "cause": "a syndrome", "n_treated": None, "read_in": "secondary"}
    >>> for sentence in announced(pd.DataFrame([row]))[0].split(". "):
    ...     print(sentence)
    24 August 2026, A: 3 deaths attributed to a syndrome (cells; lupus)
    All of this was read second-hand
    The number of patients treated is not known, so no rate can be given.
    """
    if announcements.empty:
        return []
    when = announcements["date"].fillna(announcements["date_printed"])
    groups = announcements.groupby([when, "announced_by", "product"], sort=False)
    sentences = [_announcement(rows) for _, rows in groups]
    second_hand = announcements["read_in"].eq("secondary")
    if second_hand.any():
        sentences.append(word(f"announced.{'all' if second_hand.all() else 'some'}_second_hand"))
    if announcements["n_treated"].isna().all():
        sentences.append(word("announced.no_denominator"))
    return [word("sentence_separator").join(sentences)]


def _announcement(rows):
    first = rows.iloc[0]
    told = [
        word_for(name, first[name]) for name in ("product", "diseases") if pd.notna(first[name])
    ]
    return word(
        "announced.sentence",
        date=_day(first["date"], first["date_printed"]),
        by=word_for("first_author", first["announced_by"]),
        told=word("pair_separator").join(told),
        events=word("clause_separator").join(_event(row) for row in rows.itertuples()),
    )


def _event(row):
    number = "" if pd.isna(row.number) else int(row.number)
    counted = "unknown" if pd.isna(row.number) else "one" if number == 1 else "number"
    event = word(f"announced.{row.what}.{counted}", number=number)
    if row.what == "deaths" and not pd.isna(row.cause):
        event = word("announced.ascribed", event=event, cause=word_for("cause", row.cause))
    if not pd.isna(row.n_treated):
        event = word("announced.of_treated", event=event, n=int(row.n_treated))
    return event


def _day(date, printed):
    if pd.isna(date):
        return word_for("date_printed", printed)
    return date_words(date)


def _caution_few(table, scores):
    sizes = table["n"].dropna()
    smallest, largest = int(sizes.min()), int(sizes.max())
    kind = "_scores" if scores else "_one" if smallest == largest else ""
    code = f"caution.{'few' if smallest <= _FEW else 'patients'}{kind}"
    return word(code, smallest=smallest, largest=largest)


def _cautions_control(table, kind):
    given = table["conditioning"]
    groups = {
        f"caution.{kind}conditioned": given.notna() & given.ne("none"),
        f"caution.{kind}unconditioned": given.eq("none"),
        "caution.conditioning_unknown": given.isna(),
    }
    return [
        word(code, studies=_studies(table[rows])) for code, rows in groups.items() if rows.any()
    ]


def _studies(rows):
    names = dict.fromkeys(rows["label"])
    return join(names) if len(names) <= _NAMED else word("caution.reports", n=len(names))


def _caution_windows(table):
    pairs = dict.fromkeys(zip(table["endpoint"], table["window"], strict=True))
    if len(pairs) > _NAMED:
        sizes = {"endpoints": table["endpoint"].nunique(), "windows": table["window"].nunique()}
        return word("caution.many_windows", **sizes)
    code = "caution.one_window" if len(pairs) == 1 else "caution.windows"
    comma = word("clause_separator")
    endpoints = word("pair_separator").join(comma.join(pair) for pair in pairs)
    return word(code, endpoints=endpoints)
