"""Time the package beside R, where R and the package in question are installed.

R is started once a row and times its own call, so that its start does not count.
"""

import shutil
import subprocess

from benchmarks.timing import row, seconds
from lupuscart.stats.comparison import exact_test, risk_difference_ci
from lupuscart.stats.planning.simon import simon_two_stage
from lupuscart.stats.pooling.models import pool
from lupuscart.stats.proportion import proportion_ci

SIX = ([12, 5, 9, 5, 5, 2], [15, 5, 10, 10, 6, 3])

# What is computed, by us; the R package it needs beyond base R; the call in R.
CASES = (
    ("Clopper-Pearson, 12/15", lambda: proportion_ci(12, 15), "stats", "binom.test(12, 15)"),
    (
        "Blaker, 12/15",
        lambda: proportion_ci(12, 15, method="blaker"),
        "BlakerCI",
        "BlakerCI::binom.blaker.limits(12, 15)",
    ),
    (
        "Fisher, 12/15 v 5/15",
        lambda: exact_test(12, 15, 5, 15, method="fisher"),
        "stats",
        "fisher.test(matrix(c(12, 3, 5, 10), 2))",
    ),
    (
        "Boschloo, 12/15 v 5/15",
        lambda: exact_test(12, 15, 5, 15),
        "Exact",
        "Exact::exact.test(matrix(c(12, 3, 5, 10), 2), method = 'boschloo', to.plot = FALSE)",
    ),
    (
        "exact difference, 12/15 v 9/26",
        lambda: risk_difference_ci(12, 15, 9, 26),
        "exact2x2",
        "exact2x2::uncondExact2x2(9, 26, 12, 15, method = 'score', tsmethod = 'central', "
        "conf.int = TRUE)",
    ),
    (
        "Boschloo, 36/154 v 12/77",
        lambda: exact_test(36, 154, 12, 77),
        "Exact",
        "Exact::exact.test(matrix(c(36, 118, 12, 65), 2), method = 'boschloo', to.plot = FALSE)",
    ),
    (
        "exact difference, 36/154 v 12/77",
        lambda: risk_difference_ci(36, 154, 12, 77),
        "exact2x2",
        "exact2x2::uncondExact2x2(12, 77, 36, 154, method = 'score', tsmethod = 'central', "
        "conf.int = TRUE)",
    ),
    (
        "Simon, .2 v .4",
        lambda: simon_two_stage(0.2, 0.4, alpha=0.05, beta=0.2),
        "clinfun",
        "clinfun::ph2simon(.2, .4, .05, .2)",
    ),
    (
        "GLMM, 6 cohorts",
        lambda: pool(*SIX),
        "metafor",
        "metafor::rma.glmm(measure = 'PLO', xi = c(12, 5, 9, 5, 5, 2), "
        "ni = c(15, 5, 10, 10, 6, 3))",
    ),
)

SCRIPT = """
if (!requireNamespace("{package}", quietly = TRUE)) quit(status = 0)
timed <- function(times) system.time(for (i in 1:times) {call})[["elapsed"]] / times
suppressWarnings(cat({{
  times <- if (timed(1) < .02) 200 else 2  # the clock of R counts milliseconds
  min(replicate(3, timed(times)))
}}))
"""


def rows():
    """Yield a row a case; where R or its package is missing, the row says so and has no ratio."""
    rscript = shutil.which("Rscript")
    for name, ours, package, call in CASES:
        theirs = None if rscript is None else _r_seconds(rscript, package, call)
        peer = f"R {package}" if theirs is not None else f"R {package}: not installed"
        yield row(name, seconds(ours, 20), peer, float("nan") if theirs is None else theirs)


def _r_seconds(rscript, package, call):
    """Return the seconds of one call, or None where its package is missing."""
    script = SCRIPT.format(package=package, call=call)
    done = subprocess.run([rscript, "-e", script], capture_output=True, text=True, check=True)
    return float(done.stdout) if done.stdout else None
