"""What stands on a slide: text at the size that fits, a picture, a table, notes.

Every text is cleaned, carries its language, which tells a screen reader how to say it and a
program which font's characters to take, and has lines of an exact height. Colours are those
of the deck's theme, by role.
"""

from collections.abc import Sequence
from pathlib import Path

from lupuscart.deck.tables import MARGIN_X, MARGIN_Y, TablePart
from lupuscart.deck.template import ROLES, remove
from lupuscart.deck.text import LINE_HEIGHT, Fitted, balanced_width, clean, fit
from lupuscart.words.lexicon import current_language

__all__ = [
    "add_notes",
    "add_text",
    "box_of",
    "fill_text",
    "fill_title",
    "points",
    "put_picture",
    "put_table",
]

_LANGUAGE_TAGS = {"en": "en-GB", "zh": "zh-CN"}

# No style, no grid: the lines of a table are drawn here.
_PLAIN_TABLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"


def points(inches: float) -> float:
    """Return inches as points.

    Examples
    --------
    >>> points(0.5)
    36.0
    """
    return inches * 72


def box_of(shape) -> tuple[float, float, float, float]:
    """Return left, top, width and height of a shape in inches."""
    return tuple(side.inches for side in (shape.left, shape.top, shape.width, shape.height))


def fill_title(slide, text: str, *, sizes: Sequence[float]) -> Fitted:
    """Fill the title of a slide, its lines about equally long; return it as it stands there."""
    from pptx.util import Pt

    title = slide.shapes.title
    width = title.width.pt
    fitted = fit(clean(text), width, title.height.pt, sizes=sizes, bold=True)
    fill_text(title, [(fitted.text, fitted.size)])
    unused = width - balanced_width(fitted.text, width, size=fitted.size, bold=True)
    title.text_frame.margin_right = Pt(unused)
    return fitted


def fill_text(
    place,
    paragraphs,
    *,
    name: str | None = None,
    role: str = "ink",
    gap: float = 0,
) -> None:
    """Fill a place of the template with text.

    Parameters
    ----------
    place : pptx.shapes.placeholder.SlidePlaceholder
        Its box, and where the text stands in it, are the template's.
    paragraphs, name, role
        As for `add_text`.
    gap : float
        Points of empty space below each paragraph.
    """
    if name is not None:
        place.name = name
    _use_whole_box(place.text_frame)
    _set_paragraphs(place.text_frame, paragraphs, role=role, gap=gap)


def add_text(slide, box, paragraphs, *, name: str, role: str = "ink", anchor: str = "t"):
    """Add a text box.

    Parameters
    ----------
    slide : pptx.slide.Slide
        Where it is added.
    box : tuple of float
        Left, top, width and height in inches.
    paragraphs : list of tuple
        Text and size in points of each paragraph, and ``True`` where it is bold.
    name : str
        What the box is called in the list of a slide's contents.
    role : str
        The colour.
    anchor : {"t", "ctr", "b"}
        Where the text stands in its box.
    """
    from pptx.util import Inches

    shape = slide.shapes.add_textbox(*map(Inches, box))
    shape.name = name
    frame = shape.text_frame
    _use_whole_box(frame)
    frame._txBody.bodyPr.set("anchor", anchor)
    _set_paragraphs(frame, paragraphs, role=role)
    return shape


def put_picture(slide, place, path: Path, *, alt: str):
    """Put a picture in the middle of a place, whole and as large as it fits."""
    left, top, width, height = place.left, place.top, place.width, place.height
    remove(place)
    shape = slide.shapes.add_picture(str(path), left, top)
    scale = min(width / shape.width, height / shape.height)
    shape.width, shape.height = int(shape.width * scale), int(shape.height * scale)
    shape.left = left + (width - shape.width) // 2
    shape.top = top + (height - shape.height) // 2
    shape.name = path.stem
    _describe(shape, alt)
    return shape


