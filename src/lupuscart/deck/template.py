"""The empty deck: its size, colours, fonts and two layouts; and the grid all slides share.

Vocabulary
----------
layout
    What slides of one kind share. ``OPENING`` is the title slide, ``CONTENT`` every other.
role
    A colour of `lupuscart.figures.style.THEMES`; each becomes a colour of the deck's own theme, so
    that a slide added in PowerPoint looks like the others.

All lengths are in inches.
"""

from lupuscart.figures.style import THEMES

__all__ = [
    "BODY",
    "CONTENT",
    "FONTS",
    "HEADLINE",
    "NOTE",
    "OPENING",
    "OPENING_TEXT",
    "OPENING_TITLE",
    "ROLES",
    "SLIDE",
    "TABLE",
    "new_presentation",
]

#: Width and height, 16:9 as PowerPoint has it.
SLIDE = (13.333, 7.5)

# Boxes: left, top, width, height. One margin left and right for everything.
_LEFT, _WIDE = 0.6, 12.133
HEADLINE = (_LEFT, 0.27, _WIDE, 0.88)
BODY = (_LEFT, 1.28, _WIDE, 5.44)
TABLE = (_LEFT, 1.4, _WIDE, 5.3)
NOTE = (_LEFT, 6.8, 11.4, 0.44)
OPENING_TITLE = (1.1, 1.3, 7.75, 2.3)
OPENING_TEXT = (1.1, 4.0, 11.0, 2.2)
_NUMBER = (12.133, 6.8, 0.6, 0.44)

OPENING, CONTENT = 0, 1

#: Names, not files: the program that shows the deck has them, or puts its own in their place.
#: Arial and Microsoft YaHei come with Office on Windows and macOS; LibreOffice elsewhere
#: takes Liberation Sans or DejaVu Sans, and Noto Sans CJK.
FONTS = {"latin": "Arial", "ea": "Microsoft YaHei", "cs": "Arial"}

#: The deck's theme colours by role, as PowerPoint calls them.
ROLES = {"ink": "dk1", "paper": "lt1", "quiet": "dk2", "line": "lt2", "strong": "accent1"}

_BAND = """\
<p:sp xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"
      xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">
  <p:nvSpPr><p:cNvPr id="{id}" name="Band"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr>
  <p:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>
    <a:prstGeom prst="rect"><a:avLst/></a:prstGeom>
    <a:solidFill><a:schemeClr val="accent1"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr>
  <p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:endParaRPr lang="en-GB"/></a:p></p:txBody>
</p:sp>"""

_SLIDE_NUMBER = """\
<p:sp xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"
      xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">
  <p:nvSpPr><p:cNvPr id="{id}" name="Slide number"/><p:cNvSpPr txBox="1"/>
    <p:nvPr userDrawn="1"/></p:nvSpPr>
  <p:spPr><a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>
    <a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/></p:spPr>
  <p:txBody><a:bodyPr wrap="none" lIns="0" tIns="0" rIns="0" bIns="0" anchor="b"/><a:lstStyle/>
    <a:p><a:pPr algn="r"/><a:fld id="{{C1FF6DA9-008F-8B48-92A6-B652298478BF}}" type="slidenum">
      <a:rPr lang="en-GB" sz="1200"><a:solidFill><a:schemeClr val="tx2"/></a:solidFill></a:rPr>
      <a:t>‹#›</a:t></a:fld></a:p></p:txBody>
</p:sp>"""


def new_presentation(theme: str):
    """Return a deck without slides, in the colours of a theme.

    Parameters
    ----------
    theme : {"light", "dark"}
        As for `lupuscart.figures.style.use_style`.

    Returns
    -------
    pptx.presentation.Presentation
    """
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    deck.slide_width, deck.slide_height = map(Inches, SLIDE)
    opening, content = deck.slide_layouts[0], deck.slide_layouts[5]
    for layout in list(deck.slide_layouts):
        if layout not in (opening, content):
            deck.slide_layouts.remove(layout)
    master = deck.slide_master
    for owner in (master, opening, content):
        _keep_only_text(owner)
    _place(master.placeholders[0], HEADLINE, anchor="ctr")
    _place(master.placeholders[1], BODY, anchor="t")
    _place(opening.placeholders[0], OPENING_TITLE, anchor="b")
    _place(opening.placeholders[1], OPENING_TEXT, anchor="t")
    _draw(opening, _BAND, width=Inches(0.3), height=deck.slide_height)
    _draw(content, _BAND, width=deck.slide_width, height=Inches(0.1))
    x, y, width, height = map(Inches, _NUMBER)
    _draw(content, _SLIDE_NUMBER, x=x, y=y, width=width, height=height)
    _plain_text(master)
    _set_theme(master, THEMES[theme])
    _forget_the_template(deck)
    return deck


