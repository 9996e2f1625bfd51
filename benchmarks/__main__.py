"""Run every benchmark, print its rows, and write them to build/benchmarks.csv.

python -m benchmarks            everything
python -m benchmarks rebuild    one of them

What was found, and what did not help: README.md beside this file.
"""

import csv
import logging
import os
import platform
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

TOPICS = (
    *("proportions", "comparisons", "planning", "pooling", "explore", "scale", "sweep", "r"),
    "rebuild",
)
PACKAGES = ("numpy", "scipy", "statsmodels", "papermill", "nbconvert", "nbmake")


TABLE = Path(__file__).resolve().parents[1] / "build" / "benchmarks.csv"
COLUMNS = ("topic", "name", "seconds", "peer", "peer_seconds", "ratio", "machine", "load")


def main(topics):
    # Else scipy's optimiser installs one that prints, and Dask's messages come through it.
    logging.getLogger().addHandler(logging.NullHandler())
    machine = _machine()
    print(machine, end="\n\n")
    TABLE.parent.mkdir(exist_ok=True)
    with open(TABLE, "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for topic in topics or TOPICS:
            for row in import_module(f"benchmarks.bench_{topic}").rows():
                name, ours, peer, theirs, ratio = row
                beside = f"{theirs:10.4f} s {ratio:8.2f} x  {peer}" if peer else ""
                print(f"{name:52} {ours:9.4f} s {beside}".rstrip(), flush=True)
                numbers = (f"{theirs:.6g}", f"{ratio:.4g}") if peer else ("", "")
                cells = (topic, name, f"{ours:.6g}", peer, *numbers, machine, _load())
                table.writerow(cells)
                file.flush()  # what is measured is kept, whatever comes after
    print(f"\n{TABLE}")


def _machine():
    """Return what the numbers depend on: Python, packages, processors."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    processors = f"{platform.machine()}, {os.cpu_count()} processors"
    return f"Python {platform.python_version()}, {packages}, {processors}"


def _load():
    """Return how many processes wanted a processor in the last minute; "" where none tells."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""


if __name__ == "__main__":
    main(sys.argv[1:])
