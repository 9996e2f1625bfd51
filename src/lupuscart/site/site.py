"""The static site: what the notebooks show, for readers who only have a browser.

Vocabulary
----------
page
    One notebook as it ran, ``02_response.html``, or the description of the data,
    ``data.html``.
index
    ``index.html``: three cautions, then the question of every page with its figure.
list of files
    ``.lupuscart-pages`` in the site: what was written there. By it a later run knows
    that the folder is a site, and that nothing of the user's own lies in it.

The site needs no server and asks no host: it works from a file path. A figure is there
as SVG, in light and dark: about half the bytes of its PNG and sharp at every size. The
PNG lies beside it for slides, the CSV for its numbers.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lupuscart import __version__
from lupuscart.atomic import try_folder
from lupuscart.figures.style import THEMES
from lupuscart.locks import scratch_folder, wait_for_lock
from lupuscart.notebooks.figure_store import read_manifest
from lupuscart.notebooks.parameters import PATH_PARAMETERS, check_parameters
from lupuscart.notebooks.project import Notebook, find_notebooks, find_root, read_notebook
from lupuscart.notebooks.run import run_notebooks
from lupuscart.site.link_check import broken_links
from lupuscart.words.lexicon import word

__all__ = ["write_pages"]

LIST_OF_FILES = ".lupuscart-pages"

# Pages beside those of the notebooks: address to page.
DESCRIPTIONS = {"data/README.md": "data.html"}


def write_pages(
    names: Iterable[str] | None = None,
    *,
    root=None,
    parameters: Mapping[str, object] | None = None,
    output=None,
    jobs: int | None = None,
    progress: bool = True,
    tell: Callable[[str], None] = lambda sentence: None,
) -> list[str]:
    """Run notebooks, in light and in dark, and write them as a static site.

    What they make is kept under ``build/site/``: a second site with the same settings runs
    nothing.

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
        How many notebooks run at once; by default as many as there are processors.
    progress : bool, optional
        Whether to show a progress bar on the error stream.
    tell : callable, optional
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
    with wait_for_lock(made, tell), scratch_folder(output.parent, prefix=".pages-") as scratch:
        options = {"jobs": jobs, "progress": progress, "tell": tell}
        runs = _run_in_themes(root, notebooks, given, made, **options)
        site = scratch / "site"
        pages = _write_site(site, root, notebooks, runs, given)
        if problems := broken_links(site):
            raise ValueError("\n".join(["the pages have links that lead nowhere", *problems]))
        _replace(site, output, scratch / "earlier")
    return pages


@dataclass(frozen=True)
class _Run:
    """What the notebooks made in one theme: the names of the figures, and where all is."""

    names: Sequence[str]
    figures: Path
    copies: Path

    @property
    def records(self) -> dict[str, dict]:
        records = read_manifest(self.figures)
        return {name: records[name] for name in self.names}


def _run_in_themes(
    root: Path, notebooks: Sequence[Notebook], given: Mapping, made: Path, **options
) -> dict[str, _Run]:
    runs = {}
    for theme in THEMES:
        places = {"figures_dir": made / theme / "figures", "copies_dir": made / theme / "notebooks"}
        for place in places.values():
            place.mkdir(parents=True, exist_ok=True)
        paths = [str(book.path) for book in notebooks if theme == "light" or _has_theme(book)]
        own = {"theme": theme} if any(map(_has_theme, notebooks)) else {}
        names = []
        if paths:
            names = run_notebooks(
                paths, root=root, parameters={**given, **own}, **places, **options
            )
        runs[theme] = _Run(names, *places.values())
    return runs


def _has_theme(notebook: Notebook) -> bool:
    return "theme" in notebook.defaults


