"""What a printed summary guarantees about what is not printed.

GRIM asks whether a printed mean is possible at all; the bounds hold for every set of scores
that would be printed as the report prints them.
"""

from lupuscart.stats.printed.grim import grim_consistent
from lupuscart.stats.printed.person_time import (
    UNITS,
    ImpossibleSummaryError,
    PersonTime,
    person_time_bounds,
)
from lupuscart.stats.printed.scores import (
    ReductionBounds,
    Summary,
    guaranteed_falls,
    read_summary,
    reduction_bounds,
)

__all__ = [
    "UNITS",
    "ImpossibleSummaryError",
    "PersonTime",
    "ReductionBounds",
    "Summary",
    "grim_consistent",
    "guaranteed_falls",
    "person_time_bounds",
    "read_summary",
    "reduction_bounds",
]
