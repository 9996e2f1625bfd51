"""Every figure can be read: enough contrast, nothing told by colour alone, in both themes."""

import itertools

import matplotlib as mpl
import numpy as np
import pytest
from colours import COLOUR_BLIND, contrast, distance
from conftest import require_chinese_font
from findings.test_plots import FIGURES
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import same_color, to_rgba
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from lupuscart.data.sheet import load_datapackage
from lupuscart.figures import style

TEXT = 4.5  # WCAG 2.2, 1.4.3: contrast of text, whatever its size
MARK = 3.0  # WCAG 2.2, 1.4.11: contrast of what carries meaning without words
# A difference of about 2.3 is just noticeable between two large patches side by side;
# five times that is still seen between small marks that are not.
APART = 12.0

# Colours depend on the theme, places on the language: two pairs meet every colour and place.
LOOKS = [("light", "en"), ("dark", "zh")]


@pytest.fixture(scope="module")
def painted_once():
    return {}


@pytest.fixture(params=itertools.product(FIGURES, LOOKS), ids=lambda p: f"{p[0]}-{p[1][0]}")
def painted(request, painted_once, outcomes, studies):
    """A figure in a theme, drawn."""
    name, (theme, language) = request.param
    if language == "zh":
        require_chinese_font()
    style.use_style(context="slides", theme=theme, language=language)
    if request.param not in painted_once:
        _, ax = FIGURES[name](outcomes, studies, language)
        FigureCanvasAgg(ax.figure).draw()
        # Where everything stands is settled: drawn again, it is not laid out again.
        ax.figure.set_layout_engine(None)
        painted_once[request.param] = ax.figure
    return painted_once[request.param]


def _texts(figure):
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


def _behind(figure):
    """The picture without its texts, bottom row first, and the box of each text in it."""
    texts = _texts(figure)
    colours = [text.get_color() for text in texts]
    written = _pixels(figure.canvas)
    boxes = [text.get_window_extent() for text in texts]
    for text in texts:
        text.set_color("none")
    figure.canvas.draw()
    picture = _pixels(figure.canvas)
    for text, colour in zip(texts, colours, strict=True):
        text.set_color(colour)
    ink = (written != picture).any(axis=2)
    boxes = [_ink_box(box, ink) for box in boxes]
    return picture, list(zip(texts, boxes, colours, strict=True))


def _pixels(canvas):
    """What was drawn last, bottom row first: red, green and blue from 0 to 1."""
    return np.asarray(canvas.buffer_rgba())[::-1, :, :3] / 255


def _ink_box(box, ink):
    """The box of a text without the room below and above its letters; whole if none is seen."""
    x0, y0, x1, y1 = np.rint(box.extents).astype(int).clip(0)
    lines = np.flatnonzero(ink[y0:y1, x0:x1].any(axis=1))
    if not len(lines):
        return box
    return Bbox([[box.x0, y0 + lines[0]], [box.x1, y0 + lines[-1] + 1]])


def test_every_text_stands_out_from_what_lies_behind_it(painted):
    picture, texts = _behind(painted)
    faint = {}
    for text, box, colour in texts:
        # Without a margin of a tenth: a box is larger than its ink, which the ring of a pill fits.
        rim = 0.1 * min(box.width, box.height)
        x0, y0, x1, y1 = np.rint(box.padded(-rim).extents).astype(int).clip(0)
        pixels = picture[y0:y1, x0:x1].reshape(-1, 3)
        # The faint pixels may be a hair line's worth: no mark, no line, no filled cell.
        share = np.mean(contrast(pixels, np.array(to_rgba(colour))) < TEXT)
        if share > 0.02:
            faint[text.get_text()] = f"{share:.0%} of its box"
    assert faint == {}


def _lines(figure):
    """Every line and mark that is data or a key to it: no grid, no ticks."""
    drawn = [line for ax in figure.axes for line in ax.get_lines()]
    keys = [line for legend in figure.findobj(Legend) for line in legend.get_lines()]
    return [line for line in (*drawn, *keys) if line.get_visible()]


