"""What several commands share: the options that set parameters, and how they answer."""

import argparse
import sys
from collections.abc import Callable

from lupuscart.kernels.environment import (
    CELL_SECONDS,
    jupyter_settings_of_the_user,
)

__all__ = [
    "add_cell_seconds",
    "add_notebooks",
    "add_parameters",
    "add_run_options",
    "answer_error",
    "count",
    "given_parameters",
    "reporter",
    "say_whose_settings",
]

#: Parameters that have an option of their own: what it names, and its help.
SHORTCUTS = {
    "language": ("CODE", "language of the figures, such as en or zh"),
    "theme": ("NAME", "colours, such as light or dark"),
    "confidence_level": ("LEVEL", "confidence level of the intervals, such as 0.9 for 90 %%"),
    "method": ("NAME", "interval of one proportion, such as wilson"),
    "trials_csv": (
        "FILE",
        "your own trials: a workbook (.xlsx), or a CSV with studies.csv beside it",
    ),
}


def add_notebooks(parser: argparse.ArgumentParser) -> None:
    """Add the notebooks that are meant."""
    parser.add_argument(
        "notebooks",
        nargs="*",
        metavar="NOTEBOOK",
        help="number, name or path, such as 02 or 02_response; all by default",
    )


def add_parameters(parser: argparse.ArgumentParser) -> None:
    """Add ``-p NAME VALUE`` and the options for the parameters that most pages have."""
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


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add how many notebooks run at once, and how much the user is told."""
    parser.add_argument("--jobs", type=int, metavar="N", help="notebooks that run at once")
    parser.add_argument("--quiet", action="store_true", help="print errors only")


def add_cell_seconds(parser: argparse.ArgumentParser) -> None:
    """Add the time limit of a cell."""
    parser.add_argument(
        "--cell-seconds",
        type=int,
        default=CELL_SECONDS,
        metavar="N",
        help="how long a cell may run before it is stopped; %(default)s by default",
    )


def given_parameters(options: argparse.Namespace) -> dict[str, str]:
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


def reporter(options: argparse.Namespace) -> Callable[[str], None]:
    """Return what tells the user a sentence, or nothing where errors only are wanted."""
    return (lambda sentence: None) if options.quiet else print


def say_whose_settings(server: str) -> None:
    """Say on the error stream which files of the user's a server does without, if any.

    Parameters
    ----------
    server : str
        What is started, as the sentence calls it.
    """
    if files := jupyter_settings_of_the_user():
        names = ", ".join(map(str, files))
        print(
            f"lupuscart: settings of yours are not used here ({names}): {server} keeps its "
            "token and its check of requests, and listens on this machine only",
            file=sys.stderr,
        )


def count(number: int, noun: str) -> str:
    """Return a number with its noun, such as "2 figures"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def answer_error(message: object) -> int:
    """Say on the error stream what is wrong, and return the exit code."""
    print(f"lupuscart: {message}", file=sys.stderr)
    return 1
