"""``lupuscart notebooks``: the pages as notebooks in another language."""

import argparse

from lupuscart.commands.options import count, reporter

__all__ = ["add", "run"]

EXAMPLES = """\
examples:
  lupuscart notebooks --language zh --output my-notebooks
  lupuscart lab --language zh                the same, opened in JupyterLab

A notebook that you have changed in the folder stays as it is.
"""


def add(commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "notebooks",
        help="write the pages as notebooks in another language",
        description="Write the pages as notebooks whose prose is in another language and whose "
        "code is the same, to be explored in JupyterLab.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    parser.add_argument("--language", required=True, metavar="CODE", help="such as zh")
    parser.add_argument(
        "--output", required=True, metavar="FOLDER", help="a new folder, or an earlier one of these"
    )
    parser.add_argument("--quiet", action="store_true", help="print errors only")


def run(options: argparse.Namespace) -> int:
    """Write the notebooks and return the exit code."""
    from lupuscart.notebooks.edition import CONTENTS, write_notebooks

    files = write_notebooks(options.output, language=options.language, report=reporter(options))
    if not options.quiet:
        print(f"{count(len(files), 'file')} in {options.output}: begin with {CONTENTS}")
    return 0
