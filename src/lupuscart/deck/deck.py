"""A deck of the figures, ready to be shown and to be defended.

Vocabulary
----------
deck
    A PowerPoint file, 16:9. In front at most ``MOST_IN_FRONT`` slides to talk from: a title, the
    three cautions, the figures, what they support and do not, the trial that would settle it,
    conclusions, references on one slide. Behind a divider all else: the terms, further figures,
    the table of each figure, references in full.
headline
    The sentence above a figure: what it found, made from its numbers.
record
    A figure's entry in figures.json, see `lupuscart.notebooks.figure_store`.

The deck holds no day on which it was made and no name of a person: the same data give the same
bytes.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import zip_longest
from pathlib import Path

from lupuscart import __version__
from lupuscart.arguments import check_choice, raise_together
from lupuscart.atomic import remove_drafts, try_folder, write_whole
from lupuscart.deck import slides
from lupuscart.deck.template import NO_DATE, check_template, open_template, packed
from lupuscart.figures.fonts import font_family
from lupuscart.figures.style import THEMES
from lupuscart.locks import wait_for_lock
from lupuscart.made import key_of, note, noted, versions
from lupuscart.notebooks.figure_store import read_manifest
from lupuscart.notebooks.nothing_to_show import sentences
from lupuscart.notebooks.parameters import check_parameters, search_behind
from lupuscart.notebooks.project import build_folder, find_notebooks, find_root, read_notebook
from lupuscart.notebooks.run import run_notebooks
from lupuscart.notebooks.up_to_date import fingerprint
from lupuscart.reporting.in_short import explains_a_method, settles_it
from lupuscart.words.lexicon import LANGUAGES, current_language, using

__all__ = ["MOST_IN_FRONT", "make_deck", "write_deck"]

#: Packages that decide what a deck looks like, beside those that draw.
LIBRARIES = ("lxml", "python-pptx")

#: More slides than this are no talk.
MOST_IN_FRONT = 16


def make_deck(
    output=None,
    *,
    names: Iterable[str] | None = None,
    root=None,
    parameters: Mapping[str, object] | None = None,
    template=None,
    jobs: int | None = None,
    progress: bool = True,
    report: Callable[[str], None] = lambda sentence: None,
) -> Path:
    """Run notebooks and write the deck of their figures.

    The figures are drawn for slides, in the room that a slide has and with larger letters, and
    kept under ``build/slides/``: a second deck with the same settings draws nothing. No notebook
    runs whose figures ``lupuscart figures`` has made: they are drawn again from what it found, or
    taken where a page has no such setting.

    Parameters
    ----------
    output : path, optional
        The deck, ``.pptx``, in an existing folder. By default
        ``build/lupuscart-LANGUAGE-THEME.pptx`` of the collection, so that four decks may lie
        side by side.
    template : path, optional
        A PowerPoint file whose slide master gives the deck its look, with the layouts of
        `lupuscart.deck.template.LAYOUTS`; the package's own, light or dark, by default.
    names, root, parameters, jobs, progress, report
        As for `lupuscart.notebooks.run.run_notebooks`.

    Returns
    -------
    Path
        The deck.

    Raises
    ------
    ValueError
        If a notebook, a parameter, the data, `template` or `output` is wrong; nothing has run
        then.
    NotebookError
        If a notebook failed; the old deck, if any, is as it was.
    """
    root = find_root(root)
    notebooks = [read_notebook(path) for path in find_notebooks(root, names)]
    given = dict(parameters or {})
    language, theme = given.get("language", LANGUAGES[0]), given.get("theme", "light")
    if any("context" in notebook.defaults for notebook in notebooks):
        given = {"context": "slides", **given}
    settings: dict[str, dict] = {}
    path = Path(output or root / "build" / f"lupuscart-{language}-{theme}.pptx")
    _check_all(
        lambda: settings.update(check_parameters(notebooks, given)),
        lambda: font_family(language) if language in LANGUAGES else None,
        lambda: check_template(template) if template is not None else None,
        lambda: _check_output(path) if output else None,
    )
    if not output:
        path.parent.mkdir(exist_ok=True)
        _check_output(path)
    figures = root / "build" / "slides" / f"{language}-{theme}" / "figures"
    copies = figures.with_name("notebooks")
    for folder in (figures, copies):
        folder.mkdir(parents=True, exist_ok=True)
    # One deck at a time: the figures of two would mix.
    with wait_for_lock(figures.parent, report):
        names = run_notebooks(
            [notebook.path for notebook in notebooks],
            root=root,
            parameters=given,
            figures_dir=figures,
            copies_dir=copies,
            take=True,
            redraw=True,
            jobs=jobs,
            progress=progress,
            report=report,
        )
        remove_drafts(path)
        order = _page_order({name: read_manifest(figures)[name] for name in names})
        empty = {Path(page).stem: why for page, why in sentences(notebooks, settings).items()}
        options = {"language": language, "theme": theme, "template": template}
        search = search_behind(notebooks, given)
        files = [file for file in figures.iterdir() if file.is_file()]
        key = key_of(
            [*files, *([Path(template)] if template else [])],
            {
                "shared": fingerprint(root),
                "libraries": versions(LIBRARIES),
                **{"order": order, "empty": empty, "search": dict(search)},
                **{"language": language, "theme": theme, "template": str(template or "")},
            },
        )
        build = build_folder(root)
        if noted(build, path, key) is None:
            write_deck(figures, path, order=order, empty=empty, search=search, **options)
            note(build, path, key, True)
    return path


def write_deck(
    figures_dir,
    output,
    *,
    order: Iterable[str] | None = None,
    empty: Mapping[str, str] | None = None,
    search: Mapping[str, str] | None = None,
    language: str = "en",
    theme: str = "light",
    template=None,
) -> int:
    """Write the deck of a folder of figures, whole or not at all.

    Parameters
    ----------
    figures_dir : path
        A folder that the runner has filled: figures and figures.json.
    output : path
        The deck, ``.pptx``, in an existing folder.
    order : iterable of str, optional
        The figures in the order of the slides; all, in the order of the pages, by default.
    empty : mapping, optional
        Pages that have nothing to show, and why: named on the first slide.
    search : mapping, optional
        Of the reports in the figures, as `lupuscart.notebooks.parameters.search_behind` returns
        it; nothing is said of the search by default.
    language, theme
        Those of the figures.
    template
        As for `make_deck`.

    Returns
    -------
    int
        How many slides it has.

    Raises
    ------
    ValueError
        If the folder holds no figure, or `output`, `language`, `theme` or `template` is wrong.
    """
    check_choice("language", language, LANGUAGES)
    check_choice("theme", theme, THEMES)
    _check_output(Path(output))
    known = read_manifest(figures_dir)
    records = {name: known[name] for name in (_page_order(known) if order is None else order)}
    if not records and not empty:
        raise ValueError(
            f"figures_dir is {str(figures_dir)!r}; allowed: a folder that holds figures"
        )
    deck = slides.Deck(open_template(template, theme=theme))
    with using(language):
        _fill(deck, Path(figures_dir), records, empty or {}, search or {})
        _set_properties(deck)
    whole = packed(deck.presentation)
    write_whole(Path(output), lambda draft: draft.write_bytes(whole))
    return len(deck.presentation.slides)


def _fill(
    deck: slides.Deck,
    folder: Path,
    records: Mapping[str, Mapping],
    empty: Mapping[str, str],
    search: Mapping[str, str],
) -> None:
    """Add every slide: what a talk needs, then a divider, then all else."""
    has_balance = any(r.get("supports") and r.get("does_not_support") for r in records.values())
    has_conclusions = any(record.get("answer") for record in records.values())
    reference_slides = slides.count_reference_slides(deck, records)
    room = MOST_IN_FRONT - 2 - has_balance - has_conclusions - (reference_slides > 0)
    titles = _titles(deck, {name: slides.headline(record) for name, record in records.items()})
    front = {name: records[name] for name in _figures_in_front(records, room)}
    last = [name for name, record in front.items() if settles_it(record["notebook"])]

    def add_figure(name: str) -> None:
        slides.add_figure(deck, folder / f"{name}.png", records[name], titles[name])

    slides.add_opening(deck, records, search, empty)
    slides.add_cautions(deck, records)
    for name in front:
        if name not in last:
            add_figure(name)
    if has_balance:
        slides.add_balance(deck, front, records)
    for name in last:
        add_figure(name)
    if has_conclusions:
        slides.add_conclusions(deck, front, records)
    if reference_slides == 1:
        slides.add_references(deck, records, deck.word("references"))
    elif reference_slides:
        slides.add_references_in_short(deck, records)
    slides.add_divider(deck)
    slides.add_terms(deck)
    tables = _tables(records)
    table_titles = _titles(
        deck, {name: slides.table_title(record) for name, record in tables.items()}
    )
    for name in records:
        if name not in front:
            add_figure(name)
        if name in tables:
            slides.add_table_slides(deck, name, records[name], table_titles[name])
    if reference_slides > 1:
        slides.add_references(deck, records, deck.word("references_full"))


def _titles(deck: slides.Deck, headlines: Mapping[str, str]) -> dict[str, str]:
    """Return the title of each figure's slide: a headline that several have gets a number."""
    same: dict[str, list[str]] = {}
    for name, headline in headlines.items():
        same.setdefault(headline, []).append(name)
    return {
        name: deck.numbered(headline, place, len(names))
        for headline, names in same.items()
        for place, name in enumerate(names, start=1)
    }


