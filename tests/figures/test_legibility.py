"""Whatever a table holds, its figure is legible or refused by name: measured on the picture."""

import itertools
import random

import numpy as np
import pandas as pd
import pytest
from conftest import require_chinese_font
from drawn import LONG
from matplotlib import font_manager
from matplotlib.backends.backend_agg import RendererAgg

from lupuscart.figures import fonts, panels, save, style
from lupuscart.figures.fitting import LEFT_OUT
from lupuscart.figures.legibility import make_legible
from lupuscart.figures.rows import columns_beside, name_lines, words_right

WORDS = {"headline": "A.", "alt": "B."} | dict.fromkeys(("provenance", "references"), ())
WORDS |= {"source": ["A"], "table": None}

# Letters of each script; with whether this machine is sure to have a font for it.
SCRIPTS = {
    "latin": "abcdefg hijkl mnop qrstuv wxyz ÄéñşŁ",
    "capitals": "WMQ",
    "greek": "αβγδε ζηθ ικλμ",
    "cyrillic": "абвгд ежзик лмноп",
    "arabic": "محمدعليبتثج حخدذ",
    "hebrew": "שלוםכהןאבגד הוזח",
}


def draw(names, beside=(), title="Patients with each outcome"):
    """A figure of rows: names, marks, numbers at the right, words beside if given."""
    ax = style.new_figure().add_subplot()
    panels.finish(ax.figure, title=title)
    for row in range(len(names)):
        ax.errorbar(50, row, xerr=[[20], [30]], fmt="o", color=style.theme_colour("strong"))
    name_lines(ax, names)
    ax.set_xlim(0, 100)
    ax.set_xlabel("patients with the outcome (%)")
    if beside:
        for row, words in enumerate(beside):
            words_right(ax, row, words)
    else:
        columns = [[["12/15"] * len(names)], [["52–96 %"] * len(names)]]
        columns_beside([ax], columns, ["n/N", "95 % CI"])
    key = panels.key(style.conditioning_mark("none"), "no conditioning")
    ax.figure.legend(handles=[key], loc="outside lower left")
    return ax


def names_of(script, rows, length, seed):
    """Distinct names of a script, of so many characters."""
    choose, names = random.Random(f"{script} {seed}"), {}
    while len(names) < rows:
        name = "".join(choose.choices(SCRIPTS[script], k=length)).strip()
        names.setdefault(name if length > 2 and name else f"{name}{len(names) + 1}")
    return [*names]


def pictures(figure, texts):
    """The box of the ink of each text drawn alone, in pixels from the top left."""
    figure.draw_without_rendering()
    width, height = figure.canvas.get_width_height()
    boxes = []
    for text in texts:
        renderer = RendererAgg(width, height, figure.dpi)
        text.draw(renderer)
        rows, columns = np.nonzero(np.asarray(renderer.buffer_rgba())[..., 3])
        boxes.append((columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))
    return boxes


def assert_legible(ax, names):
    """By the ink itself: no name over another, none cut, each in its row and recognisable."""
    figure = ax.figure
    figure.set_layout_engine(None)
    labels = ax.get_yticklabels()
    boxes = pictures(figure, labels)
    width, height = figure.canvas.get_width_height()
    tops = sorted((top, bottom) for _, top, _, bottom in boxes)
    for (_, bottom), (top, _) in itertools.pairwise(tops):
        assert bottom <= top + 1
    for row, (left, top, right, bottom) in enumerate(boxes):
        assert left > 0 and top > 0 and right < width and bottom < height
        middle = height - (top + bottom) / 2
        assert round(ax.transData.inverted().transform((0, middle))[1]) == row
        assert right <= ax.bbox.x0
    shown = [label.get_text() for label in labels]
    assert len(set(shown)) == len(set(names))
    for name, text in zip(names, shown, strict=True):
        assert_same_or_shortened(name, text)
    assert ax.bbox.width > 0.08 * width


