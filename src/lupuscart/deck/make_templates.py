"""Make the templates that come with the package: ``python -m lupuscart.deck.make_templates``.

Each is PowerPoint's plainest template with six layouts kept, every box on one grid, and the
colours of a theme. Whoever wants another look changes a copy in PowerPoint (View, Slide Master)
and names it: ``lupuscart slides --template mine.pptx``.

All lengths are in inches.
"""

from lupuscart.deck.template import ROLES, packed, template_file
from lupuscart.figures.style import THEMES

__all__ = ["main", "make_template"]

#: Width and height, 16:9 as PowerPoint has it.
SLIDE = (13.333, 7.5)

# Boxes: left, top, width, height. One margin left and right for all text; a picture may be wider.
_LEFT, _WIDE = 0.6, 12.133
_HEADLINE = (_LEFT, 0.27, _WIDE, 0.88)
_BODY = (_LEFT, 1.28, _WIDE, 5.6)
_COLUMNS = ((_LEFT, 1.28, 5.85, 5.6), (6.883, 1.28, 5.85, 5.6))
_SOURCE = (_LEFT, 7.08, 11.4, 0.32)
_NUMBER = (12.133, 7.08, 0.6, 0.32)
_BAND_WIDTH, _BAND_HEIGHT = 0.3, 0.1

#: Layout: its place in PowerPoint's template, then the box of each of its places, title first.
_LAYOUTS = {
    "Title": (0, (1.1, 1.3, 10.5, 2.3), (1.1, 4.0, 11.0, 2.4)),
    "Text": (1, _HEADLINE, _BODY),
    "Section": (2, (1.1, 2.6, 11.0, 1.6), (1.1, 4.4, 11.0, 1.2)),
    "Two columns": (3, _HEADLINE, *_COLUMNS),
    "Table": (7, _HEADLINE, (_LEFT, 1.4, _WIDE, 5.5), _SOURCE),
    "Figure": (8, (_LEFT, 0.19, _WIDE, 0.74), (0.3, 0.98, 12.733, 6.05), _SOURCE),
}
_OPENING = ("Title", "Section")

#: Names, not files: the program that shows the deck has them, or puts its own in their place.
#: Arial and Microsoft YaHei come with Office on Windows and macOS; LibreOffice elsewhere
#: takes Liberation Sans or DejaVu Sans, and Noto Sans CJK.
FONTS = {"latin": "Arial", "ea": "Microsoft YaHei", "cs": "Arial"}

_BAND = """\
<p:sp xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"
      xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">
  <p:nvSpPr><p:cNvPr id="{id}" name="Band"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr>
  <p:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>
    <a:prstGeom prst="rect"><a:avLst/></a:prstGeom>
    <a:solidFill><a:schemeClr val="accent1"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr>
  <p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:endParaRPr lang="en-GB"/></a:p></p:txBody>
</p:sp>"""


def main() -> None:
    """Write both templates anew."""
    for theme in THEMES:
        template_file(theme).write_bytes(packed(make_template(theme)))


def make_template(theme: str):
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
    layouts = list(deck.slide_layouts)
    kept = {name: layouts[place] for name, (place, *_) in _LAYOUTS.items()}
    for layout in layouts:
        if layout not in kept.values():
            deck.slide_layouts.remove(layout)
    master = deck.slide_master
    for owner in (master, *kept.values()):
        _keep_text_and_number(owner)
    _arrange(master, (_HEADLINE, _BODY))
    for name, layout in kept.items():
        layout._element.cSld.set("name", name)
        _arrange(layout, _LAYOUTS[name][1:], title_anchor="b" if name in _OPENING else "ctr")
        _draw_band(layout, upright=name in _OPENING, deck=deck)
    _plain_text(master)
    _set_theme(master, THEMES[theme])
    return deck


def _keep_text_and_number(owner) -> None:
    """Remove the places of date and footer: none of the slides has them."""
    from pptx.enum.shapes import PP_PLACEHOLDER as KIND

    for shape in list(owner.placeholders):
        if shape.placeholder_format.type in (KIND.DATE, KIND.FOOTER):
            shape.element.getparent().remove(shape.element)


def _arrange(owner, boxes, *, title_anchor: str = "ctr") -> None:
    """Put the title, the other places and the slide's number where they belong."""
    from pptx.enum.shapes import PP_PLACEHOLDER as KIND

    number = [p for p in owner.placeholders if p.placeholder_format.type == KIND.SLIDE_NUMBER]
    others = [p for p in owner.placeholders if p not in number]
    for rank, (placeholder, box) in enumerate(zip(others, boxes, strict=True)):
        below = box is _SOURCE
        _place(placeholder, box, anchor=title_anchor if rank == 0 else "b" if below else "t")
    for placeholder in number:
        _place(placeholder, _NUMBER, anchor="b")


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


def _draw_band(layout, *, upright: bool, deck) -> None:
    """Add the coloured band behind all else: at the left of an opening, else on top."""
    from pptx.oxml import parse_xml
    from pptx.util import Inches

    tree = layout.shapes._spTree
    width = Inches(_BAND_WIDTH) if upright else deck.slide_width
    height = deck.slide_height if upright else Inches(_BAND_HEIGHT)
    tree.insert(2, parse_xml(_BAND.format(id=100 + len(tree), width=width, height=height)))


def _plain_text(master) -> None:
    """Set titles flush left and bold, body text without bullets, the number quiet and legible."""
    from pptx.oxml.ns import qn

    title, body = master.element.find(qn("p:txStyles"))[:2]
    title[0].set("algn", "l")
    title[0].find(qn("a:defRPr")).set("b", "1")
    for level in body:
        level.set("marL", "0")
        level.set("indent", "0")
        for bullet in [child for child in level if child.tag in (qn("a:buFont"), qn("a:buChar"))]:
            level.remove(bullet)
    for owner in (master, *master.slide_layouts):
        for paragraph in owner.element.iter(qn("a:lvl1pPr")):
            if owner is not master:
                paragraph.set("algn", "l")
                for style in paragraph.findall(qn("a:defRPr")):
                    style.attrib.pop("cap", None)
        for number in owner.element.iter(qn("p:sp")):
            if number.xpath("./p:nvSpPr/p:nvPr/p:ph[@type='sldNum']"):
                _style_number(number)


def _style_number(shape) -> None:
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls, qn

    style = f"""<a:lstStyle {nsdecls("a")}><a:lvl1pPr algn="r"><a:defRPr sz="1400"><a:solidFill>
      <a:schemeClr val="tx2"/></a:solidFill></a:defRPr></a:lvl1pPr></a:lstStyle>"""
    body = shape.find(qn("p:txBody"))
    body.replace(body.find(qn("a:lstStyle")), parse_xml(style))


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
    # A master calls its text tx1 and its paper bg1; a theme calls the same colours dk1 and lt1.
    renamed = {"tx1": "dk1", "bg1": "lt1", "tx2": "dk2", "bg2": "lt2"}
    by_name = {renamed.get(name, name): colours[role] for role, name in ROLES.items()}
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


if __name__ == "__main__":
    main()
