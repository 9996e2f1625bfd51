"""``lupuscart pages``: the notebooks as a static site."""

import argparse
import os

from lupuscart.commands.options import (
    add_notebooks,
    add_parameters,
    add_run_options,
    answer_error,
    count,
    given_parameters,
    reporter,
)

__all__ = ["add", "run"]

EXAMPLES = """\
examples:
  lupuscart pages                            every page, into build/pages/
  lupuscart pages --language zh --output ~/pages-zh
  lupuscart pages --trials-csv mine/trials.csv --output mine/pages

Open index.html of the folder in a browser, or send the folder around: it needs no
server and asks no other host for anything.
"""


def add(commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "pages",
        help="run the notebooks and write them as pages for a browser",
        description="Run the notebooks and write them as a small static site, in light and dark. "
        "Nothing runs before every parameter is checked; an earlier site is replaced whole, or "
        "left as it is.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run, usage_error=parser.error)
    add_notebooks(parser)
    add_parameters(parser)
    parser.add_argument(
        "--output",
        metavar="FOLDER",
        help="a new folder, an empty one or an earlier site; build/pages by default",
    )
    add_run_options(parser)


def run(options: argparse.Namespace) -> int:
    """Write the site and return the exit code."""
    from lupuscart.notebooks.run import NotebookError, find_root
    from lupuscart.site.site import write_pages

    root = find_root()
    try:
        pages = write_pages(
            options.notebooks or None,
            root=root,
            parameters=given_parameters(options),
            output=options.output,
            jobs=options.jobs,
            progress=not options.quiet,
            report=reporter(options),
        )
    except NotebookError as error:
        return answer_error(error)
    if not options.quiet:
        folder = options.output or os.path.relpath(root / "build" / "pages")
        print(f"{count(len(pages), 'page')} in {folder}: open {os.path.join(folder, pages[0])}")
    return 0
