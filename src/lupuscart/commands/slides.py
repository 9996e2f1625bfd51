"""``lupuscart slides``: run the notebooks and write a PowerPoint deck of their figures."""

import argparse
import os

from lupuscart.commands.options import (
    add_notebooks,
    add_parameters,
    add_run_options,
    answer_error,
    given_parameters,
    reporter,
)

__all__ = ["add", "run"]

EXAMPLES = """\
examples:
  lupuscart slides                           all figures: build/lupuscart-en-light.pptx
  lupuscart slides --language zh --theme dark
  lupuscart slides 02 06 --output talk.pptx  two pages only
  lupuscart slides --trials-csv mine/trials.csv --output mine/deck.pptx
  lupuscart slides --template mine.pptx      in the look of your own slide master

At most 16 slides to talk from, with what to say and where each number comes from in the notes;
behind a divider the terms, further figures and every table. An existing deck is replaced.

A template is a .pptx whose slide master has the layouts of the decks made here. To make one,
open such a deck in PowerPoint, change its slide master (View, Slide Master), and save it.
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
    parser.add_argument(
        "--template",
        metavar="FILE",
        help="a .pptx that gives the deck its look; see below",
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
            template=options.template,
            jobs=options.jobs,
            progress=not options.quiet,
            report=reporter(options),
        )
    except NotebookError as error:
        return answer_error(error)
    if not options.quiet:
        print(f"deck: {os.path.relpath(deck)}")
    return 0
