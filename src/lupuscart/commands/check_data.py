"""``lupuscart check-data``: find every problem in a table of trials."""

import argparse

from lupuscart.commands.options import answer_error, count

__all__ = ["add", "run"]

EXAMPLES = """\
examples:
  lupuscart check-data                       the collection's own data/trials.csv
  lupuscart check-data mine/trials.csv       your own table, with its studies.csv beside it
"""


def add(commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "check-data",
        help="find every problem in a table of trials",
        description="Find every problem in a table of trials, and print all of them.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "trials_csv", nargs="?", metavar="TRIALS_CSV", help="data/trials.csv by default"
    )


def run(options: argparse.Namespace) -> int:
    """Print every problem, and return the exit code."""
    from lupuscart.data.tables import check_data
    from lupuscart.notebooks.project import find_root

    trials_csv = options.trials_csv or find_root() / "data" / "trials.csv"
    problems, rows = check_data(trials_csv)
    if problems:
        print(*problems, sep="\n")
        return answer_error(f"{count(len(problems), 'problem')} in {trials_csv}")
    print(f"no problem in {count(rows, 'row')}")
    return 0
