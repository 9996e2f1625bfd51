"""The cautions that fit the rows shown: few patients, no control, windows differ.

The table drives the text, so a cohort without chemotherapy does not get the caution of one
with it, and a count of harms not that of a response.
"""

import pandas as pd

from lupuscart.words.lexicon import join, word

__all__ = [
    "cautions",
]


def cautions(
    table: pd.DataFrame, *, patients: pd.DataFrame | None = None, language: str = "en"
) -> list[str]:
    """Return the cautions that fit the rows shown: few patients, no control, windows differ.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``domain``, ``n``, ``conditioning``, ``endpoint``, ``window``.
    patients : DataFrame, optional
        Columns ``label``, ``n``, ``conditioning`` of all the reports shown, if these are
        more than the rows of `table`.
    language : {"en", "zh"}
        The reader's language.
    """
    shown = table if patients is None else patients
    if shown.empty or table.empty:
        raise ValueError(
            "no row is left; allowed: a choice of study, outcome, week or window that leaves some"
        )
    domain = table["domain"].iloc[0]
    return [
        _caution_few(shown, domain == "activity_score", language),
        *_cautions_control(shown, "harm_" if domain == "safety" else "", language),
        _caution_windows(table, language),
    ]


def _caution_few(table, scores, language):
    sizes = table["n"].dropna()
    smallest, largest = int(sizes.min()), int(sizes.max())
    code = "caution.few_one" if smallest == largest else "caution.few"
    code = "caution.few_scores" if scores else code
    return word(code, language=language, smallest=smallest, largest=largest)


def _cautions_control(table, kind, language):
    given = table["conditioning"]
    groups = {
        f"caution.{kind}conditioned": given.notna() & given.ne("none"),
        f"caution.{kind}unconditioned": given.eq("none"),
        "caution.conditioning_unknown": given.isna(),
    }
    return [
        word(code, language=language, studies=_studies(table[rows], language))
        for code, rows in groups.items()
        if rows.any()
    ]


def _studies(rows, language):
    return join(dict.fromkeys(rows["label"]), language=language)


def _caution_windows(table, language):
    pairs = dict.fromkeys(zip(table["endpoint"], table["window"], strict=True))
    code = "caution.one_window" if len(pairs) == 1 else "caution.windows"
    comma = word("clause_separator", language=language)
    endpoints = word("pair_separator", language=language).join(comma.join(pair) for pair in pairs)
    return word(code, language=language, endpoints=endpoints)
