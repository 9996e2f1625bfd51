"""The cautions that fit the rows shown: few patients, no control, windows differ.

The table drives the text, so a cohort without chemotherapy does not get the caution of one
with it, and a count of harms not that of a response.
"""

import pandas as pd

from lupuscart.words.lexicon import join, word

__all__ = [
    "cautions",
]


def cautions(table: pd.DataFrame, *, patients: pd.DataFrame | None = None) -> list[str]:
    """Return the cautions that fit the rows shown: few patients, no control, windows differ.

    Parameters
    ----------
    table : DataFrame
        Columns ``label``, ``domain``, ``n``, ``conditioning``, ``endpoint``, ``window``.
    patients : DataFrame, optional
        Columns ``label``, ``n``, ``conditioning`` of all the reports shown, if these are
        more than the rows of `table`.
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
    ]


def _caution_few(table, scores):
    sizes = table["n"].dropna()
    smallest, largest = int(sizes.min()), int(sizes.max())
    code = "caution.few_one" if smallest == largest else "caution.few"
    code = "caution.few_scores" if scores else code
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
    return join(dict.fromkeys(rows["label"]))


def _caution_windows(table):
    pairs = dict.fromkeys(zip(table["endpoint"], table["window"], strict=True))
    code = "caution.one_window" if len(pairs) == 1 else "caution.windows"
    comma = word("clause_separator")
    endpoints = word("pair_separator").join(comma.join(pair) for pair in pairs)
    return word(code, endpoints=endpoints)
