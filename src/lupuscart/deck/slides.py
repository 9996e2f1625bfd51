"""The slides of a deck, one function a kind.

Vocabulary
----------
record
    A figure's entry in figures.json, see `lupuscart.notebooks.figure_store`; all words of a slide
    come from it. Its lists ``answer``, ``supports`` and ``does_not_support`` may each be missing.
speaker's notes
    What the speaker sees: first what to say in three sentences, then where the numbers come from,
    then what helps if there are questions, and last how the slide was made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
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
from lupuscart.deck.text import LINE_HEIGHT, clean, fit, fit_all, sentences, wrap
from lupuscart.reporting.in_short import first_pages, short_answer
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
    "add_references_in_short",
    "add_table_slides",
    "add_terms",
    "count_reference_slides",
    "headline",
    "shown_table",
    "table_title",
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

    def numbered(self, title: str, part: int, parts: int) -> str:
        """Return a title that says which part of something this is, if it has several."""
        return self.word("part", title=title, part=part, parts=parts) if parts > 1 else title

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
    cited = _references(records)
    lines = [
        *([deck.word("reports", count=len(cited))] if cited else []),
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
    files = ", ".join(_values(records, "trials_csv"))
    add_notes(
        slide,
        [
            (deck.word("notes_say"), sentences(sentence) if sentence else []),
            (deck.word("notes_empty"), [f"{page}: {why}" for page, why in empty.items()]),
            (deck.word("notes_made"), [deck.word("notes_trials", file=files)] if files else []),
        ],
    )


def add_cautions(deck: Deck, records: Mapping) -> None:
    """Add the three cautions, with the lower limit of five of five, computed."""
    slide, (place,), _ = deck.add("Text", word("three.title"))
    level = (_values(records, "confidence_level") or [0.95])[0]
    left, top, width, height = box_of(place)
    remove(place)
    step, indent = height / 3, 0.9
    cautions = before_any_number(level)
    for number, (title, text) in enumerate(cautions):
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
    add_notes(
        slide,
        [
            (deck.word("notes_say"), [sentences(text)[0] for _, text in cautions]),
            (deck.word("notes_provenance"), [word("source.computed")]),
        ],
    )


def add_figure(deck: Deck, picture: Path, record: Mapping, title: str) -> None:
    """Add a figure under its title; all else that is known of it stands in the notes."""
    slide, (place, below), fitted = deck.add("Figure", title, sizes=_HEADLINE_SIZES)
    put_picture(slide, place, picture, alt=record["alt"])
    source = _fill_source(deck, below, record)
    table = record.get("table")
    large = table is not None and len(table["rows"]) > MOST_ROWS
    rows = len(table["rows"]) if large else 0
    sentence = deck.word("notes_large", rows=rows, figure=picture.stem)
    to_say, more = _to_say(deck, record)
    add_notes(
        slide,
        [
            (deck.word("notes_say"), to_say),
            (deck.word("notes_provenance"), record.get("provenance") or []),
            (deck.word("notes_source"), source),
            (deck.word("notes_more"), more),
            (deck.word("supports"), _texts(record, "supports")),
            (deck.word("does_not_support"), _texts(record, "does_not_support")),
            (deck.word("notes_full"), [title] if fitted.is_cut else []),
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
    to_say = [deck.word(f"say_balance_{which}") for which in ("left", "right", "each")]
    notes = [(deck.word("notes_say"), to_say)]
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
    firsts = list(dict.fromkeys(answers[page] for page in first_pages(list(answers))))
    _fill_list(deck, place, firsts, name="Conclusions")
    to_say = [sentences(clean(text))[0] for text in firsts[:_SENTENCES_TO_SAY]]
    add_notes(
        slide,
        [
            (deck.word("notes_say"), to_say),
            (deck.word("notes_more"), _of_all(records, "answer")),
        ],
    )


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

    def title(part, parts):
        return deck.numbered(deck.word("terms"), part, parts)

    _add_parts(deck, {"columns": columns, "rows": rows, "right": ()}, title)


def shown_table(record: Mapping) -> dict | None:
    """Return the table of a figure as slides show it: columns without an entry are left out.

    None if it has no rows, or so many that it is left to its CSV file.
    """
    table = record.get("table")
    if table is None or not 0 < len(table["rows"]) <= MOST_ROWS:
        return None
    entries = zip(*table["rows"], strict=True)
    kept = [n for n, cells in enumerate(entries) if n == 0 or set(map(clean, cells)) - {"", "–"}]
    return {
        "columns": [table["columns"][n] for n in kept],
        "rows": [[row[n] for n in kept] for row in table["rows"]],
        "right": [table["right"][n] for n in kept],
    }


def table_title(record: Mapping) -> str:
    """Return what the slides of a figure's table are called, without the number of the part."""
    return clean(headline(record)).rstrip(".。")


