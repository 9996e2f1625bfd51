"""The pieces that figures share: columns with heads, one baseline a row, the source, row counts."""

import pandas as pd
import pytest
from conftest import require_chinese_font
from figures.test_legibility import assert_legible, pictures
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from lupuscart.figures import panels, specimen, style
from lupuscart.figures.legibility import make_legible


@pytest.fixture(autouse=True)
def _slides():
    style.use_style(context="slides")


def rows_with_columns(names, columns, heads=()):
    ax = panels.one_axes("Patients with each outcome")
    panels.name_lines(ax, names)
    panels.margin_columns([ax], [[column] for column in columns], heads=heads)
    return ax


def test_heads_end_where_their_columns_end():
    heads = ["n/N", "a head wider than its column", "95 % CI"]
    columns = [["12/15", "5/5"], ["80", "100"], ["52–96", "48–100"]]
    ax = rows_with_columns(["Feng J 2025", "Wang X 2025"], columns, heads)
    ax.figure.draw_without_rendering()
    for start in range(0, 9, 3):
        boxes = [text.get_window_extent() for text in ax.texts[start : start + 3]]
        assert len({round(box.x1) for box in boxes}) == 1
        assert boxes[2].y0 > max(box.y1 for box in boxes[:2])
    make_legible(ax.figure, "any")


@pytest.mark.parametrize("heads", [["n/N"], ["n/N", "%", "95 % CI"]])
def test_heads_are_one_a_column(heads):
    with pytest.raises(ValueError, match=f"heads are {len(heads)}; allowed: none, or one a column"):
        rows_with_columns(["Feng J 2025"], [["12/15"], ["80"]], heads)


def test_words_of_a_row_have_one_baseline():
    ax = rows_with_columns(["12", "15"], [["12", "15"]])
    panels.words_right(ax, 0, "12")
    ax.figure.draw_without_rendering()
    ax.figure.set_layout_engine(None)
    name, number, words = (ax.get_yticklabels()[0], ax.texts[0], ax.texts[-1])
    bottoms = [bottom for _, _, _, bottom in pictures(ax.figure, [name, number, words])]
    assert max(bottoms) - min(bottoms) <= 1


@pytest.mark.parametrize("keys", [0, 1, 3])
def test_the_source_is_the_lowest_line_and_covers_nothing(keys):
    ax = rows_with_columns(["Feng J 2025", "Wang X 2025"], [["12/15", "5/5"]])
    ax.set_xlabel("patients with the outcome (%)")
    if keys:
        handles = [panels.key(style.conditioning_mark("none"), f"key {n}") for n in range(keys)]
        ax.figure.legend(handles=handles, loc="outside lower left")
    panels.source_line(ax.figure, "Source: 14 reports; searched until 2026-03.")
    make_legible(ax.figure, "any")
    source = ax.figure.texts[-1].get_window_extent()
    assert source.y0 > 5
    others = [*ax.figure.legends, ax.xaxis.label]
    assert all(other.get_window_extent().y0 >= source.y1 - 1 for other in others)
    for legend in ax.figure.legends:
        assert legend.get_window_extent().y1 < ax.xaxis.label.get_window_extent().y0


@pytest.mark.parametrize("text", ["", "  ", "one\ntwo"])
def test_the_source_is_one_line(text):
    with pytest.raises(ValueError, match="allowed: one line of text"):
        panels.source_line(style.new_figure(), text)


def test_title_and_legend_touch_no_edge():
    table = pd.DataFrame({"conditioning": ["none"], "read_in": ["secondary"]})
    ax = rows_with_columns(["Feng J 2025"], [["12/15"]])
    panels.legend_below(ax.figure, table)
    make_legible(ax.figure, "any")
    (left, top, _, _), *keys = pictures(
        ax.figure, [ax.figure._suptitle, *ax.figure.legends[0].get_texts()]
    )
    assert left > 10 and top > 10
    assert max(bottom for *_, bottom in keys) < ax.figure.bbox.height - 10


@pytest.mark.parametrize("lines", [1, 2, 3])
@pytest.mark.parametrize("legend_lines", [1, 4])
def test_as_many_rows_as_are_said_to_fit_do(lines, legend_lines):
    rows = panels.rows_that_fit(lines=lines, legend_lines=legend_lines)
    names = [
        "\n".join([f"Author {row} 2025", *["DORIS, by week 12"] * lines][:lines])
        for row in range(rows)
    ]
    ax = rows_with_columns(names, [["12/15"] * rows], ["n/N"])
    ax.set_xlabel("patients with the outcome (%)")
    handles = [panels.key(style.conditioning_mark("none"), f"key {n}") for n in range(legend_lines)]
    ax.figure.legend(handles=handles, loc="outside lower left", ncols=1)
    panels.source_line(ax.figure, "Source: 14 reports; searched until 2026-03.")
    make_legible(ax.figure, "any")
    assert_legible(ax, names)
    assert [label.get_text() for label in ax.get_yticklabels()] == names


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=60), st.integers(1, 25))
def test_parts_hold_every_row_once_and_are_not_too_long(groups, most):
    table = pd.DataFrame({"group": groups, "row": range(len(groups))})
    for together in (None, "group"):
        parts = panels.split_rows(table, most=most, together=together)
        assert pd.concat(parts)["row"].tolist() == table["row"].tolist()
        assert all(0 < len(part) <= most for part in parts)
    sizes = [len(part) for part in panels.split_rows(table, most=most)]
    assert len(sizes) == -(-len(groups) // most)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=12), st.integers(6, 25))
def test_a_run_that_fits_is_not_torn(runs, most):
    groups = [name for name, length in enumerate(runs) for _ in range(length)]
    parts = panels.split_rows(pd.DataFrame({"group": groups}), most=most, together="group")
    assert sum(part["group"].nunique() for part in parts) == len(runs)


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "zh")])
def test_the_specimen_is_legible(theme, language):
    if language == "zh":
        require_chinese_font()
    style.use_style(context="slides", theme=theme, language=language)
    make_legible(specimen.draw_specimen(), "specimen")


def test_the_specimen_in_docs_is_the_one_drawn(root, tmp_path):
    specimen.write_specimen(tmp_path / "sheet.png")
    kept, made = (
        Image.open(path).convert("RGB")
        for path in (root / "docs/figures_specimen.png", tmp_path / "sheet.png")
    )
    # Another processor may shade an edge differently.
    difference = ImageChops.difference(kept, made)
    assert max(ImageStat.Stat(difference).rms) < 2
