"""What a page lets its reader move in the browser alone: numbers of this package, looked up.

Nothing is estimated in the browser. A script compares, adds and subtracts, and takes every limit
from a table that was computed here.

Vocabulary
----------
to explore
    What a figure's record has of its counts; see `lupuscart.reporting.marks`.
lower limits
    Of every count of up to `LARGEST` patients. The upper limit of k of n is one minus the lower
    limit of n - k of n, by every method: a test holds them to it.
"""

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lupuscart.stats.proportion import METHODS, proportion_ci
from lupuscart.words.labels import hundredths, interval_words
from lupuscart.words.lexicon import in_words, level_words, word

__all__ = ["LIMITS_FILE", "explore_view", "limits_script"]

#: The file of the site that holds the limits; a page opened from a file may load a script only.
LIMITS_FILE = "limits.js"

#: Patients that can be typed, and that can be supposed on top by each slider.
LARGEST_TYPED, LARGEST_SUPPOSED = 60, 10
LARGEST = LARGEST_TYPED + 2 * LARGEST_SUPPOSED

#: Levels to choose from.
LEVELS = (0.8, 0.9, 0.95, 0.99)

# What the script fills in or puts together, as it is in words.csv.
_SHARED_WORDS = ("percent", "explore.nobody", "list_separator")
_SCENARIO_WORDS = (
    "percent_range",
    "points_range",
    "in_brackets",
    "sentence_separator",
    "pair_separator",
    "sentence.typed",
    "sentence.suppose",
    "sentence.adds",
    "sentence.adds_case",
    "caution.wald",
    "case.reported",
    "case.typed",
    "case.added",
    "case.added_all_failed",
    "case.added_all_responded",
    "case.all_failed",
    "case.all_responded",
    "explore.impossible",
    "explore.unknown",
    "explore.beyond",
    "explore.nobody_evaluable",
)
_COLUMNS = ("case", "events", "n", "rate", "interval", "increment")


def explore_view(records: Sequence[Mapping]) -> dict | None:
    """Return what the template and the script of a page need, or None if nothing moves there.

    Parameters
    ----------
    records : sequence of mapping
        Of the figures of one page; those without ``to_explore`` have nothing to move.
    """
    given = [record["to_explore"] for record in records if record.get("to_explore")]
    if not given:
        return None
    about = given[0]["about"]
    rows = [row for each in given for row in each["rows"]]
    view = {"about": about, "rows": list({row["said"]: row for row in rows}.values())}
    view["groups"] = list(dict.fromkeys(row["group"] for row in view["rows"]))
    view["words"] = {code: word(code) for code in _SHARED_WORDS}
    return view | (_scenario(given[0]) if about == "scenario" else _rates(about))


def _rates(about: str) -> dict:
    return {"said": word(f"explore.said.{about}"), "label": word(f"explore.rate.{about}")}


def _scenario(given: Mapping) -> dict:
    levels = _levels(given["start"]["confidence_level"])
    return {
        "row": given["row"],
        "start": given["start"],
        "most": LARGEST_TYPED,
        "most_supposed": LARGEST_SUPPOSED,
        "methods": {method: word(f"method.{method}") for method in METHODS},
        "levels": [[level, level_words(level)] for level in levels],
        "intervals": {
            method: {f"{level}": interval_words(level, method) for level in levels}
            for method in METHODS
        },
        "columns": [*in_words(pd.DataFrame(columns=list(_COLUMNS))).columns],
        "words": {code: word(code) for code in (*_SHARED_WORDS, *_SCENARIO_WORDS)},
    }


def _levels(own: float) -> list[float]:
    return sorted({*LEVELS, own})


def limits_script(own_level: float) -> str:
    """Return the script that holds the lower limit of every count, method and level.

    ``limits[method][level][n - 1][k]``, in so many digits that they read as the limits themselves.

    Parameters
    ----------
    own_level : float
        The confidence level of the page, which can be chosen beside `LEVELS`.
    """
    sizes = np.arange(1, LARGEST + 1)
    n = np.repeat(sizes, sizes + 1)
    k = np.concatenate([np.arange(size + 1) for size in sizes])
    limits = {
        method: {f"{level}": _by_size(k, n, method, level) for level in _levels(own_level)}
        for method in METHODS
    }
    return f"window.limits = {json.dumps(limits, separators=(',', ':'))};\n"


def _by_size(k, n, method: str, level: float) -> list[list[float]]:
    low, _ = proportion_ci(k, n, confidence_level=level, method=method)
    ends = np.cumsum(np.arange(1, LARGEST + 1) + 1)[:-1]
    return [[_short(float(each)) for each in part] for part in np.split(low, ends)]


def _short(limit: float) -> float:
    """Eight digits, or all where a limit so near a half per cent would read as another."""
    short = float(f"{limit:.8g}")
    return short if hundredths(short) == hundredths(limit) else limit
