"""A deck of the figures, ready to be shown and to be defended.

Vocabulary
----------
deck
    A PowerPoint file, 16:9: a title, the three cautions, the terms, each figure with its table,
    and the references.
headline
    The sentence above a figure: what it found, made from its numbers.
source
    The line below it: study, identifier, week, denominator. What does not fit stands in the
    notes, with the origin of every number.
record
    A figure's entry in figures.json, see `lupuscart.notebooks.manifest`; all words of a slide come
    from it.

The deck holds no date and no name of a person: the same data give the same bytes.
"""

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lupuscart import __version__
from lupuscart.arguments import check_choice, raise_together
from lupuscart.atomic import remove_drafts, try_folder, write_whole
from lupuscart.deck.shapes import (
    add_notes,
    add_picture,
    add_table,
    add_text,
    fill_title,
    points,
    set_paragraphs,
)
from lupuscart.deck.tables import split_table
from lupuscart.deck.template import (
    BODY,
    CONTENT,
    HEADLINE,
    NOTE,
    OPENING,
    OPENING_TEXT,
    OPENING_TITLE,
    TABLE,
    new_presentation,
)
from lupuscart.deck.text import LINE_HEIGHT, clean, fit, wrap
from lupuscart.figures.style import THEMES, font_family
from lupuscart.locks import wait_for_lock
from lupuscart.notebooks.manifest import read_manifest
from lupuscart.notebooks.parameters import check_parameters
from lupuscart.notebooks.project import find_notebooks, find_root, read_notebook
from lupuscart.notebooks.run import run_notebooks
from lupuscart.stats.proportion import proportion_ci
from lupuscart.words.intervals import ci_label
from lupuscart.words.lexicon import (
    LANGUAGES,
    codes,
    current_language,
    join,
    level_words,
    using,
    word,
)

__all__ = ["MOST_ROWS", "make_deck", "write_deck"]

#: A table of more rows is left to its CSV file.
MOST_ROWS = 60

_HEADLINE_SIZES = (26, 24, 22, 20, 18, 16)
_NOTE_SIZE = 12
_REFERENCE_SIZE = 14
_REFERENCE_GAP = 5  # points below each

# Neither zip nor PowerPoint knows an earlier day; it says that no date is meant.
_NO_DATE = datetime(1980, 1, 1)


def make_deck(
    output=None,
    *,
    names: Iterable[str] | None = None,
    root=None,
    parameters: Mapping[str, object] | None = None,
    jobs: int | None = None,
    progress: bool = True,
    tell: Callable[[str], None] = lambda sentence: None,
) -> Path:
    """Run notebooks and write the deck of their figures.

    The figures are kept under ``build/slides/``: a second deck with the same settings runs
    nothing.

    Parameters
    ----------
    output : path, optional
        The deck, ``.pptx``, in an existing folder. By default
        ``build/lupuscart-LANGUAGE-THEME.pptx`` of the collection, so that four decks may lie
        side by side.
    names, root, parameters, jobs, progress, tell
        As for `lupuscart.notebooks.run.run_notebooks`. The figures are drawn for slides.

    Returns
    -------
    Path
        The deck.

    Raises
    ------
    ValueError
        If a notebook, a parameter, the data or `output` is wrong; nothing has run then.
    NotebookError
        If a notebook failed; the old deck, if any, is as it was.
    """
    root = find_root(root)
    notebooks = [read_notebook(path) for path in find_notebooks(root, names)]
    given = dict(parameters or {})
    language, theme = given.get("language", LANGUAGES[0]), given.get("theme", "light")
    if any("context" in notebook.defaults for notebook in notebooks):
        given = {"context": "slides", **given}
    path = Path(output or root / "build" / f"lupuscart-{language}-{theme}.pptx")
    _check_all(
        lambda: check_parameters(notebooks, given),
        lambda: font_family(language) if language in LANGUAGES else None,
        lambda: _check_output(path) if output else None,
    )
    if not output:
        path.parent.mkdir(exist_ok=True)
        _check_output(path)
    figures = root / "build" / "slides" / f"{language}-{theme}" / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    # One deck at a time: the figures of two would mix.
    with wait_for_lock(figures.parent, tell):
        names = run_notebooks(
            [notebook.path for notebook in notebooks],
            root=root,
            parameters=given,
            figures_dir=figures,
            jobs=jobs,
            progress=progress,
            tell=tell,
        )
        # In the order in which the pages make them.
        code = "\n".join(notebook.code for notebook in notebooks)
        remove_drafts(path)
        order = sorted(names, key=code.find)
        write_deck(figures, path, order=order, language=language, theme=theme)
    return path