def _tables(records: Mapping[str, Mapping]) -> dict[str, Mapping]:
    """Return the records whose tables are shown: of figures with the same table, the first."""
    first: dict[str, Mapping] = {}
    tables: list[Mapping] = []
    for name, record in records.items():
        table = slides.shown_table(record)
        if table is not None and table not in tables:
            tables.append(table)
            first[name] = record
    return first


def _figures_in_front(records: Mapping[str, Mapping], room: int) -> list[str]:
    """Return the first figure of each page, then the second of each, as long as all have room.

    If there are more pages than room, those that explain a method are behind the divider.
    """
    pages: dict[str, list[str]] = {}
    for name, record in records.items():
        pages.setdefault(record["notebook"], []).append(name)
    if len(pages) > room:
        found = {page: names for page, names in pages.items() if not explains_a_method(page)}
        pages = found or pages
    chosen: set[str] = set()
    for number, rank in enumerate(zip_longest(*pages.values())):
        names = [name for name in rank if name is not None]
        if len(chosen) + len(names) > room:
            # Half a round would favour some pages; of the first, as many as there is room for.
            chosen |= set(names[:room]) if number == 0 else set()
            break
        chosen |= set(names)
    return [name for name in records if name in chosen]


def _page_order(records: Mapping[str, Mapping]) -> list[str]:
    """Return the names of figures as the pages show them: page by page, in the order of saving."""

    def place(name: str) -> tuple:
        record = records[name]
        return record["notebook"], record.get("order", 0), name

    return sorted(records, key=place)


