"""The trial that would settle it: how large, and what it can show.

Power, sample size and assurance of two arms, a control arm that borrows from history, Simon's
two-stage designs of one arm, and what a larger single arm would bring. Everything is enumerated
from the binomial distribution; nothing is simulated or approximated by a normal.
"""

from lupuscart.stats.planning.after_simon import (
    OneStageDesign,
    TwoStageResult,
    one_stage_design,
    simon_inference,
)
from lupuscart.stats.planning.beta_mixture import BetaMixture, robust
from lupuscart.stats.planning.borrowing import (
    UNIFORM,
    borrowing_table,
    positive_probability,
    positive_region,
    posterior_superiority,
)
from lupuscart.stats.planning.history import MapPrior, meta_analytic_predictive
from lupuscart.stats.planning.one_arm import (
    NoEventPlan,
    Precision,
    check_plan,
    no_event_plan,
    precision_one_arm,
)
from lupuscart.stats.planning.simon import SimonDesign, simon_two_stage
from lupuscart.stats.planning.two_arm import (
    Power,
    SampleSize,
    UnreachablePowerError,
    assurance,
    assurance_table,
    power_map,
    power_two_arm,
    sample_size_table,
    sample_size_two_arm,
)

__all__ = [
    "UNIFORM",
    "BetaMixture",
    "MapPrior",
    "NoEventPlan",
    "OneStageDesign",
    "Power",
    "Precision",
    "SampleSize",
    "SimonDesign",
    "TwoStageResult",
    "UnreachablePowerError",
    "assurance",
    "assurance_table",
    "borrowing_table",
    "check_plan",
    "meta_analytic_predictive",
    "no_event_plan",
    "one_stage_design",
    "positive_probability",
    "positive_region",
    "posterior_superiority",
    "power_map",
    "power_two_arm",
    "precision_one_arm",
    "robust",
    "sample_size_table",
    "sample_size_two_arm",
    "simon_inference",
    "simon_two_stage",
]
