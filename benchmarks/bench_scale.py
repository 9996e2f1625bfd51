"""How cost grows: with the rows of the trials table, and with the patients of a cohort.

The table is the collection's own, repeated with cohorts of other names. Each size is read in a
process of its own, so that the peak of its memory is its own too.
"""

import csv
import subprocess
import sys
import tempfile
from pathlib import Path

from scipy.stats import binomtest, boschloo_exact, fisher_exact

from benchmarks.timing import pick, row, seconds
from lupuscart.stats.comparison import exact_test
from lupuscart.stats.proportion import proportion_ci

DATA = Path(__file__).resolve().parents[1] / "data"
ROWS = (10, 1_000, 100_000)
PATIENTS = (10, 100, 1_000, 10_000)

# What a page does with a table before it draws: every check, the choice, the intervals.
SUMMARISE = """
import resource, sys, time
import pandas as pd
from lupuscart.data import tables
from lupuscart.evidence import changes, endpoints
from lupuscart.stats import proportion

start = time.perf_counter()
pd.read_csv(sys.argv[1])
plain = time.perf_counter() - start
start = time.perf_counter()
rows, studies = tables.load_trials(sys.argv[1]), tables.load_studies(sys.argv[1])
counts = tables.select_trials(rows, studies, domain="efficacy", statistic="count")
proportion.response_proportions(endpoints.choose_reports(counts).kept)
if rows["domain"].eq("activity_score").any():
    changes.changes_from_baseline(tables.select_trials(rows, studies, domain="activity_score"))
spent = time.perf_counter() - start
# In kilobytes on Linux, in bytes on macOS.
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(spent, plain, peak / (2**20 if sys.platform == "darwin" else 2**10))
"""


def write_rows(folder: Path, size: int) -> Path:
    """Write a trials table of `size` rows, no two alike, with the studies beside it."""
    with open(DATA / "trials.csv", encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    cohort = header.index("cohort")
    with open(folder / "trials.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for number in range(size):
            copy, place = divmod(number, len(rows))
            cells = list(rows[place])
            cells[cohort] += f" {copy}" if copy else ""
            writer.writerow(cells)
    (folder / "studies.csv").write_bytes((DATA / "studies.csv").read_bytes())
    return folder / "trials.csv"


def summarise(size: int) -> tuple[float, float, float]:
    """Return seconds, the seconds of pandas.read_csv alone, and the peak of memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        table = write_rows(Path(folder), size)
        command = [sys.executable, "-c", SUMMARISE, str(table)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    spent, plain, peak = map(float, done.stdout.split())
    return spent, plain, peak


def tables():
    """Load, validate and summarise tables of each size."""
    for size in pick(ROWS, ROWS[:1]):
        spent, plain, peak = min(summarise(size) for _ in range(pick(3, 1)))
        name = f"load, validate, summarise {size:,} rows"
        series = {"series": "table of n rows", "n": size}
        yield row(name, spent, "pandas.read_csv alone", plain, **series)
        yield row(f"memory of {size:,} rows, at its peak", peak, unit="MB")


def cohorts():
    """One interval, and one test of two cohorts, for each number of patients."""
    for n in pick(PATIENTS, PATIENTS[:1]):
        k = n * 4 // 5
        for method, peer in (("clopper-pearson", "exact"), ("wilson", "wilson")):
            ours = seconds(lambda k=k, n=n, method=method: proportion_ci(k, n, method=method), 5)
            theirs = seconds(
                lambda k=k, n=n, peer=peer: binomtest(k, n).proportion_ci(method=peer), 5
            )
            yield row(
                f"{method}, one interval, n = {n:,}",
                *(ours, f"scipy {peer}", theirs),
                series=f"{method}, n patients",
                n=n,
            )
        for method in ("blaker", "mid-p", "sterne"):
            ours = seconds(lambda k=k, n=n, method=method: proportion_ci(k, n, method=method), 3)
            name = f"{method}, one interval, n = {n:,}"
            yield row(name, ours, series=f"{method}, n patients", n=n)
        yield two_cohorts("fisher", fisher_exact, k, n)
        if n <= 100:
            yield two_cohorts("boschloo", boschloo_exact, k, n)


def two_cohorts(method, peer, k, n):
    """One test of k of n against half of n."""
    ours = seconds(lambda: exact_test(k, n, n // 2, n, method=method), 3)
    theirs = seconds(lambda: peer([[k, n // 2], [n - k, n - n // 2]]), 2)
    name, series = f"{method}, {n:,} against {n:,}", f"{method}, n against n"
    return row(name, ours, f"scipy {peer.__name__}", theirs, series=series, n=n)


def rows():
    """Return the rows of all benchmarks of this module."""
    return [*tables(), *cohorts()]
