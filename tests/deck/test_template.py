"""The look of a deck is a file: the package's own two, and whatever a user puts in their place."""

import re
import zipfile

import pytest
from deck_figures import make_figures
from pptx import Presentation
from pptx.oxml import parse_xml
from pptx.util import Inches

from lupuscart.cli import main
from lupuscart.deck.deck import make_deck, write_deck
from lupuscart.deck.make_templates import make_template
from lupuscart.deck.template import LAYOUTS, open_template, packed, template_file
from lupuscart.figures.style import THEMES

SECTIONS = """
<p:extLst xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main">
<p:ext uri="{521415D9}">
<p14:sectionLst xmlns:p14="http://schemas.microsoft.com/office/powerpoint/2010/main">
<p14:section name="a" id="{6F2A}"><p14:sldIdLst><p14:sldId id="256"/></p14:sldIdLst></p14:section>
</p14:sectionLst></p:ext></p:extLst>"""


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    return make_figures(folder, names=["02_response_chosen", "04_safety_events"])


@pytest.fixture(scope="module")
def deck(figures, tmp_path_factory):
    path = tmp_path_factory.mktemp("deck") / "deck.pptx"
    write_deck(figures, path)
    return path


def layout(presentation, name):
    return next(each for each in presentation.slide_layouts if each.name == name)


@pytest.mark.parametrize("theme", THEMES)
def test_the_files_in_the_package_are_what_makes_them(theme):
    assert template_file(theme).read_bytes() == packed(make_template(theme))


@pytest.mark.parametrize("theme", THEMES)
def test_a_template_that_comes_with_the_package_has_every_layout_and_no_slide(theme):
    template = open_template(theme=theme)
    assert {each.name for each in template.slide_layouts} == set(LAYOUTS)
    assert len(template.slides) == 0


def test_a_deck_is_its_own_template_and_gives_the_same_slides(figures, deck, tmp_path):
    write_deck(figures, tmp_path / "again.pptx", template=deck)
    assert slide_parts(tmp_path / "again.pptx") == slide_parts(deck)


def slide_parts(path):
    """The text of each slide, each layout and the theme."""
    with zipfile.ZipFile(path) as file:
        names = re.compile(r"ppt/(slides|slideLayouts|theme)/\w+1?\.xml")
        return {
            n: file.read(n) for n in file.namelist() if names.fullmatch(n) and "theme2" not in n
        }


def test_a_template_of_ones_own_moves_and_colours_what_stands_on_the_slides(
    figures, deck, tmp_path
):
    own = Presentation(deck)
    moved = {"Figure": (0.5, 2.0, 8.0, 4.0), "Table": (0.5, 2.5, 12.0, 4.0)}
    for name, box in moved.items():
        place = next(p for p in layout(own, name).placeholders if p.placeholder_format.idx == 1)
        place.left, place.top, place.width, place.height = map(Inches, box)
    own.save(tmp_path / "own.pptx")
    recolour(tmp_path / "own.pptx", THEMES["light"]["strong"].lstrip("#"), "123456")
    write_deck(figures, tmp_path / "deck.pptx", template=tmp_path / "own.pptx")
    made = Presentation(tmp_path / "deck.pptx")
    shapes = [(slide.slide_layout.name, s) for slide in made.slides for s in slide.shapes]
    pictures = [s for name, s in shapes if name == "Figure" and s.shape_type == 13]
    assert {(s.top, s.height) for s in pictures} == {(Inches(2.0), Inches(4.0))}
    tables = [s for name, s in shapes if s.has_table]
    assert {s.top for s in tables} == {Inches(2.5)}
    assert max(s.top + s.height for s in tables) <= Inches(6.5)
    with zipfile.ZipFile(tmp_path / "deck.pptx") as file:
        assert b'val="123456"' in file.read("ppt/theme/theme1.xml")
    write_deck(figures, tmp_path / "again.pptx", template=tmp_path / "own.pptx")
    assert (tmp_path / "again.pptx").read_bytes() == (tmp_path / "deck.pptx").read_bytes()