def _keep_only_text(owner) -> None:
    """Remove the places of date, footer and number: none of the slides has them."""
    from pptx.enum.shapes import PP_PLACEHOLDER as KIND

    for shape in list(owner.placeholders):
        if shape.placeholder_format.type in (KIND.DATE, KIND.FOOTER, KIND.SLIDE_NUMBER):
            shape.element.getparent().remove(shape.element)


def _place(placeholder, box, *, anchor: str) -> None:
    from pptx.util import Inches

    placeholder.left, placeholder.top, placeholder.width, placeholder.height = map(Inches, box)
    body = placeholder.text_frame._txBody.bodyPr
    for side in ("lIns", "tIns", "rIns", "bIns"):
        body.set(side, "0")
    body.set("anchor", anchor)
    for child in list(body):
        # No shrinking: every text has the size at which it fits.
        body.remove(child)


def _draw(layout, xml: str, **lengths) -> None:
    """Add a shape behind all others to a layout."""
    from pptx.oxml import parse_xml

    tree = layout.shapes._spTree
    tree.insert(2, parse_xml(xml.format(id=100 + len(tree), **lengths)))


def _plain_text(master) -> None:
    """Set titles flush left and bold, and body text without bullets."""
    from pptx.oxml.ns import qn

    title, body = master.element.find(qn("p:txStyles"))[:2]
    title[0].set("algn", "l")
    title[0].find(qn("a:defRPr")).set("b", "1")
    for level in body:
        level.set("marL", "0")
        level.set("indent", "0")
        for bullet in [child for child in level if child.tag in (qn("a:buFont"), qn("a:buChar"))]:
            level.remove(bullet)
    for layout in master.slide_layouts:
        for paragraph in layout.element.iter(qn("a:lvl1pPr")):
            paragraph.set("algn", "l")


def _set_theme(master, colours: dict[str, str]) -> None:
    from pptx.opc.constants import RELATIONSHIP_TYPE
    from pptx.opc.oxml import serialize_part_xml
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import qn
    from pptx.oxml.xmlchemy import OxmlElement

    part = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    root = parse_xml(part.blob)
    root.set("name", "lupuscart")
    scheme = root.find(f".//{qn('a:clrScheme')}")
    by_name = {name: colours[role] for role, name in ROLES.items()}
    for colour in scheme:
        name = colour.tag.rpartition("}")[2]
        # What the slides do not use is the accent or the quiet colour too: one accent only.
        value = by_name.get(name, colours["strong" if name == "hlink" else "quiet"])
        solid = OxmlElement("a:srgbClr")
        solid.set("val", value.lstrip("#"))
        colour[:] = [solid]
    for fonts in root.find(f".//{qn('a:fontScheme')}"):
        for script, typeface in FONTS.items():
            fonts.find(qn(f"a:{script}")).set("typeface", typeface)
        for other in fonts.findall(qn("a:font")):
            fonts.remove(other)
    part._blob = serialize_part_xml(root)


def _forget_the_template(deck) -> None:
    """Drop the template's thumbnail, printer and statistics: they tell of another file."""
    from pptx.opc.constants import RELATIONSHIP_TYPE as KIND

    package = deck.part.package
    for owner, kinds in (
        (package._rels, (KIND.THUMBNAIL, KIND.EXTENDED_PROPERTIES)),
        (deck.part.rels, (KIND.PRINTER_SETTINGS,)),
    ):
        for key in [key for key, relation in owner.items() if relation.reltype in kinds]:
            owner.pop(key)
