"""``lupuscart check-data``: find every problem in a table of trials."""

import argparse

from lupuscart.commands.options import answer_error

__all__ = ["add", "run"]

EXAMPLES = """\
examples:
  lupuscart check-data                       the collection's own data/trials.csv
  lupuscart check-data mine/trials.csv       your own table, with its studies.csv beside it
  lupuscart check-data mine/my-trial.xlsx    a workbook; `lupuscart new-trial mine` makes one
  lupuscart check-data mine/trials.csv --language zh

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
    parser.add_argument(
        "--language", metavar="CODE", help="of the answer, en or zh; by default that of the system"
    )


def run(options: argparse.Namespace) -> int:
    """Print every problem and warning, and return the exit code."""
    from lupuscart.words.lexicon import using

    with using(options.language or options.reader_language):
        return _answer(options.trials_csv)


def _answer(trials_csv) -> int:
    from lupuscart.data.problems import as_lines
    from lupuscart.data.tables import examine
    from lupuscart.notebooks.project import find_root
    from lupuscart.words.lexicon import word

    trials_csv = trials_csv or find_root() / "data" / "trials.csv"
    found = examine(trials_csv)
    lines = [
        *(word("check.note", line=line) for line in as_lines(found.repairs)),
        *as_lines(found.problems),
        *(word("check.warning", line=line) for line in as_lines(found.warnings)),
    ]
    print(*lines, sep="\n", end="\n" if lines else "")
    if found.problems:
        code = "check.one_problem" if len(found.problems) == 1 else "check.problems"
        return answer_error(word(code, n=len(found.problems), file=trials_csv))
    _print_what_is_shown(trials_csv)
    print(word("check.sound_one" if found.rows == 1 else "check.sound", n=found.rows))
    return 0


def _print_what_is_shown(trials_csv) -> None:
    """Say where the reports show that the collection does not have, and which pages lack rows."""
    from lupuscart.data.dictionary import collection_rows
    from lupuscart.data.tables import load_trials
    from lupuscart.evidence.needs import PAGE_NEEDS, nothing_to_show, pages_of
    from lupuscart.words.lexicon import join, word

    known = {row["study"] for row in collection_rows("studies")}
    trials = load_trials(trials_csv)
    for study, rows in trials.groupby("study", sort=False):
        if study not in known:
            pages = pages_of(trials, study)
            code = f"check.shown{'' if pages else '_nowhere'}{'_one' if len(rows) == 1 else ''}"
            print(word(code, study=study, n=len(rows), pages=join(pages)))
    for page in PAGE_NEEDS:
        if sentence := nothing_to_show(page, trials_csv):
            print(word("check.nothing", page=page, sentence=sentence))
