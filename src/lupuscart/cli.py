"""The command line, ``lupuscart``: one command a job, such as ``lupuscart figures``.

Every command prints what it did on the output stream and what went wrong, in one
message, on the error stream. Exit codes: 0 done, 1 something is wrong (the data, a
parameter, a notebook, a figure), 2 the command itself was not understood, 130 stopped
by Ctrl-C.

What a command needs is imported when it runs, so that ``--help`` answers at once.
"""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence

from lupuscart import __version__
from lupuscart.commands import (
    check_data,
    explore,
    figures,
    lab,
    new_trial,
    notebooks,
    pages,
    refresh,
    slides,
    sweep,
)
from lupuscart.commands.language import reader_language, speaking
from lupuscart.commands.options import answer_error
from lupuscart.console import is_anyone_reading, prepare_streams
from lupuscart.kernels.environment import file_size_is_limited, pin

__all__ = ["main", "make_parser"]

#: In the order of ``--help``.
COMMANDS = (
    *(figures, slides, pages, notebooks, lab, explore, sweep),
    *(new_trial, check_data, refresh),
)


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
    prepare_streams()
    # What libraries warn of is for their programmers; PYTHONWARNINGS may make errors of it.
    sys.warnoptions.clear()
    warnings.simplefilter("ignore")
    given = sys.argv[1:] if arguments is None else arguments
    language = reader_language(given)
    with speaking(language) as put_into_words:
        parser = make_parser()
        put_into_words(parser)
        options = parser.parse_args(given)
    options.reader_language = language
    if file_size_is_limited():
        sys.dont_write_bytecode = True
    try:
        code = _run(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError as error:
        if is_anyone_reading():  # another pipe than the one that is printed to
            return answer_error(error)
        # Or Python would try once more, at its end, and complain.
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return 1


def _run(options: argparse.Namespace) -> int:
    """Run the command; whatever goes wrong is told in one message."""
    try:
        pin()
        return options.run(options)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        raise
    except MemoryError:
        return answer_error("the memory that this process may use is not enough (ulimit -v?)")
    except (ValueError, OSError) as error:
        return answer_error(error)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line, in English."""
    parser = argparse.ArgumentParser(
        prog="lupuscart",
        description="What the first CAR-T trials in lupus can and cannot tell us.",
    )
    parser.add_argument("--version", action="version", version=f"lupuscart {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
