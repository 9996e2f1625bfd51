"""How often the interval for a new cohort holds the new cohort's true rate, by simulation.

The simulation behind the default of `pool(new_cohort=)`: small cohorts, few of them, and what the
next one's true rate is. Run by hand, as it takes minutes; its result is kept beside the reference
values:

    python -m benchmarks.new_cohort_coverage > tests/reference/pooling_new_cohort_coverage.csv
"""

import sys

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtr

from lupuscart.stats.pooling import new_cohort_table

#: Patients of the cohorts; the first three, four or all five of them are pooled.
SIZES = (8, 10, 10, 3, 15)
MU = 1.4
SETTINGS = [(cohorts, tau) for cohorts in (3, 4, 5) for tau in (0.0, 0.5, 1.0)]
SEED = 20261128


def coverage(cohorts: int, tau: float, sets: int) -> pd.DataFrame:
    """Return the mean probability that a new cohort's rate lies inside, a row a rule.

    Sets in which a model has no estimate are left out for that model and counted. What lies
    inside is computed, not drawn: the new logit is Normal(mu, tau2).
    """
    rng = np.random.default_rng([SEED, cohorts, round(10 * tau)])
    n = np.array(SIZES[:cohorts])
    tables = []
    for _ in range(sets):
        k = rng.binomial(n, expit(rng.normal(MU, tau, cohorts)))
        table = new_cohort_table(k, n)
        with np.errstate(divide="ignore"):
            low, high = logit(table["new_low"]), logit(table["new_high"])
        if tau > 0:
            table["inside"] = ndtr((high - MU) / tau) - ndtr((low - MU) / tau)
        else:
            table["inside"] = ((low <= MU) & (high >= MU)).astype(float).where(low.notna())
        tables.append(table)
    found = pd.concat(tables).groupby(["model", "new_cohort"], sort=False)["inside"]
    return pd.DataFrame(
        {
            "cohorts": cohorts,
            "tau": tau,
            "sets": found.count(),
            "coverage": found.mean().round(4),
            "standard_error": found.sem().round(4),
        }
    ).reset_index()


if __name__ == "__main__":
    pd.concat([coverage(*setting, sets=400) for setting in SETTINGS]).to_csv(
        sys.stdout, index=False, lineterminator="\n"
    )
