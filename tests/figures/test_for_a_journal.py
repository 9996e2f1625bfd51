"""Figures for a paper: as wide as its columns, type of 8 points, fonts inside, safe in grey."""

import re
from xml.etree import ElementTree

import pandas as pd
import pypdfium2 as pdfium
import pytest
from findings.test_plots import FIGURES
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from PIL import Image

from lupuscart.atomic import PDF_VARIABLE
from lupuscart.figures import style
from lupuscart.reporting.finding import Finding

MM = 25.4 / 72  # of a point
WIDTHS = {False: 183, True: 89}
NARROW = ("zero", "power")


@pytest.fixture
def journal(language):
    """Each language in turn, for a paper."""
    style.use_style(context="journal", language=language)
    return language


@pytest.fixture
def save(monkeypatch, outcomes, studies, journal):
    """Draws a figure and saves it for a paper in a folder; returns its PDF, and the figure."""
    monkeypatch.setenv(PDF_VARIABLE, "1")

    def save(name, folder):
        found = Finding(
            "scenarios" if name == "scenario" else name,
            pd.DataFrame({"k": [12]}),
            "12 of 15.",
            ["12 of 15."],
            draw=lambda: FIGURES[name](outcomes, studies, journal)[1],
            rows=[studies.head(3)],
            narrow=name in NARROW,
        )
        picture = found.save(name, str(folder))
        return folder / f"{name}.pdf", picture.figure

    return save


@pytest.fixture(scope="module")
def saved_once():
    return {}


@pytest.fixture
def saved(save, saved_once, journal, tmp_path_factory):
    """As `save`, each figure of a language once for all tests, which leave it as it is."""

    def saved(name):
        if (name, journal) not in saved_once:
            saved_once[name, journal] = save(name, tmp_path_factory.mktemp(name))
        return saved_once[name, journal]

    return saved


def printed_sizes(figure, scale):
    return [
        scale * text.get_fontsize()
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip()
    ]


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_as_wide_as_one_or_two_columns(saved, name):
    path, figure = saved(name)
    (page,) = pdfium.PdfDocument(path)
    width, height = (MM * each for each in page.get_size())
    assert width == pytest.approx(WIDTHS[name in NARROW], abs=0.05)
    # A page of a journal is about 240 mm high.
    assert 50 < height < 120
    scale = page.get_size()[0] / (72 * figure.get_figwidth())
    sizes = printed_sizes(figure, scale)
    assert min(sizes) == pytest.approx(8, abs=0.01)
    assert max(sizes) <= 10


def test_pixels_and_vectors_have_the_size_of_the_page(saved):
    for name in ("response", "power"):
        path, _ = saved(name)
        (page,) = pdfium.PdfDocument(path)
        points = page.get_size()
        with Image.open(path.with_suffix(".png")) as picture:
            assert min(picture.info["dpi"]) >= 299
            assert picture.width / picture.info["dpi"][0] * 72 == pytest.approx(points[0], rel=0.01)
        svg = ElementTree.parse(path.with_suffix(".svg")).getroot()
        found = [float(svg.get(side).removesuffix("pt")) for side in ("width", "height")]
        assert found == pytest.approx(points, rel=0.001)


def test_letters_are_drawn_at_their_size(saved):
    """As the page has them, not as the drawing says: by the height of a digit in the picture."""
    path, _ = saved("power")
    (page,) = pdfium.PdfDocument(path)
    text = page.get_textpage()
    index = next(i for i, letter in enumerate(text.get_text_range()) if letter == "8")
    left, bottom, right, top = text.get_charbox(index)
    # A digit of these fonts is between 0.6 and 0.8 of its size high.
    assert 0.6 * 8 < top - bottom < 0.8 * 8
    assert right - left < 8


def test_its_fonts_are_inside(saved, journal):
    path, _ = saved("response")
    raw = path.read_bytes()
    if journal == "en":
        assert re.search(rb"/FontFile2 \d+ 0 R", raw)
        assert b"/Subtype /Type3" not in raw
    else:
        assert b"/Subtype /Type3" in raw
    # A font that is named and not embedded would have a descriptor without a file.
    descriptors = raw.count(b"/Type /FontDescriptor")
    type3 = raw.count(b"/Subtype /Type3")
    assert raw.count(b"/FontFile2 ") >= descriptors - type3


def test_the_same_figure_gives_the_same_bytes(saved, save, tmp_path):
    (one, _), (other, _) = saved("power"), save("power", tmp_path)
    for kind in (".pdf", ".png", ".svg"):
        assert one.with_suffix(kind).read_bytes() == other.with_suffix(kind).read_bytes()


def grey(colour):
    """How light a colour is when it is printed without colour, 0 to 1."""
    return sum(
        part * share for part, share in zip(to_rgb(colour), (0.299, 0.587, 0.114), strict=True)
    )


@pytest.mark.parametrize("name", FIGURES)
def test_without_colour_no_two_marks_and_no_two_curves_are_alike(saved, name):
    _, figure = saved(name)
    colours = {}
    for ax in figure.axes:
        for line in ax.get_lines():
            mark = line.get_marker()
            # A bar or an arrow at an end belongs to its line; a curve has many points.
            if mark not in ("None", "", "|", "<", None):
                colours.setdefault(("mark", mark), set()).add(to_rgb(line.get_color()))
            elif len(line.get_xdata()) > 3:
                colours.setdefault(("curve", line.get_linestyle()), set()).add(
                    to_rgb(line.get_color())
                )
            assert grey(line.get_color()) < 0.6, "too light on white paper"
    alike = {look: found for look, found in colours.items() if len(found) > 1}
    # What is supposed is grey and dashed, whatever its mark.
    assert not alike or name == "scenario"


def test_elsewhere_a_narrow_figure_is_as_wide_as_others(language):
    with style.one_column():
        assert style.new_figure().get_size_inches().tolist() == [*style.canvas().size]
        assert style.canvas() == style.CONTEXTS["slides"]