def assert_same_or_shortened(name, text):
    """Nothing is changed but blanks into line breaks, and one middle left out."""
    squeezed, kept = "".join(name.split()), "".join(text.split())
    if kept != squeezed:
        head, dots, tail = kept.partition(LEFT_OUT)
        assert dots
        assert squeezed.startswith(head) and squeezed.endswith(tail)


@pytest.fixture(autouse=True)
def _slides():
    style.use_style(context="notebook")


ROWS, LENGTHS = (1, 2, 5, 12, 20, 30), (1, 12, 45, 120)
TABLES = [
    (script, rows, length)
    for number, (script, rows, length) in enumerate(itertools.product(SCRIPTS, ROWS, LENGTHS))
    # A part of them: every script with every length, and with most numbers of rows.
    if LONG or number % 7 == 0
]
# Other names at each long run; those that failed are printed with it.
SEED = random.randrange(10**6) if LONG else 0


@pytest.mark.parametrize("script", SCRIPTS)
def test_names_of_any_length_are_legible_or_refused_by_name(script):
    outcomes = {}
    for _, rows, length in (table for table in TABLES if table[0] == script):
        names = names_of(script, rows, length, seed=rows + SEED)
        ax = draw(names)
        try:
            make_legible(ax.figure, "any")
        except ValueError as error:
            outcomes[rows, length] = str(error)
            assert str(error).startswith("figure 'any' cannot be read: ")
            assert "row " in str(error)
        else:
            outcomes[rows, length] = None
            assert_legible(ax, names)
    # What a figure has room for is drawn: refusing all would be easy.
    assert not [key for key, error in outcomes.items() if key[0] <= 12 and error], (SEED, outcomes)


def test_thirty_rows_are_too_many_and_it_is_said_how_many_fit():
    ax = draw([f"Author {row} 2025" for row in range(30)])
    with pytest.raises(
        ValueError, match=r"its 30 rows stand \d+ points apart.*about \d+ such rows"
    ):
        make_legible(ax.figure, "any")


