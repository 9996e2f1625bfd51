"""Run the benchmarks: a table of results, and a plot of each ratio, in build/bench/.

python -m benchmarks                    everything, three rounds
python -m benchmarks rebuild opened     some topics
python -m benchmarks --rounds 1
python -m benchmarks --quick            everything once and small: does each part run?

What was found, and what did not help: README.md beside this file.
"""

import argparse
import csv
import logging
import os
import platform
import sys
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from benchmarks import plots
from benchmarks.results import COLUMNS, TITLES, as_markdown, cells, number, read, written
from benchmarks.timing import effort

PACKAGES = ("numpy", "scipy", "statsmodels", "papermill", "nbconvert", "nbmake")
FOLDER = Path(__file__).resolve().parents[1] / "build" / "bench"


def main(arguments=None):
    """Measure, and write what was found; return the exit code."""
    options = _options(arguments)
    effort.rounds, effort.quick = (1, True) if options.quick else (options.rounds, False)
    # Else scipy's optimiser installs one that prints, and Dask's messages come through it.
    logging.getLogger().addHandler(logging.NullHandler())
    folder = Path(options.output)
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / "results.csv"
    _measure(options.topics or list(TITLES), table)
    rows = read(table)
    made = [written(folder / "results.md", as_markdown(rows)), *plots.draw(rows, folder)]
    print(f"\n{table}", *made, sep="\n")
    return 0


def _options(arguments):
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=", ".join(TITLES))
    parser.add_argument("--rounds", type=int, default=3, help="3 by default")
    parser.add_argument("--quick", action="store_true", help="once and small; times mean nothing")
    parser.add_argument("--output", default=FOLDER, metavar="FOLDER", help="build/bench by default")
    options = parser.parse_args(arguments)
    if unknown := set(options.topics) - TITLES.keys():
        parser.error(f"TOPIC is {min(unknown)!r}; allowed: {', '.join(TITLES)}")
    if options.rounds < 1:
        parser.error(f"--rounds is {options.rounds}; allowed: at least 1")
    return options


def _measure(topics, path):
    """Measure topic by topic; what is measured is kept, whatever comes after."""
    machine = _machine()
    print(machine)
    with open(path, "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for topic in topics:
            print(f"\n{TITLES[topic]}")
            start = time.monotonic()
            for row in import_module(f"benchmarks.bench_{topic}").rows():
                beside = f"{number(row.ratio):>8} of {row.peer}" if row.ratio > 0 else row.peer
                print(f"{row.name:60} {row.value:9.4f} {row.unit:5} {beside}".rstrip(), flush=True)
                table.writerow(cells(topic, row, machine, _load()))
                file.flush()
            print(f"({topic} took {time.monotonic() - start:.0f} s)", flush=True)


def _machine():
    """Return what the numbers depend on: Python, packages, processors."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    processors = f"{platform.machine()}, {os.cpu_count()} processors"
    kept = "quick: no time means anything" if effort.quick else f"{effort.rounds} rounds"
    return f"Python {platform.python_version()}, {packages}, {processors}, {kept}"


def _load():
    """Return how many processes wanted a processor in the last minute; "" where none tells."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""


if __name__ == "__main__":
    sys.exit(main())