def _write_site(
    site: Path,
    root: Path,
    notebooks: Sequence[Notebook],
    runs: Mapping[str, _Run],
    given: Mapping[str, object],
) -> list[str]:
    """Write every file of the site and return the pages."""
    # Both take half a second to import: not before everything has been checked.
    import jinja2

    from lupuscart.site.parts import Prose

    (site / "figures").mkdir(parents=True)
    language = str(given.get("language", "en"))
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("lupuscart.site"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.globals.update(
        word=partial(word, language=language),
        language=language,
        version=__version__,
        themes=THEMES,
    )

    def write(name: str, template: str, **values) -> None:
        text = environment.get_template(template).render(**values)
        (site / name).write_text(text, encoding="utf-8", newline="\n")

    figures, dark_figures = runs["light"].records, runs["dark"].records
    _copy_figures(site / "figures", figures, runs["light"], (".svg", ".png", ".csv"))
    _copy_figures(site / "figures", dark_figures, runs["dark"], (".svg",), ending="-dark")
    environment.globals["dark_figures"] = dark_figures
    addresses = {f"notebooks/{book.name}": f"{book.path.stem}.html" for book in notebooks}
    links = addresses | DESCRIPTIONS
    pages = [
        {**_page(book, runs["light"].copies, figures, links), "given": _given_words(book, given)}
        for book in notebooks
    ]
    neighbours = zip([None, *pages], pages, [*pages[1:], None], strict=False)
    for before, page, after in neighbours:
        write(page["file"], "notebook.html", page=page, before=before, after=after)
    for address, name in DESCRIPTIONS.items():
        text = (root / address).read_text(encoding="utf-8")
        body = Prose(os.path.dirname(address), links).html(text)
        title = text.partition("\n")[0].removeprefix("# ")
        write(name, "description.html", title=title, body=body)
    write("index.html", "index.html", pages=pages, descriptions=DESCRIPTIONS)
    for name in ("style.css", "theme.js", "icon.svg"):
        write(name, name)
    written = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.*"))
    (site / LIST_OF_FILES).write_text("\n".join([*written, ""]), encoding="utf-8", newline="\n")
    return ["index.html", *addresses.values(), *DESCRIPTIONS.values()]


def _copy_figures(
    folder: Path, names: Iterable[str], run: _Run, suffixes: Iterable[str], ending: str = ""
) -> None:
    for name in names:
        for suffix in suffixes:
            shutil.copyfile(run.figures / f"{name}{suffix}", folder / f"{name}{ending}{suffix}")


def _page(notebook: Notebook, copies: Path, records: Mapping, links: Mapping[str, str]) -> dict:
    """Return what the templates show of one notebook."""
    import nbformat

    from lupuscart.site.parts import Prose, page_parts, title_and_summary

    executed = nbformat.read(copies / notebook.name, as_version=4)
    figures = {
        name: {"headline": "", "source": [], **record}
        for name, record in records.items()
        if record["notebook"] == notebook.name
    }
    try:
        title, summary = title_and_summary(executed)
        parts = list(page_parts(executed, Prose("notebooks", links), figures))
    except ValueError as error:
        raise ValueError(f"{notebook.name}: {error}") from None
    shown = [part.content for part in parts if part.kind == "figure"]
    return {
        "file": links[f"notebooks/{notebook.name}"],
        "notebook": notebook.name,
        "title": title,
        "summary": Prose("notebooks", links).html(summary),
        "parts": parts,
        "figures": figures,
        "first_figure": shown[0] if shown else None,
        "data": next(iter(figures.values()))["data"] if figures else {},
    }


def _given_words(notebook: Notebook, given: Mapping[str, object]) -> str:
    """Return the settings that are not a notebook's own; of a path, the file's name."""
    return ", ".join(
        f"{name} = {Path(str(value)).name if name in PATH_PARAMETERS else value}"
        for name, value in given.items()
        if name in notebook.defaults
    )


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


def _replace(site: Path, output: Path, earlier: Path) -> None:
    """Put the new site in the place of the earlier one, or leave that as it is."""
    if output.exists():
        output.rename(earlier)
    try:
        site.rename(output)
    except OSError:
        if earlier.exists():
            earlier.rename(output)
        raise
