"""Every file of the static site, written into an empty folder.

Vocabulary
----------
view
    What the templates show of one page.
list of files
    ``.lupuscart-pages`` in the site: what was written there. By it a later run knows
    that the folder is a site, and that nothing of the user's own lies in it.
"""

import itertools
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lupuscart import __version__
from lupuscart.figures.style import THEMES
from lupuscart.notebooks.edition import is_in_language, translate_cells
from lupuscart.notebooks.figure_store import read_manifest
from lupuscart.notebooks.nothing_to_show import SENTENCE
from lupuscart.notebooks.parameters import PATH_PARAMETERS, search_behind
from lupuscart.notebooks.project import Notebook
from lupuscart.reporting.in_short import first_pages, short_answer
from lupuscart.site import glossary, reference
from lupuscart.site.explore import LIMITS_FILE, explore_view, limits_script
from lupuscart.words.cautions import before_any_number
from lupuscart.words.labels import date_words
from lupuscart.words.lexicon import LANGUAGES, current_language, word
from lupuscart.words.markdown import is_translated, translated_markdown

__all__ = ["LIST_OF_FILES", "Run", "write_files"]

LIST_OF_FILES = ".lupuscart-pages"

# Pages beside those of the notebooks: address to page.
DESCRIPTIONS = {"data/README.md": "data.html"}
CATALOGUES = {"data/README.md": "data_readme"}

# The folder of the reference pages of the statistics.
REFERENCE = "reference"

# Files that are the same on every page.
SHARED = ("style.css", "theme.js", "site.js", "explore.js", "icon.svg")

# What HTML calls each language.
LANGUAGE_TAGS = {"en": "en", "zh": "zh-Hans"}

# What a search engine shows of a page at most.
LONGEST_DESCRIPTION = 160


@dataclass(frozen=True)
class Run:
    """What the notebooks made in one theme: the names of the figures, and where all is."""

    names: Sequence[str]
    figures: Path
    copies: Path

    @property
    def records(self) -> dict[str, dict]:
        """The record of each figure; what it need not have is empty."""
        missing = {"headline": "", "source": [], "references": [], "answer": []}
        records = read_manifest(self.figures)
        return {name: missing | records[name] for name in self.names}


def write_files(
    site: Path,
    root: Path,
    notebooks: Sequence[Notebook],
    runs: Mapping[str, Run],
    given: Mapping[str, object],
) -> list[str]:
    """Write every file of the site and return the pages.

    Parameters
    ----------
    site : Path
        A folder that does not exist yet.
    root : Path
        The collection's folder.
    notebooks : sequence of Notebook
        A page each.
    runs : mapping
        What they made, by theme.
    given : mapping
        The parameters that were asked for.

    Raises
    ------
    ValueError
        If a page shows a picture that it does not save.
    """
    figures, dark_figures = runs["light"].records, runs["dark"].records
    (site / "figures").mkdir(parents=True)
    _copy_figures(site / "figures", figures, runs["light"], (".svg", ".png", ".csv"))
    _copy_figures(site / "figures", dark_figures, runs["dark"], (".svg",), ending="-dark")
    views = _notebook_views(notebooks, runs["light"].copies, figures, given)
    described = _description_views(root, notebooks)
    terms = _glossary_view()
    has_reference = reference.is_installed()
    if has_reference:
        reference.write_reference(site / REFERENCE, site="../index.html")
    environment = _environment(
        pages=[*views, *described],
        dark_figures=dark_figures,
        search=_search_words(search_behind(notebooks, given)),
        glossary=terms["file"],
        reference=f"{REFERENCE}/{reference.FIRST_PAGE}" if has_reference else None,
    )

    def write(name: str, template: str, **values) -> None:
        text = environment.get_template(template).render(**values)
        (site / name).write_text(text, encoding="utf-8", newline="\n")

    for before, page, after in zip([None, *views], views, [*views[1:], None], strict=False):
        write(page["file"], "notebook.html", page=page, before=before, after=after)
    for page in described:
        write(page["file"], "description.html", page=page)
    write(terms["file"], "glossary.html", page=terms)
    opening = {"in_short": _in_short(views), "cautions": before_any_number()}
    write("index.html", "index.html", page={"file": "index.html"}, questions=views, **opening)
    for name in SHARED:
        write(name, name)
    _write_search(site, [*views, *described, terms])
    _write_limits(site, views)
    written = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.*"))
    (site / LIST_OF_FILES).write_text("\n".join([*written, ""]), encoding="utf-8", newline="\n")
    return ["index.html", *(page["file"] for page in [*views, *described, terms])]


