"""A small control arm that borrows from earlier placebo arms: what it gains, and what it risks.

Vocabulary: *earlier arms* are placebo arms that counted the endpoint near the week of interest.
*Drift* is how many points the true control rate lies above theirs. The *vague* part of the prior
says how likely it is beforehand that the earlier arms do not hold; the prior without it is the
history alone.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from lupuscart import arguments
from lupuscart.evidence.benchmarks import near_controls
from lupuscart.findings.planning import Plan
from lupuscart.reporting.page import labelled, show
from lupuscart.stats import planning as plans
from lupuscart.words.labels import count_words, percent, percent_range
from lupuscart.words.lexicon import level_words, word

__all__ = ["ENDPOINT", "WEEKS", "Borrowing", "earlier_arms"]

#: What enough placebo arms have counted near the week of the trials, and when.
ENDPOINT, WEEKS = "sri4", (12, 24)

# How far the true control rate may lie from the earlier arms, and the drift that is said.
_DRIFTS = (-0.2, -0.1, 0.0, 0.1, 0.2, 0.3)
_SAID = 0.2


def earlier_arms(benchmarks: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """Return the placebo arms that a control arm could borrow from, labelled.

    Parameters
    ----------
    benchmarks, studies : DataFrame
        The tables of benchmarks and of their studies.
    """
    return labelled(near_controls(benchmarks, outcome=ENDPOINT, weeks=WEEKS), studies)


@dataclass(frozen=True)
class Borrowing:
    """A trial with a few concurrent controls and the earlier arms.

    Parameters
    ----------
    asked : Plan
        The plan: its treated arm and level, and the response that the cells are hoped to give.
    earlier : DataFrame
        From `earlier_arms`.
    controls : int
        Concurrent controls, at least 1.
    vague_weight : float
        Of the vague part of the prior, between 0 and 1.
    """

    asked: Plan
    earlier: pd.DataFrame
    controls: int
    vague_weight: float

    def __post_init__(self):
        arguments.check_whole("controls", self.controls, minimum=1, maximum=1000)
        arguments.check_open_unit("vague_weight", self.vague_weight)

    @cached_property
    def history(self) -> plans.MapPrior | None:
        """What the earlier arms say of the next one; nothing if there are not two."""
        if len(self.earlier) < 2:
            return None
        return plans.meta_analytic_predictive(self.earlier["events"], self.earlier["n"])

    @property
    def arms(self) -> pd.DataFrame:
        """The earlier arms as a table to read."""
        limits = [percent_range(row.low, row.high) for row in self.earlier.itertuples()]
        rows = self.earlier.assign(counted=count_words(self.earlier), limits=limits)
        return show(
            rows[["label", "outcome", "window", "counted", "limits", "separates"]], "history_arms"
        )

    @cached_property
    def rates(self) -> pd.DataFrame:
        """False positives and power by prior and drift, as `borrowing_table` with ``drift``."""
        # In whole percent, and never 0 or 100, so that the row without drift is always there.
        centre = min(max(round(self.history.mean, 2), 0.01), 0.99)
        drifts = [drift for drift in _DRIFTS if 0 < round(centre + drift, 2) < 1]
        vague = plans.robust(self.history.mixture, self.vague_weight)
        priors = {"none": plans.UNIFORM, "history": self.history.mixture, "robust": vague}
        p2 = [round(centre + drift, 2) for drift in drifts]
        threshold = 1 - self.asked.alpha / 2
        sizes = self.asked.trial.n1, self.controls
        found = plans.borrowing_table(
            *sizes, self.asked.treatment_rate, p2, priors, threshold=threshold
        )
        return found.assign(drift=np.tile(drifts, len(priors)))

    @property
    def table(self) -> pd.DataFrame:
        """False positives and power, a row a control rate, as a table to read."""
        if self.history is None:
            return show(pd.DataFrame(columns=["drift", "p2"]), "history")
        rows = []
        for (drift, p2), at in self.rates.groupby(["drift", "p2"], sort=False):
            by = at.set_index("prior")
            false = {
                f"false_{name}": percent(by.loc[name, "false_positive"], decimals=1)
                for name in by.index
            }
            hoped = p2 < self.asked.treatment_rate
            power = {
                f"power_{name}": percent(by.loc[name, "power"]) if hoped else "–"
                for name in by.index
            }
            rows.append({"drift": _drift_words(drift), "p2": percent(p2)} | false | power)
        return show(pd.DataFrame(rows), "history")

    @property
    def sentences(self) -> list[str]:
        """What is borrowed, what it gains without drift, what it risks with drift."""
        if self.history is None:
            return [word("history.too_few", arms=len(self.earlier), **_weeks())]
        return [self._borrowed(), self._gain(), *self._risk(), word("history.no_chemotherapy")]

    def _borrowed(self):
        gaps = {
            "arms": self.history.arms,
            "k": int(self.earlier["events"].sum()),
            "n": self.history.patients,
            "range": percent_range(self.history.low, self.history.high),
            **_weeks(),
        }
        said = word("history.borrowed", **gaps)
        worth = round(self.history.mixture.effective_sample_size())
        # Rates near 0 or 1 have no size that could be said.
        if worth < 1:
            return said
        gaps = {"worth": worth, "n": self.history.patients}
        return word("sentence_separator").join([said, word("history.worth", **gaps)])

    def _gain(self):
        by = self._at(0.0)["power"].map(percent)
        rate = self._at(0.0)["p2"].iloc[0]
        gaps = {
            "n1": self.asked.trial.n1,
            "n2": self.controls,
            "rate": percent(rate),
            "p1": percent(self.asked.treatment_rate),
            "weight": level_words(self.vague_weight),
            **by.to_dict(),
        }
        if rate >= self.asked.treatment_rate:
            return word("history.nothing_to_gain", **gaps)
        return word("history.power", **gaps)

    def _risk(self):
        if _SAID not in set(self.rates["drift"]):
            return []
        at = self._at(_SAID)
        by = at["false_positive"].map(lambda rate: percent(rate, decimals=1)).to_dict()
        gaps = {"rate": percent(at["p2"].iloc[0]), "points": round(100 * _SAID), **by}
        return [word("history.risk", level=level_words(self.asked.alpha / 2), **gaps)]

    def _at(self, drift):
        return self.rates[self.rates["drift"].eq(drift)].set_index("prior")


def _weeks():
    return {"first": WEEKS[0], "last": WEEKS[1]}


def _drift_words(drift) -> str:
    points = round(100 * abs(drift))
    if points == 0:
        return word("history.no_drift")
    return word("history.better" if drift > 0 else "history.worse", points=points)