@pytest.mark.parametrize("length", [5, 60, 120, 400])
def test_words_at_the_right_are_broken_too(length):
    words = ["median 712 d (613-1134) " * (1 + length // 24)] * 3
    ax = draw(["Feng J 2025", "Wang X 2025", "Wang Q 2025"], [text[:length] for text in words])
    make_legible(ax.figure, "any")
    ax.figure.set_layout_engine(None)
    width, _ = ax.figure.canvas.get_width_height()
    boxes = pictures(ax.figure, ax.texts)
    assert all(right < width for _, _, right, _ in boxes)
    for (_, _, _, bottom), (_, top, _, _) in itertools.pairwise(boxes):
        assert bottom <= top
    for text, given in zip(ax.texts, words, strict=True):
        assert_same_or_shortened(given[:length], text.get_text())


def test_a_title_that_is_too_long_is_broken():
    ax = draw(["Feng J 2025"], title="Patients with each outcome, of those evaluable " * 2)
    make_legible(ax.figure, "any")
    (box,) = pictures(ax.figure, [ax.figure._suptitle])
    assert box[0] > 0 and box[2] < ax.figure.canvas.get_width_height()[0]


def test_names_that_would_read_the_same_are_refused():
    same, row = "A" * 60, "B" * 400
    names = [f"{same}{row}{number}{row}{same}" for number in range(3)]
    with pytest.raises(ValueError, match=r"row 1 .* and row 2 .* read the same"):
        make_legible(draw(names).figure, "any")


def test_one_text_over_another_is_refused():
    ax = draw(["Feng J 2025", "Wang X 2025"])
    ax.text(50, 0.2, "80 %")
    ax.text(51, 0.2, "100 %")
    with pytest.raises(ValueError, match=r"figure 'any' .*'80 %' lies over .*'100 %'"):
        make_legible(ax.figure, "any")


def test_a_text_over_the_mark_of_a_row_is_refused():
    ax = draw(["Feng J 2025", "Wang X 2025"])
    ax.text(50, 1, "flared at month 6", va="center")
    with pytest.raises(ValueError, match="row 2, the text 'flared at month 6' lies over a mark"):
        make_legible(ax.figure, "any")


def test_a_text_beyond_the_edge_is_refused():
    ax = draw(["Feng J 2025"])
    ax.figure.text(0.5, 1.02, "12 of 15")
    with pytest.raises(ValueError, match="the text '12 of 15' reaches beyond the edge"):
        make_legible(ax.figure, "any")


@pytest.fixture
def bare_machine(monkeypatch):
    """Only what comes with matplotlib is there, and nothing new is found."""
    own = [
        font
        for font in font_manager.fontManager.ttflist
        if font.name.startswith(("DejaVu", "Last Resort"))
    ]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [])


@pytest.mark.parametrize(
    ("name", "character"),
    [
        ("สมชาย ใจดี", "U+0E2A, THAI CHARACTER SO SUA"),
        ("राम कुमार", "U+0930, DEVANAGARI LETTER RA"),
        ("王伟", "U+738B, CJK UNIFIED IDEOGRAPH-738B"),
        ("김철수", "U+AE40, HANGUL SYLLABLE GIM"),
        ("Feng 🧬", "U+1F9EC, DNA DOUBLE HELIX"),
        ("Feng \x07", "U+0007, no name"),
        ("Feng \ue000", "U+E000, no name"),
    ],
)
def test_a_character_without_a_font_is_refused_by_name(bare_machine, name, character):
    style.use_style()
    names = ["Feng J 2025", f"{name} 2025"]
    with pytest.raises(ValueError) as refused:
        make_legible(draw(names).figure, "any")
    assert f"({character})" in str(refused.value)
    assert f"of row 2 {f'{name} 2025'!r}" in str(refused.value)


def test_a_font_newer_than_the_list_is_found(monkeypatch):
    require_chinese_font()
    manager = font_manager.fontManager
    monkeypatch.setattr(manager, "ttflist", [f for f in manager.ttflist if "CJK" not in f.name])
    manager._findfont_cached.cache_clear()
    style.use_style(language="en")
    assert not any("CJK" in family for family in fonts.font_family("en"))
    names = ["王伟 2025", "Wang X 2025"]
    ax = draw(names)
    make_legible(ax.figure, "any")
    assert_legible(ax, names)
    # By its own outline: another character gives another picture.
    first = pictures(ax.figure, ax.get_yticklabels())[0]
    ax.yaxis.set_ticklabels(["干伟 2025", names[1]])
    assert not fonts.without_glyph("王伟", ax.get_yticklabels()[0].get_fontfamily())
    assert first[2] > first[0]
    manager._findfont_cached.cache_clear()


def test_what_is_refused_is_not_saved(tmp_path):
    figure = draw([f"Author {row} 2025" for row in range(40)]).figure
    with pytest.raises(ValueError, match="figure 'forty' cannot be read"):
        save.save_figure(figure, pd.DataFrame(), "forty", str(tmp_path), words=WORDS)
    with pytest.raises(ValueError, match="figure 'forty' cannot be read"):
        save.save_figure(figure, pd.DataFrame(), "forty", "", words=WORDS)
    assert list(tmp_path.iterdir()) == []
    assert figure.dpi == style.CONTEXTS["notebook"].dpi


def test_a_number_outside_the_scale_is_not_drawn_and_no_fault():
    ax = style.new_figure().add_subplot()
    ax.set_xticks([-200, 0, 10, 50, 900])
    ax.set_xlim(9, 51)
    make_legible(ax.figure, "any")


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (3, 2)])
def test_numbers_of_two_scales_that_meet_in_a_corner_are_legible(size):
    figure = style.new_figure()
    for ax in figure.subplots(*size, squeeze=False).flat:
        ax.set_xlim(0, 1)
        ax.set_ylim(0, 1)
    make_legible(figure, "any")


def test_a_figure_without_a_text_is_legible():
    figure = style.new_figure()
    figure.subplots().set_axis_off()
    make_legible(figure, "any")
