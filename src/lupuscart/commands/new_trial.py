"""``lupuscart new-trial``: make a folder and a workbook to enter a trial of one's own."""

import argparse
from pathlib import Path

__all__ = ["add", "run"]

EXAMPLES = """\
examples:
  lupuscart new-trial my-data                a workbook to fill in, my-data/my-trial.xlsx
  lupuscart new-trial my-data --language zh  its words in Chinese
  lupuscart new-trial beside --with-collection
                                             your trial among those of the collection

Fill in the sheets studies and trials, then:
  lupuscart check-data my-data/my-trial.xlsx
  lupuscart figures --trials-csv my-data/my-trial.xlsx
"""


def add(commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "new-trial",
        help="make a workbook to enter a trial of your own",
        description="Make a folder with a workbook to enter a trial: one sheet a table, with "
        "drop-downs in words and a sentence on each column. The same tables lie beside it as "
        "CSV, with one report as a model. Nothing is overwritten.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    parser.add_argument("folder", metavar="FOLDER", help="a new folder, such as my-data")
    parser.add_argument(
        "--with-collection",
        action="store_true",
        help="with every row of the collection, so that your trial is shown beside them",
    )
    parser.add_argument(
        "--language",
        metavar="CODE",
        help="of the workbook, en or zh; by default that of the system",
    )


def run(options: argparse.Namespace) -> int:
    """Make the folder, say what to do next, and return the exit code."""
    from lupuscart.arguments import check_choice
    from lupuscart.data.workbook.folder import new_folder
    from lupuscart.data.workbook.form import commands_for
    from lupuscart.words import lexicon

    language = options.language or options.reader_language
    check_choice("language", language, lexicon.LANGUAGES)
    with lexicon.using(language):
        workbook, *_ = new_folder(Path(options.folder), with_collection=options.with_collection)
        print(lexicon.word("new_trial.fill", workbook=workbook))
        print(*(f"  {command}" for command in commands_for(workbook).values()), sep="\n")
        print(lexicon.word("new_trial.beside"))
    return 0