def _in_short(views: Sequence[Mapping]) -> list[Mapping]:
    """Return the pages that answer a reader who has a minute."""
    said = {view["notebook"]: view for view in views if view["short_answer"]}
    return [said[name] for name in first_pages(list(said))]


def _environment(**shared):
    """Return what fills the templates, with the words and whatever all pages share."""
    # Half a second to import: not before everything has been checked.
    import jinja2

    from lupuscart.site.links import linked
    from lupuscart.site.parts import in_clauses, short_alt

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("lupuscart.site"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(
        linked=linked,
        short_alt=short_alt,
        in_clauses=in_clauses,
        with_glossary=glossary.with_glossary,
    )
    environment.globals.update(
        word=word,
        language=current_language(),
        tag=_tag(whole=True),
        version=__version__,
        themes=THEMES,
        **shared,
    )
    return environment


def _search_words(search: Mapping[str, str]) -> dict:
    """Until when and how reports were looked for, with the day or month in words."""
    search = {"until": None} | dict(search)
    return search | {"until": search["until"] and date_words(search["until"])}


def _copy_figures(
    folder: Path, names: Iterable[str], run: Run, suffixes: Iterable[str], ending: str = ""
) -> None:
    for name in names:
        for suffix in suffixes:
            shutil.copyfile(run.figures / f"{name}{suffix}", folder / f"{name}{ending}{suffix}")


def _addresses(notebooks: Sequence[Notebook]) -> dict[str, str]:
    """Return the page of each file of the collection that has one."""
    return {f"notebooks/{book.name}": f"{book.path.stem}.html" for book in notebooks} | DESCRIPTIONS


def _notebook_views(
    notebooks: Sequence[Notebook], copies: Path, records: Mapping, given: Mapping[str, object]
) -> list[dict]:
    import nbformat

    from lupuscart.site.parts import title_and_summary

    links = _addresses(notebooks)
    executed = {book.name: nbformat.read(copies / book.name, as_version=4) for book in notebooks}
    tags = {}
    for book in notebooks:
        tags[book.name] = _tag(is_in_language(executed[book.name], book.path.stem))
        translate_cells(executed[book.name], book.path.stem)
    titles = {}
    for name, notebook in executed.items():
        with _naming(name):
            titles[links[f"notebooks/{name}"]] = title_and_summary(notebook)[0]
    views = []
    for book in notebooks:
        with _naming(book.name):
            view = _notebook_view(book.name, executed[book.name], records, links, titles)
        own = {"given": _given_words(book, given), "lang": tags[book.name]}
        views.append(view | own)
    return views


def _tag(whole: bool) -> str:
    """Return what HTML calls the language of a page's prose: English if not all is translated."""
    return LANGUAGE_TAGS[current_language() if whole else LANGUAGES[0]]


class _naming:
    """Begin what is wrong with a notebook with its name."""

    def __init__(self, name: str):
        self.name = name

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if isinstance(error, ValueError):
            raise ValueError(f"{self.name}: {error}") from None


def _notebook_view(name: str, executed, records: Mapping, links, titles) -> dict:
    from lupuscart.site.parts import Prose, page_parts, title_and_summary

    figures = {key: record for key, record in records.items() if record["notebook"] == name}
    explored = explore_view(list(figures.values()))
    title, summary = title_and_summary(executed)
    prose = Prose("notebooks", links, titles)
    parts = list(page_parts(executed, prose, figures))
    shown = [part.content for part in parts if part.kind == "figure"]
    summary = Prose("notebooks", links, titles).html(summary)
    references = {text for record in figures.values() for text in record["references"]}
    return {
        "file": links[f"notebooks/{name}"],
        "notebook": name,
        "title": title,
        "summary": summary,
        "description": _description(summary),
        "headings": prose.headings if explored is None else _with_explore(prose.headings, explored),
        "parts": parts,
        "explored": explored,
        # Where the reader has seen the figure, and what its data support.
        "explored_after": _after_balance(parts) if explored else None,
        "figures": figures,
        "first_figure": shown[0] if shown else None,
        "short_answer": short_answer(figures[shown[0]]) if shown else "",
        "nothing_to_show": executed.metadata.get(SENTENCE, ""),
        "references": sorted(references, key=str.casefold),
        "data": next(iter(figures.values()))["data"] if figures else {},
    }


def _with_explore(headings, explored) -> list[tuple[int, str, str]]:
    """The headings with the one of the controls, where they have one of their own."""
    if explored["about"] == "scenario":
        return headings
    return [*headings[:1], (2, "explore", word("explore.heading")), *headings[1:]]


def _after_balance(parts) -> int:
    """The last part of a page's opening: its answer, its figure and what the data support."""
    opening = itertools.takewhile(lambda at: parts[at].kind != "prose", range(1, len(parts)))
    return max(opening, default=0)


def _write_limits(site: Path, views: Sequence[Mapping]) -> None:
    """Write the limits that a page with controls looks up."""
    for view in views:
        if view["explored"] and view["explored"]["about"] == "scenario":
            text = limits_script(view["explored"]["start"]["confidence_level"])
            (site / LIMITS_FILE).write_text(text, encoding="utf-8", newline="\n")


def _description_views(root: Path, notebooks: Sequence[Notebook]) -> list[dict]:
    from lupuscart.site.parts import Part, Prose

    views = []
    for address, file in DESCRIPTIONS.items():
        text = (root / address).read_text(encoding="utf-8")
        whole = is_translated(text, CATALOGUES[address])
        text = translated_markdown(text, CATALOGUES[address])
        prose = Prose(os.path.dirname(address), _addresses(notebooks))
        body = prose.html(text)
        views.append(
            {
                "file": file,
                "title": text.partition("\n")[0].removeprefix("# "),
                "description": _description(prose.html(text.split("\n\n")[1])),
                "headings": list(prose.headings),
                "lang": _tag(whole),
                "parts": [Part("prose", body)],
                "figures": {},
            }
        )
    return views


def _glossary_view() -> dict:
    from lupuscart.site.parts import Part

    entries = glossary.entries()
    lines = [f"{entry.label}: {entry.meaning} {entry.source}" for entry in entries]
    return {
        "file": glossary.FILE,
        "title": word("pages.glossary"),
        "lang": _tag(whole=True),
        "description": word("pages.glossary_why"),
        "headings": [],
        "entries": entries,
        "parts": [Part("lines", lines)],
        "figures": {},
    }


def _description(html: str) -> str:
    """Return what a search engine shows of a page: whole words of its first paragraph."""
    from lupuscart.site.parts import plain

    text = plain(html)
    if len(text) <= LONGEST_DESCRIPTION:
        return text
    cut = text[: LONGEST_DESCRIPTION - 2]
    return f"{cut.rpartition(' ')[0] or cut} …"


def _given_words(notebook: Notebook, given: Mapping[str, object]) -> str:
    """Return the settings that are not a notebook's own; of a path, the file's name."""
    return ", ".join(
        f"{name} = {Path(str(value)).name if name in PATH_PARAMETERS else value}"
        for name, value in given.items()
        if name in notebook.defaults
    )


def _write_search(site: Path, views: Sequence[Mapping]) -> None:
    from lupuscart.site.search import INDEX, search_index

    (site / INDEX).write_text(search_index(views), encoding="utf-8", newline="\n")
