"""The slides of a deck, one function a kind.

Vocabulary
----------
record
    A figure's entry in figures.json, see `lupuscart.notebooks.manifest`; all words of a slide come
    from it. Of its lists ``answer``, ``supports`` and ``does_not_support`` each may be missing.
speaker's notes
    What the speaker sees: first what to say, then where the numbers come from, and last how the
    slide was made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lupuscart import __version__
from lupuscart.deck.shapes import (
    add_notes,
    add_text,
    box_of,
    fill_text,
    fill_title,
    put_picture,
    put_table,
)
from lupuscart.deck.tables import split_table
from lupuscart.deck.template import add_slide, layout_places, remove
from lupuscart.deck.text import LINE_HEIGHT, clean, fit, fit_all, wrap
from lupuscart.reporting.in_short import asked_first, short_answer
from lupuscart.words.cautions import before_any_number
from lupuscart.words.intervals import ci_label
from lupuscart.words.labels import date_words
from lupuscart.words.lexicon import codes, current_language, join, level_words, word

__all__ = [
    "MOST_ROWS",
    "Deck",
    "add_balance",
    "add_cautions",
    "add_conclusions",
    "add_divider",
    "add_figure",
    "add_opening",
    "add_references",
    "add_table_slides",
    "add_terms",
    "count_reference_slides",
]

#: A table of more rows is left to its CSV file.
MOST_ROWS = 60

_TITLE_SIZES = (32, 28, 26, 24, 22, 20, 18)
_HEADLINE_SIZES = (24, 22, 20, 18, 16)
_LIST_SIZES = (22, 20, 18, 16, 14)
_LIST_GAP = 9  # points below each
_NOTE_SIZE = 14
_REFERENCE_SIZE = 14
_REFERENCE_GAP = 5
_SENTENCES_TO_SAY = 3


@dataclass(frozen=True)
class Deck:
    """The deck in the making."""

    presentation: object

    def word(self, code: str, **gaps) -> str:
        """Return words of the deck."""
        return word(f"deck.{code}", **gaps)

    def add(self, layout: str, title: str, *, sizes=_TITLE_SIZES):
        """Add a slide; return it, its places, and its title as it stands there."""
        slide, places = add_slide(self.presentation, layout)
        return slide, places, fill_title(slide, title, sizes=sizes)


def add_opening(deck: Deck, records: Mapping, search: Mapping, empty: Mapping[str, str]) -> None:
    """Add the title: how many reports, until when they were searched, what the intervals are.

    `search` is what the data's dictionary says of the search for reports, `empty` the pages that
    have nothing to show, with the reason.
    """
    slide, (place,), _ = deck.add("Title", deck.word("title"), sizes=(40, 36, 32, 28))
    files = _values(records, "trials_csv")
    lines = [
        *(
            [deck.word("reports", count=len(_references(records)), file=", ".join(files))]
            * bool(files)
        ),
        *([deck.word("searched", date=date_words(search["until"]))] if "until" in search else []),
        *(deck.word("intervals", label=label) for label in _interval_labels(records, deck)),
        *([deck.word("empty", pages=join(empty))] if empty else []),
        deck.word("version", version=__version__),
    ]
    width, height = place.width.pt, place.height.pt / len(lines)
    fitted = [fit(clean(line), width, height, sizes=(20, 18, 16, 14)) for line in lines]
    size = min(line.size for line in fitted)
    fill_text(place, [(line.text, size) for line in fitted], role="quiet")
    sentence = search.get(f"sentence_{current_language()}")
    add_notes(
        slide,
        [
            (deck.word("notes_searched"), [sentence] if sentence else []),
            (deck.word("notes_empty"), [f"{page}: {why}" for page, why in empty.items()]),
        ],
    )


def add_cautions(deck: Deck, records: Mapping) -> None:
    """Add the three cautions, with the lower limit of five of five, computed."""
    slide, (place,), _ = deck.add("Text", word("three.title"))
    level = (_values(records, "confidence_level") or [0.95])[0]
    left, top, width, height = box_of(place)
    remove(place)
    step, indent = height / 3, 0.9
    for number, (title, text) in enumerate(before_any_number(level)):
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
        add_text(
            slide,
            box,
            [(title, 28, True), (text, 22)],
            name=f"Caution {number + 1}",
            anchor="ctr",
        )


def add_figure(deck: Deck, picture: Path, record: Mapping) -> None:
    """Add a figure under its headline; all else that is known of it stands in the notes."""
    slide, (place, below), title = deck.add("Figure", _headline(record), sizes=_HEADLINE_SIZES)
    put_picture(slide, place, picture, alt=record["alt"])
    source = _fill_source(deck, below, record)
    table = record.get("table")
    large = table is not None and len(table["rows"]) > MOST_ROWS
    rows = len(table["rows"]) if large else 0
    sentence = deck.word("notes_large", rows=rows, figure=picture.stem)
    add_notes(
        slide,
        [
            (deck.word("notes_say"), _to_say(record)),
            (deck.word("notes_full"), [_headline(record)] if title.is_cut else []),
            (deck.word("supports"), _texts(record, "supports")),
            (deck.word("does_not_support"), _texts(record, "does_not_support")),
            (deck.word("notes_provenance"), record.get("provenance") or []),
            (deck.word("notes_source"), source),
            (deck.word("notes_alt"), [record["alt"]]),
            (
                deck.word("notes_made"),
                [*([sentence] if large else []), *_origin(deck, picture.stem, record)],
            ),
        ],
    )


def add_balance(deck: Deck, shown: Mapping, records: Mapping) -> None:
    """Add what these data support and what they do not: the first of each figure that is shown."""
    slide, places, _ = deck.add("Two columns", deck.word("balance"))
    notes = []
    for kind, place in zip(("supports", "does_not_support"), places, strict=True):
        texts = _of_all(records, kind)
        firsts = list(dict.fromkeys(_texts(record, kind)[0] for record in _with(shown, kind)))
        _fill_list(deck, place, firsts, heading=deck.word(kind), name=kind)
        notes.append((deck.word(kind), texts))
    add_notes(slide, notes)


def add_conclusions(deck: Deck, shown: Mapping, records: Mapping) -> None:
    """Add the short answers to what is asked first; the notes have all answers whole."""
    slide, (place,), _ = deck.add("Text", deck.word("conclusions"))
    answers: dict[str, str] = {}
    for record in _with(shown, "answer"):
        answers.setdefault(record["notebook"], short_answer(record))
    firsts = [answers[page] for page in asked_first(list(answers))]
    _fill_list(deck, place, list(dict.fromkeys(firsts)), name="Conclusions")
    add_notes(slide, [(deck.word("notes_say"), _of_all(records, "answer"))])


def add_divider(deck: Deck) -> None:
    """Add the slide behind which everything stands that a talk does not need."""
    deck.add("Section", deck.word("backup"), sizes=(40, 36))


def add_terms(deck: Deck) -> None:
    """Say what the words of the field mean, for whoever sees the deck without its speaker."""
    columns = [deck.word("term"), deck.word("meaning")]
    rows = [
        [word(f"{kind}.{name}") for kind in ("term", "meaning")]
        for name in (code.partition(".")[2] for code in codes("term"))
    ]
    _add_parts(deck, {"columns": columns, "rows": rows}, lambda part, parts: deck.word("terms"))


def add_table_slides(deck: Deck, name: str, record: Mapping) -> None:
    """Add the table of a figure, on as many slides as it takes; none if it is very long."""
    table = record.get("table")
    if table is None or not 0 < len(table["rows"]) <= MOST_ROWS:
        return
    shown = clean(record.get("title") or _headline(record)).rstrip(".。")

    def title(part, parts):
        gaps = {"part": part, "parts": parts} if parts > 1 else {}
        return deck.word("table_part" if gaps else "table", headline=shown, **gaps)

    _add_parts(deck, table, title, name=name, record=record)


def add_references(deck: Deck, records: Mapping) -> None:
    """Add every report cited, each once, in the order of the alphabet."""
    pages = _reference_pages(deck, records)
    for number, page in enumerate(pages, start=1):
        gaps = {"part": number, "parts": len(pages)} if len(pages) > 1 else {}
        title = deck.word("references_part" if gaps else "references", **gaps)
        slide, (place,), _ = deck.add("Text", title)
        fill_text(
            place,
            [(text, _REFERENCE_SIZE) for text, _ in page or [("–", "")]],
            name="References",
            gap=_REFERENCE_GAP,
        )
        full = [text for _, text in page if text]
        if full:
            add_notes(slide, [(deck.word("notes_full"), full)])


def count_reference_slides(deck: Deck, records: Mapping) -> int:
    """Return how many slides the references take."""
    return len(_reference_pages(deck, records))


def _reference_pages(deck: Deck, records: Mapping) -> list[list[tuple[str, str]]]:
    """Return the references of each slide, each with its full text where the slide cuts it."""
    (body,) = layout_places(deck.presentation, "Text")
    width, height = body.width.pt, body.height.pt
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
    return pages


def _add_parts(deck: Deck, table, title, *, name: str = "", record: Mapping | None = None) -> None:
    """Add a table part by part; `title` is called with the number of a part, and of all."""
    box, _ = layout_places(deck.presentation, "Table")
    width, height = box.width.pt, box.height.pt
    parts = split_table(table["columns"], table["rows"], width=width, height=height)
    for number, part in enumerate(parts, start=1):
        text = title(number, len(parts))
        slide, (place, below), fitted = deck.add("Table", text, sizes=_HEADLINE_SIZES)
        columns = join(part.columns)
        alt = deck.word("table_alt", rows=len(part.rows), columns=columns)
        put_table(slide, place, part, alt=alt)
        if record is None:
            line = deck.word("terms_source")
            fill_text(below, [(line, _NOTE_SIZE)], name="Source", role="quiet")
            continue
        source = _fill_source(deck, below, record)
        cut = [text] if fitted.is_cut else []
        add_notes(
            slide,
            [
                (deck.word("notes_full"), [*cut, *part.cut]),
                (deck.word("notes_source"), source),
                (deck.word("notes_made"), _origin(deck, name, record)),
            ],
        )


def _fill_list(deck: Deck, place, texts: Sequence[str], *, heading: str = "", name: str) -> None:
    """Fill a place with as many sentences as fit at a size that can be read."""
    width, room = place.width.pt, place.height.pt
    title = [(heading, _LIST_SIZES[0], True)] if heading else []
    if heading:
        lines = len(wrap(heading, width, size=_LIST_SIZES[0], bold=True))
        room -= lines * _LIST_SIZES[0] * LINE_HEIGHT + _LIST_GAP
    shown = [f"•\u00a0{clean(text)}" for text in texts]
    size, count = fit_all(shown, width, room, sizes=_LIST_SIZES, gap=_LIST_GAP)
    if count < len(shown):
        # The last line says how many stand in the notes alone.
        room -= size * LINE_HEIGHT + _LIST_GAP
        size, count = fit_all(shown, width, room, sizes=(size,), gap=_LIST_GAP)
        shown = [*shown[:count], deck.word("list_more", count=len(shown) - count)]
    fill_text(
        place,
        [*title, *((text, size) for text in shown)],
        name=name,
        gap=_LIST_GAP,
    )


def _fill_source(deck: Deck, place, record: Mapping) -> list[str]:
    """Write the line below a figure or a table, and return all that belongs there."""
    entries = [clean(entry) for entry in record.get("source") or [] if clean(entry)]
    in_short = deck.word("source_count", count=len(entries))
    if not entries:
        # No study stands behind it: computed, by a page from tables.
        page, tables = record["notebook"], list(record["data"])
        entries = [deck.word("made_by", page=page, tables=join(tables))]
        in_short = deck.word("made_by_count", page=page, count=len(tables))
    line = _source_line(deck, entries, in_short, place)
    fill_text(place, [(line, _NOTE_SIZE)], name="Source", role="quiet")
    return entries


def _source_line(deck: Deck, entries: list[str], in_short: str, place) -> str:
    """Return as many entries as fit, and how many do not; `in_short` if not one fits."""
    width, height = place.width.pt, place.height.pt
    separator = word("pair_separator")
    room = max(1, int(height // (_NOTE_SIZE * LINE_HEIGHT)))
    for shown in range(len(entries), 0, -1):
        text = separator.join(entries[:shown])
        if shown < len(entries):
            text = deck.word("source_more", text=text, count=len(entries) - shown)
        line = deck.word("source", text=text)
        if len(wrap(line, width, size=_NOTE_SIZE)) <= room:
            return line
    return deck.word("source", text=in_short)


def _to_say(record: Mapping) -> list[str]:
    """Return three sentences to say: the answer, or the headline and what it does and does not."""
    answer = _texts(record, "answer") or [_headline(record)]
    further = [*_texts(record, "supports")[:1], *_texts(record, "does_not_support")[:1]]
    return list(dict.fromkeys([*answer, *further]))[:_SENTENCES_TO_SAY]


def _headline(record: Mapping) -> str:
    """Return a figure's headline; what it shows, for a page of one's own that states none."""
    return clean(record.get("headline") or record["alt"])


def _texts(record: Mapping, kind: str) -> list[str]:
    return [clean(text) for text in record.get(kind) or [] if clean(text)]


def _with(records: Mapping, kind: str) -> list[Mapping]:
    return [record for record in records.values() if _texts(record, kind)]


def _of_all(records: Mapping, kind: str) -> list[str]:
    return list(dict.fromkeys(text for record in records.values() for text in _texts(record, kind)))


def _interval_labels(records: Mapping, deck: Deck) -> list[str]:
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


def _references(records: Mapping) -> list[str]:
    """Return every reference once, in the order of the alphabet."""
    found = {
        clean(text): None for record in records.values() for text in record.get("references") or []
    }
    found.pop("", None)
    return sorted(found, key=lambda text: (text.casefold(), text))


def _values(records: Mapping, parameter: str) -> list:
    """Return the values of a parameter in all figures, each once."""
    settings = [record["parameters"] for record in records.values()]
    return list(dict.fromkeys(one[parameter] for one in settings if parameter in one))


def _origin(deck: Deck, figure: str, record: Mapping) -> list[str]:
    """Return what made a figure, so that it can be made again."""
    settings = ", ".join(f"{name}={value!r}" for name, value in record["parameters"].items())
    return [
        deck.word("notes_page", page=record["notebook"], figure=figure, settings=settings),
        *(
            deck.word("notes_data", file=file, digest=digest)
            for file, digest in record["data"].items()
        ),
    ]
