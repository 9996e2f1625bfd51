"""The static site: what the notebooks show, for readers who only have a browser.

Vocabulary
----------
page
    One notebook as it ran, ``02_response.html``, or the description of the data,
    ``data.html``.
index
    ``index.html``: the answers in short, three cautions, then the question of every page with
    its figure.

The site needs no server and asks no host: it works from a file path. A figure is there
as SVG, in light and dark: about half the bytes of its PNG and sharp at every size. The
PNG lies beside it for slides, the CSV for its numbers.
"""

import contextlib
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from lupuscart.atomic import exchange_folder, put_back, try_folder
from lupuscart.figures.style import THEMES
from lupuscart.locks import scratch_folder, wait_for_lock
from lupuscart.made import key_of, note, noted, versions
from lupuscart.notebooks.parameters import check_parameters, search_behind
from lupuscart.notebooks.project import (
    Notebook,
    build_folder,
    find_notebooks,
    find_root,
    read_notebook,
)
from lupuscart.notebooks.run import run_notebooks
from lupuscart.notebooks.up_to_date import fingerprint
from lupuscart.site import reference
from lupuscart.site.link_check import broken_links
from lupuscart.site.pages import DESCRIPTIONS, LIST_OF_FILES, Run, write_files
from lupuscart.words.lexicon import LANGUAGES, using

__all__ = ["write_pages"]

#: Packages that decide what a page looks like, beside those that draw.
LIBRARIES = ("jinja2", "latex2mathml", "markupsafe", "mistune", "nbconvert", "nbformat", "pdoc")


def write_pages(
    names: Iterable[str] | None = None,
    *,
    root=None,
    parameters: Mapping[str, object] | None = None,
    output=None,
    jobs: int | None = None,
    progress: bool = True,
    report: Callable[[str], None] = lambda sentence: None,
) -> list[str]:
    """Run notebooks and write them, in light and in dark, as a static site.

    What ``lupuscart figures`` has made with the same settings is taken, and its figures are drawn
    again in dark. All of it is kept under ``build/site/``: a second site with the same settings
    draws nothing.

    Parameters
    ----------
    names : iterable of str, optional
        Notebooks, named as in `lupuscart.notebooks.run.run_notebooks`; all numbered ones by
        default.
    root : path, optional
        The collection's folder or one inside it; found from the working folder by
        default.
    parameters : mapping, optional
        Parameter name to value; ``language`` is also that of the site. ``theme`` is not
        allowed, since a page has both.
    output : path, optional
        The folder of the site, ``build/pages`` by default. It may exist if it is empty
        or an earlier site, which is replaced whole.
    jobs : int, optional
        How many notebooks run at once; by default one more than there are processors.
    progress : bool, optional
        Whether to show a progress bar on the error stream.
    report : callable, optional
        Called with a sentence for the user: what is up to date, what is waited for.

    Returns
    -------
    list of str
        The file names of the pages, ``index.html`` first.

    Raises
    ------
    ValueError
        If a notebook, a parameter, the data or the folder is wrong; nothing has run
        then. Or if a page shows a picture it does not save, or has a link that leads
        nowhere; the folder is as it was then.
    NotebookError
        If a notebook failed; the folder is as it was.
    """
    root = find_root(root)
    notebooks = [read_notebook(path) for path in find_notebooks(root, names)]
    given = dict(parameters or {})
    if "theme" in given:
        raise ValueError("theme is no parameter of the pages; allowed: none, a page has both")
    check_parameters(notebooks, given)
    output = _site_folder(root, output)

    made = root / "build" / "site" / str(given.get("language", "en"))
    made.mkdir(parents=True, exist_ok=True)
    # One site at a time: the runs of two would mix.
    with contextlib.ExitStack() as stack:
        stack.enter_context(wait_for_lock(made, report))
        put_back(output)
        scratch = stack.enter_context(scratch_folder(output.parent, prefix=".pages-"))
        # What holds for both themes is said once.
        options = {"jobs": jobs, "progress": progress, "report": functools.cache(report)}
        options["take"] = True
        if not reference.is_installed():
            report("pdoc is not installed: the site has no reference of the statistics")
        runs = _run_in_themes(root, notebooks, given, made, **options)
        key, build = _key(root, notebooks, given, runs), build_folder(root)
        if pages := noted(build, output, key):
            return pages
        site = scratch / "site"
        with using(str(given.get("language", LANGUAGES[0]))):
            pages = write_files(site, root, notebooks, runs, given)
        if problems := broken_links(site):
            raise ValueError("\n".join(["the pages have links that lead nowhere", *problems]))
        exchange_folder(site, output)
        note(build, output, key, pages)
    return pages


def _key(root: Path, notebooks: Sequence[Notebook], given: Mapping, runs: Mapping[str, Run]) -> str:
    """Return the key of all that a site is made from."""
    files = [root / address for address in DESCRIPTIONS]
    for run in runs.values():
        files += [path for path in run.figures.iterdir() if path.is_file()]
    files += [runs["light"].copies / book.name for book in notebooks]
    settings = {
        "shared": fingerprint(root),
        "libraries": versions(LIBRARIES),
        "given": {name: str(value) for name, value in given.items()},
        "names": {theme: list(run.names) for theme, run in runs.items()},
        "search": dict(search_behind(notebooks, given)),
    }
    return key_of(files, settings)


def _run_in_themes(
    root: Path, notebooks: Sequence[Notebook], given: Mapping, made: Path, **options
) -> dict[str, Run]:
    runs = {}
    for theme in THEMES:
        places = {"figures_dir": made / theme / "figures", "copies_dir": made / theme / "notebooks"}
        for place in places.values():
            place.mkdir(parents=True, exist_ok=True)
        paths = [str(book.path) for book in notebooks if theme == "light" or _has_theme(book)]
        own = {"theme": theme} if any(map(_has_theme, notebooks)) else {}
        names = []
        if paths:
            # Of the pages in dark only the figures are shown.
            names = run_notebooks(
                paths,
                root=root,
                parameters={**given, **own},
                redraw=theme != "light",
                **places,
                **options,
            )
        runs[theme] = Run(names, *places.values())
    return runs


def _has_theme(notebook: Notebook) -> bool:
    return "theme" in notebook.defaults


def _site_folder(root: Path, output) -> Path:
    """Return the folder of the site, absolute, once a site could be put there."""
    if output is None:
        output = root / "build" / "pages"
        output.parent.mkdir(exist_ok=True)
    folder = Path(output).resolve()
    if not folder.parent.is_dir():
        raise ValueError(f"output is {str(output)!r}; allowed: a folder inside an existing one")
    try:
        try_folder(folder.parent)
    except OSError as error:
        raise ValueError(
            f"output is {str(output)!r}, and nothing can be written beside it ({error.strerror})"
        ) from None
    if folder.exists() and (strange := _strange_files(folder)):
        raise ValueError(
            f"output is {str(output)!r}, which holds {strange[0]}; allowed: a new folder, an "
            "empty one, or an earlier site with nothing added to it"
        )
    return folder


def _strange_files(folder: Path) -> list[str]:
    """Return what an earlier site did not put into a folder."""
    if not folder.is_dir():
        return ["a file of that name"]
    known = folder / LIST_OF_FILES
    listed = {LIST_OF_FILES, *known.read_text("utf-8").splitlines()} if known.is_file() else set()
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return sorted(found - listed)