def _strokes(figure):
    """The colours that lines, marks, error bars and arrows are drawn with."""
    for line in _lines(figure):
        if line.get_linestyle() not in ("None", "", " "):
            yield line.get_color()
        if line.get_marker() not in ("None", "", " ", None):
            yield line.get_markeredgecolor()
    for bars in figure.findobj(LineCollection):
        if bars.get_segments():
            yield from bars.get_color()
    for note in figure.findobj(Annotation):
        if note.arrow_patch is not None:
            yield note.arrow_patch.get_edgecolor()


def test_every_mark_and_line_stands_out_from_the_paper(painted):
    paper = painted.get_facecolor()
    found = {mpl.colors.to_hex(colour) for colour in _strokes(painted)}
    assert found
    assert {colour for colour in found if contrast(colour, paper[:3]) < MARK} == set()


def _look(line: Line2D):
    """All that tells a mark from another but its colour."""
    paper = style.theme_colour("paper")
    hollow = same_color(line.get_markerfacecolor(), paper)
    return (
        line.get_marker(),
        line.get_markersize(),
        hollow,
        line.get_linestyle(),
        line.get_linewidth(),
    )


def test_no_two_keys_of_a_legend_differ_by_colour_alone(painted):
    same = [
        (one.get_label(), other.get_label())
        for legend in painted.findobj(Legend)
        for one, other in itertools.combinations(legend.get_lines(), 2)
        if _look(one) == _look(other)
    ]
    assert same == []


@pytest.mark.parametrize("vision", [None, *COLOUR_BLIND])
def test_marks_of_one_shape_stay_apart_without_full_colour_vision(painted, vision):
    marks = {(_look(line), mpl.colors.to_hex(line.get_color())) for line in _lines(painted)}
    near = [
        (one, other, look)
        for (look, one), (again, other) in itertools.combinations(sorted(marks, key=str), 2)
        if look == again and one != other and distance(one, other, vision) < APART
    ]
    assert near == []


def _regimens():
    tables = {table["name"]: table["schema"] for table in load_datapackage()["resources"]}
    fields = {field["name"]: field for field in tables["studies"]["fields"]}
    return [*fields["conditioning"]["constraints"]["enum"], "a regimen of yours", None]


def test_each_regimen_has_a_shape_of_its_own():
    shapes = [style.conditioning_mark(regimen).shape for regimen in _regimens()]
    assert len(shapes) > 4
    # Every regimen that has no shape of its own is the one "other".
    others = {regimen for regimen in _regimens() if style.conditioning_mark(regimen).shape == "P"}
    assert len(set(shapes)) == len(shapes) - len(others) + 1


@pytest.mark.parametrize("vision", [None, *COLOUR_BLIND])
@pytest.mark.parametrize("theme", style.THEMES)
def test_the_palette_stays_apart_without_full_colour_vision(theme, vision):
    style.use_style(theme=theme)
    palette = {style.conditioning_mark(regimen).colour for regimen in _regimens()}
    assert len(palette) == 5
    near = {
        pair: distance(*pair, vision)
        for pair in itertools.combinations(sorted(palette), 2)
        if distance(*pair, vision) < APART
    }
    assert near == {}


@pytest.mark.parametrize("theme", style.THEMES)
def test_letters_stand_out_from_their_discs(theme):
    style.use_style(theme=theme)
    for regimen in _regimens():
        mark = style.conditioning_mark(regimen)
        assert contrast(mark.colour, style.theme_colour("paper")) >= TEXT


def test_contrast_and_distance_are_the_published_ones():
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    # The example of WCAG's own "understanding" page: grey that just passes.
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)
    assert distance("#FFFFFF", "#000000") == pytest.approx(100, abs=0.01)
    assert distance("#FF0000", "#00FF00", "deuteranopia") < distance("#FF0000", "#00FF00") / 2
