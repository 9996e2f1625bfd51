"""``lupuscart sweep``: every combination of a grid, here or on a cluster."""

import argparse
import os
import sys

from lupuscart.commands.options import answer_error, count

__all__ = ["add", "run"]

EXAMPLES = """\
examples:
  lupuscart sweep notebooks/02_response.ipynb --grid grid.yaml
  lupuscart sweep planning.power_two_arm --grid grid.yaml --jobs 4 --csv
  lupuscart sweep 02 04 --grid tables.yaml --scheduler tcp://10.0.0.1:8786

grid.yaml, a parameter a line, with a list of values or one value:
  confidence_level: [0.8, 0.9, 0.95]
  method: [wilson, clopper-pearson]
  role: core

A sweep that was stopped goes on when it is started again. docs/sweep.md has more.
"""


def add(commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "sweep",
        help="run notebooks or planning functions over a grid of parameters",
        description="Run every combination of a grid of parameters, on this machine or on a Dask "
        "cluster, and put all tables into one: results.parquet, with an overview figure.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "targets",
        nargs="+",
        metavar="TARGET",
        help="a notebook, as in figures, or a function such as planning.power_two_arm",
    )
    parser.add_argument("--grid", required=True, metavar="FILE", help="the grid, in YAML")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster that runs")
    parser.add_argument("--jobs", type=int, metavar="N", help="worker processes on this machine")
    parser.add_argument(
        "--output", metavar="FOLDER", help="where to write; build/sweep/TARGET by default"
    )
    parser.add_argument("--csv", action="store_true", help="write results.csv too")
    parser.add_argument(
        "--show", default="", metavar="COLUMN", help="what the overview shows, or TABLE:COLUMN"
    )
    parser.add_argument("--language", default="en", metavar="CODE", help="of the overview: en, zh")
    parser.add_argument(
        "--theme", default="light", metavar="NAME", help="of the overview: light, dark"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask before very many runs")
    parser.add_argument("--quiet", action="store_true", help="print errors only")


def run(options: argparse.Namespace) -> int:
    """Run the sweep, and return the exit code: 1 if a combination failed."""
    import matplotlib

    from lupuscart.sweep.grid import read_grid
    from lupuscart.sweep.run import SweepError, run_sweep

    matplotlib.use("agg")  # files only: no window, whatever the machine has
    grid = read_grid(options.grid)
    try:
        done = run_sweep(
            options.targets,
            grid,
            scheduler=options.scheduler,
            jobs=options.jobs,
            output=options.output,
            csv=options.csv,
            show=options.show,
            language=options.language,
            theme=options.theme,
            confirm=lambda question: options.yes or _ask(question),
            progress=not options.quiet,
        )
    except SweepError as error:
        return answer_error(error)
    folder = os.path.relpath(done.folder)
    if not options.quiet:
        _print_summary(done, folder)
    if done.failures:
        first = min(done.failures)
        failed = f"{count(len(done.failures), 'combination')} of {done.combinations:,} failed"
        return answer_error(
            f"{failed}; every error is in {os.path.join(folder, 'failures.csv')}, the first: "
            f"{done.failures[first]}"
        )
    return 0


def _ask(question: str) -> bool:
    """Ask at a terminal; without one, nobody can answer, and the answer is no."""
    if not sys.stdin.isatty():
        print("lupuscart: nobody to ask; --yes starts them", file=sys.stderr)
        return False
    print(question, "Start? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _print_summary(done, folder: str) -> None:
    if done.changed:
        print(f"started anew, because of changes: {', '.join(done.changed)}")
    if done.kept:
        print(f"{count(done.kept, 'combination')} of {done.combinations:,} were there already")
    if done.overview:
        print(f"no overview: {done.overview}")
    print(f"{count(done.rows, 'row')} in {os.path.join(folder, 'results.parquet')}")