def write_deck(
    figures_dir,
    output,
    *,
    order: Iterable[str] | None = None,
    language: str = "en",
    theme: str = "light",
) -> int:
    """Write the deck of a folder of figures, whole or not at all.

    Parameters
    ----------
    figures_dir : path
        A folder that the runner has filled: figures and figures.json.
    output : path
        The deck, ``.pptx``, in an existing folder.
    order : iterable of str, optional
        The figures in the order of the slides; all, by name, by default.
    language, theme
        Those of the figures.

    Returns
    -------
    int
        How many slides it has.

    Raises
    ------
    ValueError
        If the folder holds no figure, or `output`, `language` or `theme` is wrong.
    """
    check_choice("language", language, LANGUAGES)
    check_choice("theme", theme, THEMES)
    _check_output(Path(output))
    known = read_manifest(figures_dir)
    records = {name: known[name] for name in (sorted(known) if order is None else order)}
    if not records:
        raise ValueError(
            f"figures_dir is {str(figures_dir)!r}; allowed: a folder that holds figures"
        )
    deck = _Deck(new_presentation(theme))
    with using(language):
        _add_opening(deck, records)
        _add_cautions(deck, records)
        _add_terms(deck)
        for name, record in records.items():
            _add_figure(deck, Path(figures_dir, f"{name}.png"), record)
            _add_table_slides(deck, name, record)
        _add_references(deck, records)
        _set_properties(deck)
    packed = _packed(deck.presentation)
    write_whole(Path(output), lambda draft: draft.write_bytes(packed))
    return len(deck.presentation.slides)


@dataclass(frozen=True)
class _Deck:
    """The deck in the making."""

    presentation: object

    def word(self, code: str, **gaps) -> str:
        return word(f"deck.{code}", **gaps)

    def add_slide(self, title: str, *, sizes=_HEADLINE_SIZES):
        """Add a slide with its title, and return both, the title as it stands there."""
        slide = self.presentation.slides.add_slide(self.presentation.slide_layouts[CONTENT])
        return slide, fill_title(slide, title, HEADLINE, sizes=sizes)


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


def _add_opening(deck: _Deck, records) -> None:
    slide = deck.presentation.slides.add_slide(deck.presentation.slide_layouts[OPENING])
    fill_title(slide, deck.word("title"), OPENING_TITLE, sizes=(40, 36))
    files = _values(records, "trials_csv")
    lines = [
        deck.word("reports", count=len(_references(records)), file=", ".join(files)),
        *(deck.word("intervals", label=label) for label in _interval_labels(records, deck)),
        deck.word("version", version=__version__),
    ]
    width, height = points(OPENING_TEXT[2]), points(OPENING_TEXT[3]) / len(lines)
    fitted = [fit(clean(line), width, height, sizes=(20, 18, 16, 14)) for line in lines]
    size = min(line.size for line in fitted)
    set_paragraphs(
        slide.placeholders[1].text_frame, [(line.text, size) for line in fitted], role="quiet"
    )


def _interval_labels(records, deck: _Deck) -> list[str]:
    """Return what the intervals of the figures are, or their level where the method is fixed."""
    settings = [record["parameters"] for record in records.values()]
    chosen = {
        (one["confidence_level"], one.get("method")): None
        for one in settings
        if "confidence_level" in one
    }
    labels = [
        ci_label(confidence_level=level, method=method)
        for level, method in chosen
        if method is not None
    ]
    levels = [level_words(level) for level, _ in chosen]
    return list(dict.fromkeys(labels or levels))


