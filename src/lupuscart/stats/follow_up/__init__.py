"""Events over time: a rate from person-time, and a curve where every patient's time is known."""

from lupuscart.stats.follow_up.event_rate import (
    RateComparison,
    compare_event_rates,
    event_free_ci,
    event_rate_ci,
    follow_up_to_exclude,
)
from lupuscart.stats.follow_up.survival import kaplan_meier, numbers_at_risk, survival_ci

__all__ = [
    "RateComparison",
    "compare_event_rates",
    "event_free_ci",
    "event_rate_ci",
    "follow_up_to_exclude",
    "kaplan_meier",
    "numbers_at_risk",
    "survival_ci",
]
