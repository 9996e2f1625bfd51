"""Exact inference for very small cohorts: arrays in, numbers out.

Reads no file and knows no words; usable alone, with numpy and scipy.
"""

from lupuscart.stats.background import added_response, tipping_rate
from lupuscart.stats.comparison import e_value, exact_test, risk_difference_ci
from lupuscart.stats.coverage import coverage_probability
from lupuscart.stats.printed.grim import grim_consistent
from lupuscart.stats.proportion import n_to_exclude, proportion_ci, zero_event_bound

__all__ = [
    "added_response",
    "coverage_probability",
    "e_value",
    "exact_test",
    "grim_consistent",
    "n_to_exclude",
    "proportion_ci",
    "risk_difference_ci",
    "tipping_rate",
    "zero_event_bound",
]
