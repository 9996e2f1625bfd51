"""Exact inference for very small cohorts: arrays in, numbers out.

Reads no file and knows no words; usable alone, with numpy and scipy. A name is imported from its
module once it is asked for: whoever needs one statistic, or only checks a table, does not wait for
the others and for scipy.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # for editors and other readers of the source
    from lupuscart.stats.background import added_response, tipping_rate
    from lupuscart.stats.comparison import e_value, exact_test, risk_difference_ci
    from lupuscart.stats.coverage import coverage_probability
    from lupuscart.stats.follow_up import (
        compare_event_rates,
        event_rate_ci,
        kaplan_meier,
        survival_ci,
    )
    from lupuscart.stats.missing import missing_patients, missing_two_cohorts, tipping_missing
    from lupuscart.stats.paired import median_interval, sign_test
    from lupuscart.stats.printed import grim_consistent, person_time_bounds
    from lupuscart.stats.proportion import n_to_exclude, proportion_ci, zero_event_bound

__all__ = [
    "added_response",
    "compare_event_rates",
    "coverage_probability",
    "e_value",
    "event_rate_ci",
    "exact_test",
    "grim_consistent",
    "kaplan_meier",
    "median_interval",
    "missing_patients",
    "missing_two_cohorts",
    "n_to_exclude",
    "person_time_bounds",
    "proportion_ci",
    "risk_difference_ci",
    "sign_test",
    "survival_ci",
    "tipping_missing",
    "tipping_rate",
    "zero_event_bound",
]

_HOMES = {
    "added_response": "lupuscart.stats.background",
    "compare_event_rates": "lupuscart.stats.follow_up",
    "coverage_probability": "lupuscart.stats.coverage",
    "e_value": "lupuscart.stats.comparison",
    "event_rate_ci": "lupuscart.stats.follow_up",
    "exact_test": "lupuscart.stats.comparison",
    "grim_consistent": "lupuscart.stats.printed",
    "kaplan_meier": "lupuscart.stats.follow_up",
    "median_interval": "lupuscart.stats.paired",
    "missing_patients": "lupuscart.stats.missing",
    "missing_two_cohorts": "lupuscart.stats.missing",
    "n_to_exclude": "lupuscart.stats.proportion",
    "person_time_bounds": "lupuscart.stats.printed",
    "proportion_ci": "lupuscart.stats.proportion",
    "risk_difference_ci": "lupuscart.stats.comparison",
    "sign_test": "lupuscart.stats.paired",
    "survival_ci": "lupuscart.stats.follow_up",
    "tipping_missing": "lupuscart.stats.missing",
    "tipping_rate": "lupuscart.stats.background",
    "zero_event_bound": "lupuscart.stats.proportion",
}


def __getattr__(name: str):
    """Import a name from its module, once it is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals().setdefault(name, getattr(import_module(_HOMES[name]), name))


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
