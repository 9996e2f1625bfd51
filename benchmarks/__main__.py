"""Run every benchmark and print one table, then the machine it was made on.

python -m benchmarks            everything
python -m benchmarks rebuild    one of them

What was found, and what did not help: README.md beside this file.
"""

import os
import platform
import sys
from importlib import import_module
from importlib.metadata import version

TOPICS = (
    *("proportions", "comparisons", "planning", "pooling", "explore", "scale", "sweep", "r"),
    "rebuild",
)
PACKAGES = ("numpy", "scipy", "statsmodels", "papermill", "nbconvert", "nbmake")


def main(topics):
    for topic in topics or TOPICS:
        rows = import_module(f"benchmarks.bench_{topic}").rows()
        for name, ours, peer, theirs, ratio in rows:
            beside = f"{theirs:10.4f} s {ratio:8.2f} x  {peer}" if peer else ""
            print(f"{name:52} {ours:9.4f} s {beside}".rstrip(), flush=True)
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    machine = f"{platform.machine()}, {os.cpu_count()} processors"
    print(f"\nPython {platform.python_version()}, {packages}, {machine}")


if __name__ == "__main__":
    main(sys.argv[1:])