def _add_cautions(deck: _Deck, records) -> None:
    slide, _ = deck.add_slide(deck.word("cautions"), sizes=(32, 28, 26))
    level = (_values(records, "confidence_level") or [0.95])[0]
    # Exact whatever the method asked for: another one may say that five of five is certain.
    exact = {"confidence_level": level, "method": "clopper-pearson"}
    low, _ = proportion_ci(5, 5, **exact)
    gaps = {
        "few": {
            "k": 5,
            "n": 5,
            "low": word("percent", value=round(100 * float(low))),
            "interval": ci_label(**exact),
        }
    }
    left, top, width, height = BODY
    step, indent = height / 3, 0.9
    for number, kind in enumerate(("few", "control", "windows")):
        box = (left + indent, top + number * step, width - indent, step - 0.15)
        mark = (left, box[1], indent, box[3])
        add_text(
            slide,
            mark,
            [(str(number + 1), 54, True)],
            name=f"Number {number + 1}",
            role="strong",
            anchor="ctr",
        )
        text = deck.word(f"{kind}_text", **gaps.get(kind, {}))
        add_text(
            slide,
            box,
            [(deck.word(kind), 28, True), (text, 22)],
            name=f"Caution {number + 1}",
            anchor="ctr",
        )


def _add_terms(deck: _Deck) -> None:
    """Say what the words of the field mean, for whoever sees the deck without its speaker."""
    columns = [deck.word("term"), deck.word("meaning")]
    rows = [
        [word(f"{kind}.{name}") for kind in ("term", "meaning")]
        for name in (code.partition(".")[2] for code in codes("term"))
    ]
    for part in split_table(columns, rows, width=points(TABLE[2]), height=points(TABLE[3])):
        slide, _ = deck.add_slide(deck.word("terms"), sizes=(32, 28, 26))
        alt = deck.word("table_alt", rows=len(part.rows), columns=join(columns))
        add_table(slide, part, TABLE, alt=alt)


def _add_figure(deck: _Deck, picture: Path, record) -> None:
    slide, title = deck.add_slide(_headline(record))
    add_picture(slide, picture, BODY, alt=record["alt"])
    source = _add_source(deck, slide, record)
    full = [_headline(record)] if title.is_cut else []
    table = record.get("table")
    large = table is not None and len(table["rows"]) > MOST_ROWS
    rows = len(table["rows"]) if large else 0
    sentence = deck.word("notes_large", rows=rows, figure=picture.stem)
    add_notes(
        slide,
        [
            (deck.word("notes_full"), full),
            (deck.word("notes_provenance"), record.get("provenance") or []),
            (deck.word("notes_source"), source),
            (deck.word("notes_alt"), [record["alt"]]),
            (
                deck.word("notes_made"),
                [*_origin(deck, picture.stem, record), *([sentence] if large else [])],
            ),
        ],
    )


def _add_table_slides(deck: _Deck, name: str, record) -> None:
    table = record.get("table")
    if table is None or not 0 < len(table["rows"]) <= MOST_ROWS:
        return
    parts = split_table(
        table["columns"], table["rows"], width=points(TABLE[2]), height=points(TABLE[3])
    )
    headline = _headline(record).rstrip(".。")
    for number, part in enumerate(parts, start=1):
        code = "table" if len(parts) == 1 else "table_part"
        gaps = {"part": number, "parts": len(parts)} if len(parts) > 1 else {}
        slide, title = deck.add_slide(
            deck.word(code, headline=headline, **gaps), sizes=_HEADLINE_SIZES[2:]
        )
        alt = deck.word(
            "table_alt",
            rows=len(part.rows),
            columns=join(part.columns),
        )
        add_table(slide, part, TABLE, alt=alt)
        source = _add_source(deck, slide, record)
        add_notes(
            slide,
            [
                (deck.word("notes_full"), [*([headline] if title.is_cut else []), *part.cut]),
                (deck.word("notes_source"), source),
                (deck.word("notes_made"), _origin(deck, name, record)),
            ],
        )


