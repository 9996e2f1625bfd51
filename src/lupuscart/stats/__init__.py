"""Exact inference for very small cohorts: arrays in, numbers out.

Reads no file and knows no words; usable alone, with numpy and scipy.
"""

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
