"""The pieces that figures share: columns with heads, one baseline a row, title and source."""

import itertools

import pandas as pd
import pytest
from conftest import require_chinese_font
from figures.test_legibility import assert_legible, pictures
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from lupuscart.figures import panels, rows, specimen, style
from lupuscart.figures.legibility import make_legible

SOURCE = ["Source: 14 reports; searched until November 2026"]


@pytest.fixture(autouse=True)
def _page():
    style.use_style()


def rows_with_columns(names, columns, heads, **options):
    ax = style.new_figure().add_subplot()
    rows.name_lines(ax, names)
    rows.columns_beside([ax], [[column] for column in columns], heads, **options)
    return ax


@pytest.mark.parametrize("line", [None, 0])
def test_heads_end_where_their_columns_end(line):
    heads = ["n/N", "a head wider than its column", "95 % CI"]
    columns = [["", "12/15", "5/5"], ["", "80", "100"], ["", "52–96", "48–100"]]
    ax = rows_with_columns(["", "Feng J 2025", "Wang X 2025"], columns, heads, line=line)
    ax.figure.draw_without_rendering()
    for start in range(0, 9, 3):
        head, *boxes = [text.get_window_extent() for text in ax.texts[start : start + 3]]
        assert len({round(box.x1) for box in (head, *boxes)}) == 1
        assert head.y0 > max(box.y1 for box in boxes)
    make_legible(ax.figure, "any")


@pytest.mark.parametrize("heads", [[], ["n/N"], ["n/N", "%", "95 % CI"]])
def test_heads_are_one_a_column(heads):
    with pytest.raises(ValueError, match=f"heads are {len(heads)}; allowed: one a column, 2"):
        rows_with_columns(["Feng J 2025"], [["12/15"], ["80"]], heads)


def test_words_of_a_row_have_one_baseline():
    ax = rows_with_columns(["12", "15"], [["12", "15"]], ["n"])
    rows.words_right(ax, 0, "12")
    ax.figure.draw_without_rendering()
    ax.figure.set_layout_engine(None)
    name, number, words = (ax.get_yticklabels()[0], ax.texts[1], ax.texts[-1])
    bottoms = [bottom for _, _, _, bottom in pictures(ax.figure, [name, number, words])]
    assert max(bottoms) - min(bottoms) <= 1


@pytest.mark.parametrize("keys", [0, 1, 3, 9])
@pytest.mark.parametrize("context", ["notebook", "journal"])
@pytest.mark.parametrize(
    "title", ["", "Everybody responded, and the true rate may be 48 % all the same"]
)
def test_the_source_is_the_lowest_line_and_covers_nothing(context, keys, title):
    style.use_style(context=context)
    ax = rows_with_columns(["Feng J 2025", "Wang X 2025"], [["12/15", "5/5"]], ["n/N"])
    ax.set_xlabel("patients with the outcome (%)")
    mark = style.conditioning_mark("none")
    panels.legend_below(
        ax.figure, more=[panels.key(mark, f"key {n} with some words") for n in range(keys)]
    )
    panels.finish(ax.figure, title=title, source=SOURCE)
    make_legible(ax.figure, "any")
    edge = 0.9 * style.MARGIN * ax.figure.dpi
    source = ax.figure.texts[-1].get_window_extent()
    assert ax.figure.texts[-1].get_text() == SOURCE[0]
    assert source.y0 > edge and source.x0 > edge
    others = [*ax.figure.legends, ax.xaxis.label]
    assert all(other.get_window_extent().y0 >= source.y1 - 1 for other in others)
    for legend in ax.figure.legends:
        assert legend.get_window_extent().y1 < ax.xaxis.label.get_window_extent().y0
        assert legend.get_window_extent().x1 < ax.figure.bbox.width - edge
    if title:
        box = ax.figure._suptitle.get_window_extent()
        assert box.y1 < ax.figure.bbox.height - edge and box.y0 > ax.bbox.y1


def test_a_slide_says_its_source_itself():
    style.use_style(context="slides")
    figure = style.new_figure()
    panels.finish(figure, source=SOURCE)
    assert figure.texts == []


def test_a_figure_with_a_title_is_taller_and_its_plot_is_as_large():
    heights = []
    for title in ("", "A title"):
        ax = rows_with_columns(["Feng J 2025"], [["12/15"]], ["n/N"])
        panels.finish(ax.figure, title=title, source=SOURCE)
        ax.figure.draw_without_rendering()
        heights.append(ax.bbox.height / ax.figure.dpi)
    assert heights[1] == pytest.approx(heights[0], abs=0.02)


@pytest.mark.parametrize("words", [3, 30, 300])
def test_the_longest_source_that_fits_on_a_line_is_written(words):
    figure = style.new_figure()
    first = "Sources: " + ", ".join(["Feng J 2025"] * words)
    panels.finish(figure, source=[first, "Sources: some reports (figures.json)"])
    (text,) = figure.texts
    assert text.get_text() == (first if words == 3 else "Sources: some reports (figures.json)")
    assert text.get_window_extent().x1 < figure.bbox.width


