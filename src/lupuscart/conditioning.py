"""Cells or chemotherapy? What can be said without a control arm, and on which assumption.

The front door: what the cells add at an assumed background rate and the rate that tips the
conclusion; the same with a belief in place of one rate, or with a finite control group; the
ratio to a named benchmark; and who got which conditioning. Nothing here estimates the effect of
conditioning: a single arm in which everyone had it holds no information about that.
"""

from lupuscart.beliefs import AddedResponsePosterior, added_response_posterior, belief_table
from lupuscart.benchmark_ratio import BenchmarkRatio, EValue, e_value, ratio_to_benchmark
from lupuscart.benchmark_tables import (
    benchmark_marks,
    choose_benchmarks,
    compare_arms,
    compare_with_benchmarks,
    relate_benchmarks,
    tipping_table,
)
from lupuscart.increments import (
    AddedResponse,
    added_response,
    finite_control_tipping,
    tipping_rate,
)
from lupuscart.regimens import (
    conditioning_overlap,
    endpoint_overlap,
    regimen_summary,
)

__all__ = [
    "AddedResponse",
    "AddedResponsePosterior",
    "BenchmarkRatio",
    "EValue",
    "added_response",
    "added_response_posterior",
    "belief_table",
    "benchmark_marks",
    "choose_benchmarks",
    "compare_arms",
    "compare_with_benchmarks",
    "conditioning_overlap",
    "e_value",
    "endpoint_overlap",
    "finite_control_tipping",
    "ratio_to_benchmark",
    "regimen_summary",
    "relate_benchmarks",
    "tipping_rate",
    "tipping_table",
]
