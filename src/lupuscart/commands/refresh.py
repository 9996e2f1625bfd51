"""``lupuscart refresh``: run the notebooks and store their outputs in place."""

import argparse

from lupuscart.commands.options import add_cell_seconds, add_notebooks, answer_error

__all__ = ["add", "run"]


def add(commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "refresh",
        help="run the notebooks and store their outputs in place",
        description="Run the notebooks with the parameters they have and store what they show. "
        "This is the one way stored outputs change; figures/ is left alone.",
    )
    parser.set_defaults(run=run)
    add_notebooks(parser)
    add_cell_seconds(parser)


def run(options: argparse.Namespace) -> int:
    """Run the notebooks, store what they show, and return the exit code."""
    from lupuscart.notebooks.project import find_notebooks, find_root
    from lupuscart.notebooks.refresh import RefreshError, refresh_notebook

    for path in find_notebooks(find_root(), options.notebooks or None):
        try:
            refresh_notebook(path, cell_seconds=options.cell_seconds, report=print)
        except RefreshError as error:
            return answer_error(error)
        print(f"{path.name}: outputs stored")
    return 0
