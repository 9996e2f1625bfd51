"""Several cohorts of one endpoint, added up in every usual way, with the interval for a new one."""

from lupuscart.stats.pooling.models import INTERVALS, MODELS, Pooled, leave_one_out, pool

__all__ = ["INTERVALS", "MODELS", "Pooled", "leave_one_out", "pool"]