@pytest.mark.parametrize("context", style.CONTEXTS)
@pytest.mark.parametrize("legend_lines", [1, 3])
def test_as_many_rows_as_are_said_to_fit_do(context, legend_lines):
    style.use_style(context=context)
    count = rows.lines_that_fit(legend_lines=legend_lines)
    names = [f"Author {row} 2025" for row in range(count)]
    ax = rows_with_columns(names, [["12/15"] * count], ["n/N"], line=0.0)
    ax.texts[0].set_visible(False)
    ax.set_xlabel("patients with the outcome (%)")
    keys = [panels.key(style.conditioning_mark("none"), f"{n} " * 40) for n in range(legend_lines)]
    panels.legend_below(ax.figure, more=keys)
    panels.finish(ax.figure, source=SOURCE)
    make_legible(ax.figure, "any")
    assert_legible(ax, names)
    assert [label.get_text() for label in ax.get_yticklabels()] == names


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=60), st.integers(2, 25))
def test_parts_hold_every_row_once_and_are_not_too_long(groups, room):
    table = pd.DataFrame({"group": groups, "row": range(len(groups))})
    parts = rows.in_parts(table, groups, room=room)
    assert pd.concat(parts)["row"].tolist() == table["row"].tolist()
    for part in parts:
        _, headings = rows.group_lines(part["group"])
        assert 0 < len(part) + len(headings) <= room


@given(st.integers(1, 120), st.integers(2, 25))
def test_parts_of_one_group_differ_by_one_row_at_most_and_are_as_few_as_can_be(count, room):
    parts = rows.in_parts(pd.DataFrame({"row": range(count)}), ["a"] * count, room=room)
    sizes = [len(part) for part in parts]
    assert len(sizes) == -(-count // (room - 1))
    assert max(sizes) - min(sizes) <= 1
    assert sizes == sorted(sizes, reverse=True)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=9), st.integers(3, 8))
def test_no_other_cut_into_as_few_parts_is_more_even(groups, room):
    table = pd.DataFrame({"group": groups})
    count = len(groups)
    parts = rows.in_parts(table, groups, room=room)

    def lines(start, end):
        return end - start + len(rows.group_lines(groups[start:end])[1])

    def cubes(cuts):
        sizes = [lines(*ends) for ends in itertools.pairwise([0, *cuts, count])]
        return sum(size**3 for size in sizes) if max(sizes) <= room else None

    possible = {
        number: [cubes(cuts) for cuts in itertools.combinations(range(1, count), number)]
        for number in range(len(parts))
    }
    fits = {number: [each for each in all_of if each] for number, all_of in possible.items()}
    assert not any(fits[number] for number in range(len(parts) - 1))
    made = sum(lines(part.index[0], part.index[-1] + 1) ** 3 for part in parts)
    assert made == min(fits[len(parts) - 1])


@given(st.integers(2, 60))
def test_one_row_of_another_scale_is_not_left_alone(count):
    kinds = [*["a"] * count, "b"]
    table = pd.DataFrame({"scale": kinds})
    room, between = 17, 5
    parts = rows.in_parts(table, kinds, room=room, panels=kinds, between=between)
    assert pd.concat(parts)["scale"].tolist() == kinds
    for part in parts:
        scales = part["scale"].nunique()
        assert len(part) + scales + between * (scales - 1) <= room
    assert min(map(len, parts)) > 1


@pytest.mark.parametrize("total", [1, 2, 3, rows.FEWEST, 7])
def test_few_lines_stand_in_the_middle_of_their_figure(total):
    ax = style.new_figure().add_subplot()
    rows.name_lines(ax, [f"Author {line} 2025" for line in range(total)])
    rows.centre_few(ax, total)
    bottom, top = ax.get_ylim()
    assert (bottom + top) / 2 == pytest.approx((total - 1) / 2)
    assert bottom - top >= rows.FEWEST - 1 + 1.2 - 1e-9


@pytest.mark.parametrize("keys", [2, 3, 5])
def test_a_long_note_takes_no_columns_from_the_keys(keys):
    def columns(title):
        figure = style.new_figure()
        mark = style.conditioning_mark("none")
        more = [panels.key(mark, f"regimen {number}") for number in range(keys)]
        panels.legend_below(figure, title=title, more=more)
        figure.draw_without_rendering()
        return len({round(text.get_window_extent().x0) for text in figure.legends[0].get_texts()})

    assert columns("A note on the marks of these figures. " * 6) == columns("A note.") > 1


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "zh")])
def test_the_specimen_is_legible(theme, language):
    if language == "zh":
        require_chinese_font()
    style.use_style(theme=theme, language=language)
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
