"""One function a figure: a finished table in, Axes out.

Nothing is estimated here. Each function says which columns it draws; rows are
drawn in the order given, the first on top. Colour and marker shape both tell the
conditioning; a hollow marker was read second-hand. This is the front door: the
figures of one family share a file.
"""

from lupuscart.evidence_plots import plot_evidence
from lupuscart.method_plots import plot_coverage, plot_methods
from lupuscart.planning_plots import plot_assurance, plot_power_map, plot_tipping
from lupuscart.pooling_plots import plot_pooling
from lupuscart.rate_plots import (
    plot_endpoints,
    plot_events,
    plot_response,
    plot_zero_events,
    rate_names,
)
from lupuscart.scenario_plots import moving_artists, plot_scenario
from lupuscart.score_plots import plot_changes, plot_scores

__all__ = [
    "moving_artists",
    "plot_assurance",
    "plot_changes",
    "plot_coverage",
    "plot_endpoints",
    "plot_events",
    "plot_evidence",
    "plot_methods",
    "plot_pooling",
    "plot_power_map",
    "plot_response",
    "plot_scenario",
    "plot_scores",
    "plot_tipping",
    "plot_zero_events",
    "rate_names",
]