def put_table(slide, place, part: TablePart, *, alt: str):
    """Put one part of a table in a place, as a native table that can be edited."""
    from pptx.oxml.ns import qn
    from pptx.util import Pt

    left, top = place.left, place.top
    remove(place)
    frame = slide.shapes.add_table(
        len(part.heights), len(part.widths), left, top, Pt(sum(part.widths)), Pt(sum(part.heights))
    )
    _describe(frame, alt)
    table = frame.table
    table._tbl.tblPr.find(qn("a:tableStyleId")).text = _PLAIN_TABLE
    table.first_row, table.horz_banding = True, False
    for column, width in zip(table.columns, part.widths, strict=True):
        column.width = Pt(width)
    for row, height in zip(table.rows, part.heights, strict=True):
        row.height = Pt(height)
    for number, texts in enumerate([part.columns, *part.rows]):
        for place, text in enumerate(texts):
            _fill_cell(table.cell(number, place), text, part, number, place)
    return frame


def add_notes(slide, sections: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Write the speaker's notes: sections with a heading each; empty ones are left out."""
    paragraphs = [
        line
        for heading, texts in sections
        for line in ((heading, None, True), *((text, None) for text in texts), ("", None))
        if texts
    ]
    frame = slide.notes_slide.notes_text_frame
    _set_paragraphs(frame, paragraphs[:-1] or [("", None)], role=None)


def _use_whole_box(frame) -> None:
    """Let text wrap at the edges of its box, at the size it is given."""
    from pptx.enum.text import MSO_AUTO_SIZE

    frame.word_wrap = True
    frame.auto_size = MSO_AUTO_SIZE.NONE
    for side in ("lIns", "tIns", "rIns", "bIns"):
        frame._txBody.bodyPr.set(side, "0")


def _set_paragraphs(frame, paragraphs, *, role: str | None, gap: float = 0) -> None:
    from pptx.util import Pt

    for number, (text, size, *bold) in enumerate(paragraphs):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        if role is not None:
            _without_bullet(paragraph)
        _write(paragraph, text, size, bold=bold, role=role)
        if gap:
            paragraph.space_after = Pt(gap)


def _without_bullet(paragraph) -> None:
    """Begin a paragraph at the edge, whatever a template does with lists."""
    from pptx.oxml.xmlchemy import OxmlElement

    properties = paragraph._p.get_or_add_pPr()
    properties.set("marL", "0")
    properties.set("indent", "0")
    properties.append(OxmlElement("a:buNone"))


def _write(paragraph, text, size, *, bold, role) -> None:
    from pptx.enum.dml import MSO_THEME_COLOR
    from pptx.util import Pt

    run = paragraph.add_run()
    run.text = clean(text)
    run._r.get_or_add_rPr().set("lang", _LANGUAGE_TAGS[current_language()])
    if bold:
        run.font.bold = bold[0]
    if size is not None:
        run.font.size = Pt(size)
        paragraph.line_spacing = Pt(size * LINE_HEIGHT)
        paragraph.space_before = Pt(0)
    if role is not None:
        run.font.color.theme_color = MSO_THEME_COLOR.from_xml(ROLES[role])


def _describe(shape, alt: str) -> None:
    """Set the text for those who do not see a picture or a table."""
    shape._element.xpath(".//p:cNvPr")[0].set("descr", clean(alt))


def _fill_cell(cell, text, part: TablePart, number: int, place: int) -> None:
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Pt

    heading = number == 0
    cell.margin_left = cell.margin_right = Pt(MARGIN_X)
    cell.margin_top = cell.margin_bottom = Pt(MARGIN_Y)
    cell.vertical_anchor = MSO_ANCHOR.BOTTOM if heading else MSO_ANCHOR.TOP
    _set_paragraphs(cell.text_frame, [(text, part.size, heading)], role="ink")
    if part.right[place]:
        cell.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT
    _underline(cell, role="strong" if heading else "line", width=1.5 if heading else 0.75)


def _underline(cell, *, role: str, width: float) -> None:
    """Draw the line below a cell, and none on its other sides."""
    from pptx.oxml.xmlchemy import OxmlElement
    from pptx.util import Pt

    properties = cell._tc.get_or_add_tcPr()
    for place, side in enumerate(("lnL", "lnR", "lnT", "lnB")):
        line = OxmlElement(f"a:{side}")
        properties.insert(place, line)
        if side == "lnB":
            line.set("w", str(Pt(width)))
            fill, colour = OxmlElement("a:solidFill"), OxmlElement("a:schemeClr")
            colour.set("val", ROLES[role])
            fill.append(colour)
            line.append(fill)
        else:
            line.set("w", "0")
            line.append(OxmlElement("a:noFill"))