def _check_all(*checks) -> None:
    """Raise the problems of all checks at once."""
    problems = []
    for check in checks:
        try:
            check()
        except ValueError as error:
            problems.append(error)
    raise_together(problems)


def _check_output(path: Path) -> None:
    """Refuse a deck that could not be written, before any work is done."""
    if path.suffix.lower() != ".pptx":
        raise ValueError(f"output is {str(path)!r}; allowed: a file that ends in .pptx")
    if path.is_dir() or not path.parent.is_dir():
        raise ValueError(f"output is {str(path)!r}; allowed: a file in a folder that exists")
    try:
        try_folder(path.parent)
        if path.exists():
            # Windows locks a deck that PowerPoint has open.
            with path.open("r+b"):
                pass
    except OSError as error:
        raise ValueError(
            f"output is {str(path)!r}, which cannot be written ({error.strerror}); allowed: a "
            "folder you can write to, and no deck that is open in another program"
        ) from None


def _set_properties(deck: slides.Deck) -> None:
    properties = deck.presentation.core_properties
    properties.title = deck.word("title")
    properties.language = {"en": "en-GB", "zh": "zh-CN"}[current_language()]
    properties.author = properties.last_modified_by = "lupuscart"
    properties.comments = deck.word("version", version=__version__)
    properties.created = properties.modified = NO_DATE
    properties.revision = 1
