"""Several cohorts of one endpoint, added up in every usual way, with the interval for a new one."""

from lupuscart.stats.pooling.heterogeneity import Heterogeneity, heterogeneity
from lupuscart.stats.pooling.models import (
    INTERVALS,
    MODELS,
    NEW_COHORT_INTERVALS,
    Pooled,
    leave_one_out,
    new_cohort_table,
    pool,
    pooling_table,
)
from lupuscart.stats.pooling.predictive import predictive_check

__all__ = [
    "INTERVALS",
    "MODELS",
    "NEW_COHORT_INTERVALS",
    "Heterogeneity",
    "Pooled",
    "heterogeneity",
    "leave_one_out",
    "new_cohort_table",
    "pool",
    "pooling_table",
    "predictive_check",
]