def _add_source(deck: _Deck, slide, record) -> list[str]:
    """Write the line below a figure or a table, and return all that belongs there."""
    entries = [clean(entry) for entry in record.get("source") or [] if clean(entry)]
    if not entries:
        tables = join(record["data"])
        entries = [deck.word("made_by", page=record["notebook"], tables=tables)]
    add_text(
        slide,
        NOTE,
        [(_source_line(deck, entries), _NOTE_SIZE)],
        name="Source",
        role="quiet",
        anchor="b",
    )
    return entries


def _source_line(deck: _Deck, entries: list[str]) -> str:
    """Return as many entries as fit, and how many do not."""
    separator = word("pair_separator")
    width, room = points(NOTE[2]), int(points(NOTE[3]) // (_NOTE_SIZE * LINE_HEIGHT))
    for shown in range(len(entries), 0, -1):
        text = separator.join(entries[:shown])
        if shown < len(entries):
            text = deck.word("source_more", text=text, count=len(entries) - shown)
        line = deck.word("source", text=text)
        if len(wrap(line, width, size=_NOTE_SIZE)) <= room:
            return line
    return deck.word("source", text=deck.word("source_count", count=len(entries)))


def _add_references(deck: _Deck, records) -> None:
    from pptx.util import Pt

    width, height = points(BODY[2]), points(BODY[3])
    line = _REFERENCE_SIZE * LINE_HEIGHT
    pages: list[list[tuple[str, str]]] = [[]]
    used = 0.0
    for reference in _references(records):
        text = fit(reference, width, 4.01 * line, sizes=(_REFERENCE_SIZE,))
        needed = text.lines * line + _REFERENCE_GAP
        if pages[-1] and used + needed > height:
            pages.append([])
            used = 0.0
        pages[-1].append((text.text, reference if text.is_cut else ""))
        used += needed
    for number, page in enumerate(pages, start=1):
        gaps = {"part": number, "parts": len(pages)} if len(pages) > 1 else {}
        title = deck.word("references_part" if gaps else "references", **gaps)
        slide, _ = deck.add_slide(title)
        box = add_text(
            slide,
            BODY,
            [(text, _REFERENCE_SIZE) for text, _ in page or [("–", "")]],
            name="References",
        )
        for paragraph in box.text_frame.paragraphs:
            paragraph.space_after = Pt(_REFERENCE_GAP)
        full = [text for _, text in page if text]
        if full:
            add_notes(slide, [(deck.word("notes_full"), full)])


def _headline(record) -> str:
    """Return a figure's headline; what it shows, for a page of one's own that states none."""
    return clean(record.get("headline") or record["alt"])


def _references(records) -> list[str]:
    """Return every reference once, in the order of the alphabet."""
    found = {
        clean(text): None for record in records.values() for text in record.get("references") or []
    }
    found.pop("", None)
    return sorted(found, key=lambda text: (text.casefold(), text))


def _values(records, parameter: str) -> list:
    """Return the values of a parameter in all figures, each once."""
    settings = [record["parameters"] for record in records.values()]
    return list(dict.fromkeys(one[parameter] for one in settings if parameter in one))


def _origin(deck: _Deck, figure: str, record) -> list[str]:
    """Return what made a figure, so that it can be made again."""
    settings = ", ".join(f"{name}={value!r}" for name, value in record["parameters"].items())
    return [
        deck.word("notes_page", page=record["notebook"], figure=figure, settings=settings),
        *(
            deck.word("notes_data", file=file, digest=digest)
            for file, digest in record["data"].items()
        ),
    ]


def _set_properties(deck: _Deck) -> None:
    properties = deck.presentation.core_properties
    properties.title = deck.word("title")
    properties.language = {"en": "en-GB", "zh": "zh-CN"}[current_language()]
    properties.author = properties.last_modified_by = "lupuscart"
    properties.comments = deck.word("version", version=__version__)
    properties.created = properties.modified = _NO_DATE
    properties.revision = 1


def _packed(presentation) -> bytes:
    """Return the deck's file, without the time of day that zip keeps of each part."""
    written, packed = io.BytesIO(), io.BytesIO()
    presentation.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _NO_DATE.timetuple()[:6])
            entry.external_attr = 0o644 << 16
            target.writestr(entry, source.read(name), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
