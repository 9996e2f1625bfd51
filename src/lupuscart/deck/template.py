"""The empty deck: a template file whose layouts say where everything on a slide stands.

Vocabulary
----------
layout
    What slides of one kind share, found by its name; see ``LAYOUTS``.
place
    A placeholder of a layout: its box, and how text in it looks. A layout may have more than the
    deck fills; those that stay empty are left out.
role
    A colour of `lupuscart.figures.style.THEMES`; each is a colour of the template's own theme, so
    that a slide added in PowerPoint looks like the others.

Any deck made by this package can be the template of another: its slides are dropped.
"""

import copy
import io
import zipfile
from datetime import datetime
from pathlib import Path

__all__ = [
    "LAYOUTS",
    "NO_DATE",
    "ROLES",
    "add_slide",
    "check_template",
    "layout_places",
    "open_template",
    "packed",
    "remove",
    "template_file",
]

#: The layouts that a template has, and the places of each beside its title, in reading order.
LAYOUTS = {
    "Title": ("text",),
    "Section": (),
    "Text": ("text",),
    "Two columns": ("text", "text"),
    "Figure": ("picture", "text"),
    "Table": ("table", "text"),
}

# Which placeholders serve as a place, as PowerPoint calls them; the best first.
_SERVES = {
    "picture": ("PICTURE", "OBJECT"),
    "table": ("TABLE", "OBJECT"),
    "text": ("BODY", "SUBTITLE", "OBJECT"),
}

#: The deck's theme colours by role, as a slide calls them.
ROLES = {"ink": "tx1", "paper": "bg1", "quiet": "tx2", "line": "bg2", "strong": "accent1"}

#: Neither zip nor PowerPoint knows an earlier day; it says that no date is meant.
NO_DATE = datetime(1980, 1, 1)


def template_file(theme: str) -> Path:
    """Return the file of the template that comes with the package.

    Examples
    --------
    >>> template_file("dark").name
    'dark.pptx'
    """
    return Path(__file__).parent / "templates" / f"{theme}.pptx"


def open_template(path=None, *, theme: str = "light"):
    """Return a deck without slides.

    Parameters
    ----------
    path : path, optional
        A template of the user's own, ``.pptx``; by default the one of `theme`.
    theme : {"light", "dark"}
        As for `lupuscart.figures.style.use_style`.

    Returns
    -------
    pptx.presentation.Presentation

    Raises
    ------
    ValueError
        If the file is no PowerPoint file, or lacks a layout or a place of one; it names all.
    """
    from pptx import Presentation

    file = template_file(theme) if path is None else Path(path)
    try:
        deck = Presentation(str(file))
    except Exception as error:  # whatever a damaged file does to the library that reads it
        raise ValueError(
            f"template is {str(file)!r}, which cannot be read as a PowerPoint file; allowed: a "
            "file that was saved as .pptx"
        ) from error
    if lacking := _lacking(deck):
        raise ValueError(
            f"template is {str(file)!r}, which lacks {'; '.join(lacking)}; its layouts are "
            f"{', '.join(repr(layout.name) for layout in deck.slide_layouts) or 'none'}. The way "
            "out: make a deck without a template of your own, change its slide master in "
            "PowerPoint, and name that file"
        )
    _drop_slides(deck)
    _forget_the_file(deck)
    return deck


def check_template(path) -> None:
    """Refuse a template with which no deck can be made, before any work is done."""
    open_template(path)


def add_slide(deck, layout: str):
    """Add a slide, and return it with its places beside the title, in the order of ``LAYOUTS``.

    Returns
    -------
    tuple
        The slide, and a list of its placeholders.
    """
    source = _layout(deck, layout)
    slide = deck.slides.add_slide(source)
    places = _places(slide, LAYOUTS[layout])
    for placeholder in list(slide.placeholders):
        if placeholder not in places and placeholder != slide.shapes.title:
            remove(placeholder)
    _add_number(slide, source)
    return slide, places


def layout_places(deck, layout: str) -> list:
    """Return the places of a layout beside its title, before there is a slide of it."""
    return _places(_layout(deck, layout), LAYOUTS[layout])


def remove(shape) -> None:
    """Take a shape off its slide."""
    shape._element.getparent().remove(shape._element)


def packed(presentation) -> bytes:
    """Return a deck's file, without the time of day that zip keeps of each part."""
    written, target_bytes = io.BytesIO(), io.BytesIO()
    presentation.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(target_bytes, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, NO_DATE.timetuple()[:6])
            entry.external_attr = 0o644 << 16
            target.writestr(entry, source.read(name), zipfile.ZIP_DEFLATED)
    return target_bytes.getvalue()


def _layout(deck, name: str):
    return next(each for each in deck.slide_layouts if each.name == name)


def _lacking(deck) -> list[str]:
    """Return what a template should have and has not."""
    found = {layout.name: layout for layout in deck.slide_layouts}
    lacking = []
    for name, kinds in LAYOUTS.items():
        needed = ", ".join(["a title", *(f"a place for a {kind}" for kind in kinds)])
        if name not in found:
            lacking.append(f"the layout {name!r} with {needed}")
        elif not _has_title(found[name]) or len(_places(found[name], kinds)) < len(kinds):
            lacking.append(f"a place of the layout {name!r}, which needs {needed}")
    return lacking


def _has_title(layout) -> bool:
    kinds = {placeholder.placeholder_format.type.name for placeholder in layout.placeholders}
    return bool(kinds & {"TITLE", "CENTER_TITLE"})


def _places(owner, kinds) -> list:
    """Return the placeholders that serve as the places asked for, as far as there are any."""
    free = list(owner.placeholders)
    chosen = []
    for kind in kinds:
        serving = [
            placeholder
            for name in _SERVES[kind]
            for placeholder in free
            if placeholder.placeholder_format.type.name == name
        ]
        if serving:
            chosen.append(serving[0])
            free.remove(serving[0])
    return chosen


def _add_number(slide, layout) -> None:
    """Give a slide its number, if its layout has a place for one: a new slide has none."""
    from pptx.oxml.ns import qn

    for placeholder in layout.placeholders:
        if placeholder.placeholder_format.type.name == "SLIDE_NUMBER":
            number = copy.deepcopy(placeholder._element)
            number.nvSpPr.cNvPr.set("id", str(len(slide.shapes._spTree) + 100))
            # Where it stands and how it looks stays the layout's affair.
            number.spPr[:] = []
            style = number.find(qn("p:txBody")).find(qn("a:lstStyle"))
            if style is not None:
                style[:] = []
            slide.shapes._spTree.append(number)


def _drop_slides(deck) -> None:
    """Remove every slide, and what lists them: PowerPoint refuses lists of slides that are gone."""
    from pptx.oxml.ns import qn

    root = deck.part._element
    for slide in list(deck.slides._sldIdLst):
        deck.part.drop_rel(slide.rId)
        deck.slides._sldIdLst.remove(slide)
    for name in ("p:custShowLst", "p:extLst"):
        for each in root.findall(qn(name)):
            root.remove(each)


def _forget_the_file(deck) -> None:
    """Drop the template's thumbnail, printer and statistics: they tell of another file."""
    from pptx.opc.constants import RELATIONSHIP_TYPE as KIND

    package = deck.part.package
    for owner, kinds in (
        (package._rels, (KIND.THUMBNAIL, KIND.EXTENDED_PROPERTIES, KIND.CUSTOM_PROPERTIES)),
        (deck.part.rels, (KIND.PRINTER_SETTINGS,)),
    ):
        for key in [key for key, relation in owner.items() if relation.reltype in kinds]:
            owner.pop(key)
