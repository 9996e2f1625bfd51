"""The command line: ``lupuscart figures``, ``check-data`` and ``refresh``.

Every command prints what it did on the output stream and what went wrong, in one
message, on the error stream. Exit codes: 0 done, 1 something is wrong (the data, a
parameter, a notebook, a figure), 2 the command itself was not understood, 130 stopped
by Ctrl-C.

What a command needs is imported when it runs, so that ``--help`` answers at once.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from lupuscart import __version__

__all__ = ["main"]

#: Parameters that have an option of their own: what it names, and its help.
SHORTCUTS = {
    "language": ("CODE", "language of the figures, such as en or zh"),
    "theme": ("NAME", "colours, such as light or dark"),
    "confidence_level": ("LEVEL", "confidence level of the intervals, such as 0.9 for 90 %%"),
    "method": ("NAME", "interval of one proportion, such as wilson"),
    "trials_csv": ("FILE", "your own table of trials; its studies.csv lies beside it"),
}

FIGURES_EXAMPLES = """\
examples:
  lupuscart figures                          every figure, into figures/
  lupuscart figures 02 --language zh         one notebook, in Chinese
  lupuscart figures 02_response -p outcome sri4 --figures-dir ~/talk
  lupuscart figures --trials-csv mine/trials.csv --figures-dir mine/figures
  lupuscart figures --check                  are figures/ what the notebooks make?

The parameters of a notebook are the names in its cell tagged "parameters".
"""

CHECK_DATA_EXAMPLES = """\
examples:
  lupuscart check-data                       the collection's own data/trials.csv
  lupuscart check-data mine/trials.csv       your own table, with its studies.csv beside it
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows ``lupuscart``; taken from the command line by default.

    Returns
    -------
    int
        0 done, 1 something is wrong, 130 stopped by Ctrl-C.

    Raises
    ------
    SystemExit
        With 0 after ``--help`` and ``--version``, with 2 if the command was not
        understood.
    """
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        return 130
    except (ValueError, OSError) as error:
        return _fail(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lupuscart",
        description="What the first CAR-T trials in lupus can and cannot tell: figures and data.",
    )
    parser.add_argument("--version", action="version", version=f"lupuscart {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_figures(commands)
    _add_check_data(commands)
    _add_refresh(commands)
    return parser


def _add_figures(commands) -> None:
    parser = commands.add_parser(
        "figures",
        help="run the notebooks and write their figures",
        description="Run the notebooks and write their figures: NAME.png, NAME.svg and "
        "NAME.csv, the plotted table. Nothing runs before every parameter is checked; a "
        "notebook that fails leaves its old figures as they are.",
        epilog=FIGURES_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=_figures, usage_error=parser.error)
    parser.add_argument(
        "notebooks",
        nargs="*",
        metavar="NOTEBOOK",
        help="number, name or path, such as 02 or 02_response; all by default",
    )
    parser.add_argument(
        "-p",
        "--parameter",
        nargs=2,
        action="append",
        default=[],
        dest="parameters",
        metavar=("NAME", "VALUE"),
        help="a parameter for every notebook that has it; may be repeated",
    )
    for name, (metavar, meaning) in SHORTCUTS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", metavar=metavar, help=meaning)
    parser.add_argument(
        "--figures-dir",
        metavar="FOLDER",
        help="an existing folder of your own; figures/ by default",
    )
    parser.add_argument("--jobs", type=int, metavar="N", help="notebooks that run at once")
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; compare figures/ with what the notebooks make",
    )
    parser.add_argument("--quiet", action="store_true", help="print errors only")


def _add_check_data(commands) -> None:
    parser = commands.add_parser(
        "check-data",
        help="find every problem in a table of trials",
        description="Find every problem in a table of trials, and print all of them.",
        epilog=CHECK_DATA_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=_check_data)
    parser.add_argument(
        "trials_csv", nargs="?", metavar="TRIALS_CSV", help="data/trials.csv by default"
    )


def _add_refresh(commands) -> None:
    parser = commands.add_parser(
        "refresh",
        help="run the notebooks and store their outputs in place",
        description="Run the notebooks with the parameters they have and store what they show. "
        "This is the one way stored outputs change; figures/ is left alone.",
    )
    parser.set_defaults(run=_refresh)
    parser.add_argument(
        "notebooks",
        nargs="*",
        metavar="NOTEBOOK",
        help="number, name or path, such as 02 or 02_response; all by default",
    )


def _figures(options: argparse.Namespace) -> int:
    if options.check:
        return _check_figures(options)
    from lupuscart.runner import NotebookError, find_root, run_notebooks

    root = find_root()
    try:
        figures = run_notebooks(
            options.notebooks or None,
            root=root,
            parameters=_parameters(options),
            figures_dir=options.figures_dir,
            jobs=options.jobs,
            progress=not options.quiet,
        )
    except NotebookError as error:
        return _fail(error)
    if not options.quiet:
        folder = options.figures_dir or os.path.relpath(root / "figures")
        print(f"{_count(len(figures), 'figure')} in {folder}: {', '.join(figures)}")
    return 0


def _check_figures(options: argparse.Namespace) -> int:
    if options.notebooks or options.figures_dir or _parameters(options):
        options.usage_error("--check compares all of figures/, with the default parameters")
    from lupuscart.figure_check import check_figures
    from lupuscart.runner import NotebookError

    try:
        differences = check_figures(jobs=options.jobs, progress=not options.quiet)
    except NotebookError as error:
        return _fail(error)
    if differences:
        return _fail("\n".join(["figures/ is not what the notebooks make", *differences]))
    if not options.quiet:
        print("figures/ is what the notebooks make")
    return 0


def _parameters(options: argparse.Namespace) -> dict[str, str]:
    """Return the parameters of the command line, each given once."""
    shortcuts = [(name, getattr(options, name)) for name in SHORTCUTS]
    given = [
        *options.parameters,
        *((name, value) for name, value in shortcuts if value is not None),
    ]
    parameters: dict[str, str] = {}
    for name, value in given:
        if name in parameters:
            options.usage_error(f"the parameter {name} is given twice")
        parameters[name] = value
    return parameters


def _check_data(options: argparse.Namespace) -> int:
    from lupuscart.collection import find_root
    from lupuscart.trials import check_data

    trials_csv = options.trials_csv or find_root() / "data" / "trials.csv"
    problems, rows = check_data(trials_csv)
    if problems:
        print(*problems, sep="\n")
        return _fail(f"{_count(len(problems), 'problem')} in {trials_csv}")
    print(f"no problem in {_count(rows, 'row')}")
    return 0


def _refresh(options: argparse.Namespace) -> int:
    from lupuscart.collection import find_notebooks, find_root
    from lupuscart.refresh import RefreshError, refresh_notebook

    for path in find_notebooks(find_root(), options.notebooks or None):
        try:
            refresh_notebook(path)
        except RefreshError as error:
            return _fail(error)
        print(f"{path.name}: outputs stored")
    return 0


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _fail(message: object) -> int:
    print(f"lupuscart: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
