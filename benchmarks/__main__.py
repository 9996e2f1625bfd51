"""Run every benchmark and print one table, then the machine it was made on.

python -m benchmarks
"""

import platform
from importlib import import_module
from importlib.metadata import version

MODULES = (
    "bench_proportions",
    "bench_comparisons",
    "bench_planning",
    "bench_pooling",
    "bench_explore",
    "bench_r",
)
PACKAGES = ("numpy", "scipy", "statsmodels")


def main():
    for module in MODULES:
        for name, ours, peer, theirs, ratio in import_module(f"benchmarks.{module}").rows():
            beside = f"{theirs:10.4f} s {ratio:8.1f} x  {peer}" if peer else ""
            print(f"{name:52} {ours:9.4f} s {beside}".rstrip(), flush=True)
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    print(f"\nPython {platform.python_version()}, {packages}, {platform.machine()}")


if __name__ == "__main__":
    main()