def recolour(path, old, new):
    """Replace a colour in every theme of a deck."""
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, "w") as file:
        for name, part in parts.items():
            file.writestr(name, part.replace(old.encode(), new.encode()))


def test_slides_sections_and_statistics_of_a_template_are_dropped(figures, deck, tmp_path):
    own = Presentation(deck)
    own.part._element.append(parse_xml(SECTIONS))
    own.save(tmp_path / "own.pptx")
    write_deck(figures, tmp_path / "deck.pptx", template=tmp_path / "own.pptx")
    made = Presentation(tmp_path / "deck.pptx")
    assert len(made.slides) == len(Presentation(deck).slides)
    with zipfile.ZipFile(tmp_path / "deck.pptx") as file:
        assert b"sectionLst" not in file.read("ppt/presentation.xml")
        slides = [name for name in file.namelist() if re.fullmatch(r"ppt/slides/\w+\.xml", name)]
        assert len(slides) == len(made.slides)
        assert not {"docProps/app.xml", "docProps/thumbnail.jpeg"} & set(file.namelist())


def test_places_that_a_deck_does_not_fill_stay_off_its_slides(figures, deck, tmp_path):
    own = Presentation(deck)
    extra = layout(own, "Two columns").placeholders[1]._element
    copy = parse_xml(re.sub(r'idx="\d+"', 'idx="77"', extra.xml))
    layout(own, "Figure").shapes._spTree.append(copy)
    own.save(tmp_path / "own.pptx")
    write_deck(figures, tmp_path / "deck.pptx", template=tmp_path / "own.pptx")
    for slide in Presentation(tmp_path / "deck.pptx").slides:
        assert all(place.placeholder_format.idx != 77 for place in slide.placeholders)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_template_without_a_layout_gets_one_error_that_names_it(figures, deck, tmp_path, name):
    own = Presentation(deck)
    layout(own, name)._element.cSld.set("name", "mine")
    own.save(tmp_path / "own.pptx")
    with pytest.raises(ValueError, match=rf"own\.pptx.*the layout '{name}'.*'mine'"):
        write_deck(figures, tmp_path / "deck.pptx", template=tmp_path / "own.pptx")
    assert not (tmp_path / "deck.pptx").exists()


PLACES = [(name, number) for name, places in LAYOUTS.items() for number in range(1 + len(places))]


@pytest.mark.parametrize(("name", "number"), PLACES)
def test_a_layout_without_one_of_its_places_is_refused(figures, deck, tmp_path, name, number):
    own = Presentation(deck)
    place = [p for p in layout(own, name).placeholders if p.placeholder_format.idx < 10][number]
    place._element.getparent().remove(place._element)
    own.save(tmp_path / "own.pptx")
    with pytest.raises(ValueError, match=f"a place of the layout '{name}', which needs a title"):
        write_deck(figures, tmp_path / "deck.pptx", template=tmp_path / "own.pptx")


def test_everything_that_is_wrong_with_a_template_is_told_at_once(tmp_path):
    Presentation().save(tmp_path / "plain.pptx")
    with pytest.raises(ValueError) as refused:
        open_template(tmp_path / "plain.pptx")
    assert all(f"'{name}'" in str(refused.value) for name in LAYOUTS)
    assert "'Title Slide'" in str(refused.value)


@pytest.mark.parametrize("content", [None, b"", b"no deck", "zip"])
def test_a_file_that_is_no_deck_is_refused_before_anything_runs(
    tmp_path, monkeypatch, capsys, content
):
    path = tmp_path / "mine.pptx"
    if content == "zip":
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("a.txt", "a")
    elif content is not None:
        path.write_bytes(content)
    monkeypatch.setattr("lupuscart.deck.deck.run_notebooks", lambda *a, **k: pytest.fail("it ran"))
    with pytest.raises(ValueError, match=r"mine\.pptx.*cannot be read as a PowerPoint file"):
        make_deck(template=path, names=["02"])
    assert main(["slides", "02", "--template", str(path), "--output", str(tmp_path / "d.pptx")])
    assert "saved as .pptx" in capsys.readouterr().err