def add_table_slides(deck: Deck, name: str, record: Mapping, shown: str) -> None:
    """Add the table of a figure, on as many slides as it takes, under the title `shown`."""

    def title(part, parts):
        gaps = {"part": part, "parts": parts} if parts > 1 else {}
        return deck.word("table_part" if gaps else "table", headline=shown, **gaps)

    _add_parts(deck, shown_table(record), title, name=name, record=record)


def add_references_in_short(deck: Deck, records: Mapping) -> None:
    """Add one slide of all reports cited, a line each; those that have no room are counted."""
    slide, places, _ = deck.add("Two columns", deck.word("references"))
    line = _REFERENCE_SIZE * LINE_HEIGHT
    width, height = places[0].width.pt, places[0].height.pt
    cited = [fit(text, width, 2.01 * line, sizes=(_REFERENCE_SIZE,)) for text in _cited(records)]
    # A reference of two lines may leave the last line of the first column empty.
    room = int(height // line) * 2 - 1
    shown = cited
    if sum(text.lines for text in cited) > room:
        used = accumulate(text.lines for text in cited)
        shown = cited[: sum(lines < room for lines in used)]
    texts = [(text.text, text.lines) for text in shown]
    if len(shown) < len(cited):
        texts.append((deck.word("references_more", count=len(cited) - len(shown)), 1))
    half = -(-sum(lines for _, lines in texts) // 2)
    first = sum(used <= half for used in accumulate(lines for _, lines in texts))
    gap = min(_REFERENCE_GAP, (height - (half + 1) * line) / (half + 1))
    for number, (place, part) in enumerate(
        zip(places, (texts[:first], texts[first:]), strict=True), start=1
    ):
        paragraphs = [(text, _REFERENCE_SIZE) for text, _ in part]
        fill_text(place, paragraphs, name=f"References in short {number}", gap=max(0, gap))
    if len(shown) < len(cited) or any(text.is_cut for text in shown):
        add_notes(slide, [(deck.word("notes_full"), _cited(records))])


def add_references(deck: Deck, records: Mapping, title: str) -> None:
    """Add every report cited, each once, in the order of the alphabet."""
    pages = _reference_pages(deck, records)
    for number, page in enumerate(pages, start=1):
        slide, (place,), _ = deck.add("Text", deck.numbered(title, number, len(pages)))
        fill_text(
            place,
            [(text, _REFERENCE_SIZE) for text, _ in page],
            name="References",
            gap=_REFERENCE_GAP,
        )
        full = [text for _, text in page if text]
        if full:
            add_notes(slide, [(deck.word("notes_full"), full)])


def count_reference_slides(deck: Deck, records: Mapping) -> int:
    """Return how many slides the references take in full; none if nothing is cited."""
    return len(_reference_pages(deck, records)) if _references(records) else 0


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
    parts = split_table(**table, width=width, height=height)
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


def _to_say(deck: Deck, record: Mapping) -> tuple[list[str], list[str]]:
    """Return three sentences to say, the last of them a caution, and the rest of the answer."""
    answer = _texts(record, "answer") or [headline(record)]
    said = [sentence for text in answer for sentence in sentences(text)]
    caution = [
        deck.word("say_not", text=sentences(text)[0])
        for text in _texts(record, "does_not_support")[:1]
    ]
    place = _SENTENCES_TO_SAY - len(caution)
    return [*said[:place], *caution], said[place:]


def headline(record: Mapping) -> str:
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


def _cited(records: Mapping) -> list[str]:
    """Return every report once and in short; as it is referred to, where no short form is known."""
    found = {
        clean(text): None
        for record in records.values()
        for text in record.get("cited") or record.get("references") or []
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
