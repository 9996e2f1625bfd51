"""``lupuscart slides``: run the notebooks and write a PowerPoint deck of their figures."""

import argparse
import os

from lupuscart.commands.options import (
    add_notebooks,
    add_parameters,
    add_run_options,
    answer_error,
    given_parameters,
    teller,
)

__all__ = ["add", "run"]

EXAMPLES = """\
examples:
  lupuscart slides                           all figures: build/lupuscart-en-light.pptx
  lupuscart slides --language zh --theme dark
  lupuscart slides 02 06 --output talk.pptx  two pages only
  lupuscart slides --trials-csv mine/trials.csv --output mine/deck.pptx

A slide for each figure, its table, where each number comes from in the notes, and the
references. An existing deck is replaced.
"""


def add(commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "slides",
        help="run the notebooks and write a PowerPoint deck",
        description="Run the notebooks and write a PowerPoint deck of their figures, in English "
        "or Chinese, light or dark. Nothing runs before every parameter is checked.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run, usage_error=parser.error)
    add_notebooks(parser)
    add_parameters(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="a .pptx in an existing folder; build/lupuscart-LANGUAGE-THEME.pptx by default",
    )
    add_run_options(parser)


def run(options: argparse.Namespace) -> int:
    """Write the deck, and return the exit code."""
    from lupuscart.deck.deck import make_deck
    from lupuscart.notebooks.run import NotebookError

    try:
        deck = make_deck(
            options.output,
            names=options.notebooks or None,
            parameters=given_parameters(options),
            jobs=options.jobs,
            progress=not options.quiet,
            tell=teller(options),
        )
    except NotebookError as error:
        return answer_error(error)
    if not options.quiet:
        print(f"deck: {os.path.relpath(deck)}")
    return 0
