"""Time a move of a control on page 09: from the change to new sentence, table and figure.

There is no peer. The two rows are the median and the longest of fifty moves, in the process of
the page; what the browser takes to show them comes on top.
"""

from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.timing import pick, row, seconds
from lupuscart.data import tables
from lupuscart.evidence import endpoints
from lupuscart.explore.controls import Explorer
from lupuscart.figures.style import use_style
from lupuscart.words import labels

DATA = Path(__file__).resolve().parents[1] / "data" / "trials.csv"
MOVES = 50


def rows():
    """Return the rows of all benchmarks of this module."""
    explorer = _explorer()
    rate = explorer.controls["background"]
    times = [seconds(partial(setattr, rate, "value", 1.0 + move)) for move in range(pick(MOVES, 3))]
    return [
        row(f"one move of a slider, median of {MOVES}", median(times)),
        row(f"one move of a slider, longest of {MOVES}", max(times)),
    ]


def _explorer():
    use_style()
    outcomes, studies = tables.load_trials(DATA), tables.load_studies(DATA)
    counts = tables.select_trials(outcomes, studies, domain="efficacy", statistic="count")
    kept = tables.with_studies(endpoints.choose_reports(counts).kept, studies)
    return Explorer(
        labels.add_labels(kept), background_rate=0.0, added_nonresponders=1, unassessed=1
    )
