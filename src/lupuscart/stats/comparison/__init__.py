"""Two small cohorts side by side: exact tests, the difference of their rates, the ratio.

The cohorts compared here mostly come from different trials: a p-value or an interval then
describes the two sets of counts and says nothing of what caused the difference.
"""

from lupuscart.stats.comparison.exact_tests import (
    ALTERNATIVES,
    LARGEST_PRODUCT,
    TEST_METHODS,
    exact_p_table,
    exact_test,
    rejection_region,
)
from lupuscart.stats.comparison.ratio import BenchmarkRatio, EValue, e_value, ratio_to_benchmark
from lupuscart.stats.comparison.risk_difference import INTERVAL_METHODS, risk_difference_ci

__all__ = [
    "ALTERNATIVES",
    "INTERVAL_METHODS",
    "LARGEST_PRODUCT",
    "TEST_METHODS",
    "BenchmarkRatio",
    "EValue",
    "e_value",
    "exact_p_table",
    "exact_test",
    "ratio_to_benchmark",
    "rejection_region",
    "risk_difference_ci",
]
