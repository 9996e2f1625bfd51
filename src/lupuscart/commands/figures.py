"""``lupuscart figures``: run the notebooks and write their figures."""

import argparse
import os

from lupuscart.commands.options import (
    add_cell_seconds,
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
  lupuscart figures                          every figure, into figures/
  lupuscart figures 02 --language zh         one notebook, in Chinese, into my-figures/
  lupuscart figures 02_response -p outcome sri4 --figures-dir ~/talk
  lupuscart figures --trials-csv mine/trials.csv --figures-dir mine/figures
  lupuscart figures 02 --pdf                 and as PDF, into my-figures/
  lupuscart figures --format journal         for a paper: 89 or 183 mm wide, with PDF
  lupuscart figures 02 --title               the finding as a title inside the picture
  lupuscart figures --anew                   every figure, whether it is up to date or not
  lupuscart figures --check                  are figures/ what the notebooks make?

The parameters of a notebook are the names in its cell tagged "parameters".
"""


def add(commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "figures",
        help="run the notebooks and write their figures",
        description="Run the notebooks and write their figures: NAME.png, NAME.svg and "
        "NAME.csv, the plotted table. Nothing runs before every parameter is checked; a "
        "notebook whose figures are up to date is not run, and one that fails leaves its old "
        "figures as they are.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run, usage_error=parser.error)
    add_notebooks(parser)
    add_parameters(parser)
    parser.add_argument(
        "--figures-dir",
        metavar="FOLDER",
        help="an existing folder of your own; by default figures/, or my-figures/ with "
        "parameters of your own",
    )
    parser.add_argument("--pdf", action="store_true", help="write NAME.pdf too, for print")
    parser.add_argument(
        "--format",
        choices=("page", "journal"),
        default="page",
        help="page: 1920 x 1080; journal: one column (89 mm) or two (183 mm), type of 8 points, "
        "PDF with its fonts",
    )
    parser.add_argument(
        "--title",
        action="store_true",
        help="put the headline into each picture, for one that is shown without its page",
    )
    parser.add_argument("--anew", action="store_true", help="run what is up to date too")
    parser.add_argument(
        "--cold",
        action="store_true",
        help="start a new Python for each notebook, where they are forked by default (Linux)",
    )
    add_cell_seconds(parser)
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; compare figures/ with what the notebooks make",
    )
    add_run_options(parser)


def run(options: argparse.Namespace) -> int:
    """Run the notebooks, or compare, and return the exit code."""
    if options.check:
        return _check_figures(options)
    from lupuscart.notebooks.run import NotebookError, find_root, run_notebooks

    root = find_root()
    parameters = given_parameters(options)
    folder, journal = options.figures_dir, options.format == "journal"
    if journal:
        parameters = {**parameters, "context": "journal"}
    if folder is None and (parameters or options.pdf or options.title):
        # figures/ holds what the pages make by themselves, and the front page shows it.
        folder = root / "my-figures"
        folder.mkdir(exist_ok=True)
    try:
        figures = run_notebooks(
            options.notebooks or None,
            root=root,
            parameters=parameters,
            figures_dir=folder,
            anew=options.anew,
            jobs=options.jobs,
            warm=not options.cold,
            cell_seconds=options.cell_seconds,
            progress=not options.quiet,
            pdf=options.pdf or journal,
            titles=options.title,
            report=reporter(options),
        )
    except NotebookError as error:
        return answer_error(error)
    if not options.quiet:
        shown = options.figures_dir or os.path.relpath(folder or root / "figures")
        print(f"{count(len(figures), 'figure')} in {shown}: {', '.join(figures)}")
    return 0


def _check_figures(options: argparse.Namespace) -> int:
    asked = (options.notebooks, options.figures_dir, options.pdf, options.title)
    if any(asked) or options.format != "page" or given_parameters(options):
        options.usage_error("--check compares all of figures/, with the default parameters")
    from lupuscart.notebooks.compare import check_figures
    from lupuscart.notebooks.run import NotebookError

    try:
        differences = check_figures(jobs=options.jobs, progress=not options.quiet)
    except NotebookError as error:
        return answer_error(error)
    if differences:
        what = "figures/ or a stored picture is not what the notebooks make"
        return answer_error("\n".join([what, *differences]))
    if not options.quiet:
        print("figures/ and the stored pictures are what the notebooks make")
    return 0
