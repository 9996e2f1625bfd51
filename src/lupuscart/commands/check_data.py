"""``lupuscart check-data``: find every problem in a table of trials."""

import argparse

from lupuscart.commands.options import answer_error, count

__all__ = ["add", "run"]

EXAMPLES = """\
examples:
  lupuscart check-data                       the collection's own data/trials.csv
  lupuscart check-data mine/trials.csv       your own table, with its studies.csv beside it
  lupuscart check-data mine/my-trial.xlsx    a workbook; `lupuscart new-trial mine` makes one

A warning names what is odd and may be right; it stops nothing. To answer it, say why in the
note of the row: "checked week: the abstract prints both", with the column that it names.
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
        "trials_csv",
        nargs="?",
        metavar="TRIALS_CSV",
        help="a table of trials, or a workbook; data/trials.csv by default",
    )


def run(options: argparse.Namespace) -> int:
    """Print every problem and warning, and return the exit code."""
    from lupuscart.data.problems import tell
    from lupuscart.data.tables import examine
    from lupuscart.notebooks.project import find_root

    trials_csv = options.trials_csv or find_root() / "data" / "trials.csv"
    found = examine(trials_csv)
    print(*(f"note: {line}" for line in tell(found.repairs)), sep="\n", end=_end(found.repairs))
    lines = [*tell(found.problems), *(f"warning: {line}" for line in tell(found.warnings))]
    print(*lines, sep="\n", end=_end(lines))
    if found.problems:
        return answer_error(f"{count(len(found.problems), 'problem')} in {trials_csv}")
    _tell_what_is_shown(trials_csv)
    print(f"no problem in {count(found.rows, 'row')}")
    return 0


def _tell_what_is_shown(trials_csv) -> None:
    """Say where the reports show that the collection does not have, and which pages lack rows."""
    from lupuscart.data.dictionary import collection_rows
    from lupuscart.data.tables import load_trials
    from lupuscart.evidence.needs import PAGE_NEEDS, nothing_to_show, pages_of

    known = {row["study"] for row in collection_rows("studies")}
    trials = load_trials(trials_csv)
    for study, rows in trials.groupby("study", sort=False):
        if study not in known:
            pages = pages_of(trials, study)
            where = f"on pages {', '.join(pages)}" if pages else "on no page"
            print(f"{study}: {count(len(rows), 'outcome')}, {where}")
    for page in PAGE_NEEDS:
        if sentence := nothing_to_show(page, trials_csv):
            print(f"{page}: nothing to show: {sentence}")


def _end(lines: list) -> str:
    return "\n" if lines else ""
