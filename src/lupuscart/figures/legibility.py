"""Whether a drawn figure can be read: mended where a rule exists, refused by name where none does.

A figure cannot be read if one text lies over another or over another row's mark, if a text
reaches beyond the edge, if no room is left for the plot, or if no font has a character. What is
mended: a character is looked for in every font of the machine; the names of rows and the words
beside them are broken into the lines that their row has room for, and shortened in the middle
where these do not suffice; any other text that is too long is broken into lines.
"""

import itertools
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

from lupuscart.figures.fitting import fitted, shown_lines
from lupuscart.figures.fonts import families_for

__all__ = ["make_legible"]

# Shares of the figure's width: the most that the names of rows take, in the order in which
# they are tried, and the least that is left for the plot.
NAMES = (0.46, 0.36, 0.27)
BESIDE = (0.62, 0.4, 0.25)
PLOT = 0.09

# Shares of the smaller of two boxes: a box is a little larger than its letters.
OVER_TEXT = 0.06
OVER_MARK = 0.3
SAME_LINE = 0.5

# Pixels: what rounding may put beyond the edge, the space that a mended text keeps from it, and
# the least between two texts of a line, and how far boxes reach beyond their letters.
EDGE = 1
SPACE = 12
GAP = 4
COVERED = 2

# How much taller than its type a line is, the space to the next included.
LEADING = 1.15

# From one line to the next, in sizes of the type: as matplotlib has it, and for Chinese.
LATIN_LINES, WIDE_LINES = 1.2, 1.25

# Lines of a name, before the height of its row is known.
MOST_LINES = 4

# A text of which less than this share would be left of a line is not broken.
LEAST = 0.2


def make_legible(figure: Figure, name: str) -> None:
    """Mend what cannot be read in a figure, or refuse it.

    Parameters
    ----------
    figure : Figure
        Laid out anew; at the resolution at which it will be looked at.
    name : str
        The figure's, for the error.

    Raises
    ------
    ValueError
        If the figure cannot be read and no rule mends it; it names the figure, the rows and
        their texts.

    Examples
    --------
    >>> figure = Figure(figsize=(16, 9))
    >>> _ = figure.text(0.5, 0.5, "12 of 15"), figure.text(0.5, 0.5, "5 of 5")
    >>> make_legible(figure, "one")
    Traceback (most recent call last):
    ...
    ValueError: figure 'one' cannot be read: the text '12 of 15' lies over the text '5 of 5'. \
Allowed: fewer rows (set the parameter study or role), or shorter names in the tables
    """
    _find_fonts(figure, name)
    rows, width = _Rows.of(figure), 72 * figure.get_figwidth()
    for names, beside in zip(NAMES, BESIDE, strict=True):
        rows.break_to(names * width, beside * width)
        problems = _problems(figure, rows)
        first = next(problems, None)
        if first is None:
            return
    others = set(problems) - {first}
    more = f" (and {len(others)} more such places)" if others else ""
    raise ValueError(
        f"figure {name!r} cannot be read: {first}{more}. Allowed: fewer rows (set the "
        "parameter study or role), or shorter names in the tables"
    )


def _problems(figure, rows) -> Iterator[str]:
    """Give every text its room, and say what cannot be read all the same.

    Each place takes its time to describe, and all are described only where no rule is left.
    """
    _space_lines(figure)
    _collapses(figure)
    rows.shorten_to_height()
    for _ in range(3):
        broken = _break_titles(figure, rows.whole)
        broken |= _break_what_is_cut(figure, rows.whole)
        # Once more at least: a first layout was seen to differ from another in its last digits.
        if _collapses(figure):
            yield rows.widest()
            return
        if not broken:
            break
    boxes = _boxes(figure)
    yield from itertools.chain(rows.crowded(), rows.narrow(), rows.same_names())
    yield from itertools.chain(_cut(figure, boxes), _overlaps(boxes), _over_marks(figure, boxes))


def _find_fonts(figure, name) -> None:
    """Give every text the fonts that its characters need, and no others."""
    for texts in _of_one_font(figure):
        said = "".join(text.get_text() for text in texts)
        families, missing = families_for(said, texts[0].get_fontfamily())
        for text in texts:
            if lacking := [each for each in missing if each in text.get_text()]:
                raise ValueError(_no_font(name, _place(text), text.get_text(), lacking))
            if families != text.get_fontfamily():
                text.set_fontfamily(families)


def _of_one_font(figure) -> list[list[Text]]:
    """Every text by itself; but the names of rows, one of which measures them all, together."""
    texts = _texts(figure)
    names = [[label for label in ax.get_yticklabels() if label in texts] for ax in figure.axes]
    together = {label for labels in names for label in labels}
    return [labels for labels in names if labels] + [[t] for t in texts if t not in together]


def _space_lines(figure) -> None:
    """Give lines of Chinese, whose characters fill their height, more space than Latin ones."""
    for text in _texts(figure):
        if "\n" in text.get_text() and _is_wide(text):
            text.set_linespacing(WIDE_LINES)


def _is_wide(text) -> bool:
    return any(unicodedata.east_asian_width(each) in "WF" for each in text.get_text())


def _no_font(name, place, text, missing):
    named = [
        f"{character!r} (U+{ord(character):04X}, {unicodedata.name(character, 'no name')})"
        for character in missing[:3]
    ]
    more = f" and {len(missing) - 3} more characters" if len(missing) > 3 else ""
    return (
        f"figure {name!r} cannot be read: no font of this machine draws {', '.join(named)}{more} "
        f"of {place} {_excerpt(text)}; allowed: characters that a font with outlines has. Install "
        "one (on Debian or Ubuntu: apt-get install fonts-noto-core, and fonts-noto-cjk for "
        "Chinese, Japanese and Korean), or write the name in Latin letters"
    )


def _collapses(figure) -> bool:
    """Lay out and measure, without a picture; whether nothing is left for the plot."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure.draw_without_rendering()
    collapsed = [each for each in caught if "_layout not applied" in str(each.message)]
    for each in caught:
        if each not in collapsed:
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    return bool(collapsed)


@dataclass
class _Rows:
    """The rows of a figure that have names, and the words beside them, as they were at first."""

    named: dict[Axes, list[str]]
    beside: dict[Text, str]
    # The points between what stands left of the names and the widest of them.
    aside: dict[Annotation, float]
    # Other texts, before they were broken.
    whole: dict[Text, str] = field(default_factory=dict)

    @classmethod
    def of(cls, figure):
        named = {ax: _names(ax) for ax in figure.axes if _has_names(ax)}
        beside = {
            text: text.get_text() for ax in named for text in ax.texts if _is_beside(ax, text)
        }
        aside = {
            text: -text.xyann[0] - width
            for ax, width in ((ax, _widest_name(ax)) for ax in named)
            for text in ax.texts
            if isinstance(text, Annotation) and text.anncoords == "offset points"
            if text.xyann[0] < -width
        }
        return cls(named, beside, aside)

    def break_to(self, names, beside):
        """Break the names, and the words at the right, into lines of so many points."""
        for ax, all_names in self.named.items():
            label = ax.get_yticklabels()[0]
            self._show(ax, [_fit(label, name, names, MOST_LINES) for name in all_names])
        for text, words in self.beside.items():
            text.set_text(_fit(text, words, beside, MOST_LINES))

    def _show(self, ax, names):
        if names != _names(ax):
            ax.yaxis.set_ticklabels(names)
            moved = set(ax.texts) & set(self.aside)
            width = _widest_name(ax) if moved else 0
            for text in moved:
                text.set_position((-width - self.aside[text], text.xyann[1]))

    def shorten_to_height(self):
        """Leave each row the lines that it has room for, now that its height is known."""
        for ax, names in self.named.items():
            label = ax.get_yticklabels()[0]
            lines = _lines_of_room(ax, label)
            if max(shown_lines(name) for name in _names(ax)) > lines:
                # The widest itself fits, however its width is rounded.
                width = _widest_name(ax) + SPACE
                self._show(ax, [_fit(label, name, width, lines) for name in names])
        for text, words in self.beside.items():
            lines = _lines_of_room(text.axes, text)
            if shown_lines(text.get_text()) > max(lines, shown_lines(words)):
                points = _extent(text).width * 72 / text.figure.dpi
                text.set_text(_fit(text, words, points, lines))

    def widest(self) -> str:
        """Why nothing is left of a plot: the longest name or words of its rows."""
        named = [
            (len(name), f"row {row + 1} {_excerpt(name)}")
            for names in self.named.values()
            for row, name in enumerate(names)
        ]
        beside = [(len(words), _of(text, words)) for text, words in self.beside.items()]
        longest = max([*named, *beside], default=(0, "a text"))[1]
        return f"its texts leave no room for the plot, the longest of them {longest}"

    def crowded(self):
        """Rows that are nearer to one another than their names are tall."""
        for ax, names in self.named.items():
            pitch = _pitch(ax)
            tall = [_height(label) for label in ax.get_yticklabels()]
            if len(names) > 1 and max(tall) > pitch * (1 + OVER_TEXT):
                row = tall.index(max(tall))
                fit = max(1, int(ax.bbox.height * 72 / ax.figure.dpi / max(tall)))
                yield (
                    f"its {len(names)} rows stand {pitch:.0f} points apart and the name of row "
                    f"{row + 1} {_excerpt(names[row])} is {max(tall):.0f} points tall; about "
                    f"{fit} such rows would fit"
                )

    def narrow(self):
        narrow = [ax for ax in self.named if ax.bbox.width < PLOT * ax.figure.bbox.width]
        return [self.widest()] if narrow else []

    def same_names(self):
        for ax, names in self.named.items():
            shown = _names(ax)
            for (a, one), (b, other) in itertools.combinations(enumerate(names), 2):
                if one != other and shown[a] == shown[b]:
                    yield (
                        f"row {a + 1} {_excerpt(one)} and row {b + 1} {_excerpt(other)} read the "
                        "same where they are shortened to their room"
                    )


def _has_names(ax) -> bool:
    """Whether its rows have names: texts set at its left, not numbers of a scale."""
    names = _names(ax)
    return bool(names) and ax.yaxis.get_tick_params().get("length", 1) == 0


def _names(ax) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def _widest_name(ax) -> float:
    """Points."""
    return max(_extent(label).width for label in ax.get_yticklabels()) * 72 / ax.figure.dpi


def _is_beside(ax, text) -> bool:
    """Whether a text stands right of the plot, beginning there."""
    x, _ = text.get_position() if not hasattr(text, "xy") else text.xy
    return (
        x >= 1
        and text.get_horizontalalignment() == "left"
        and text.get_transform() != (ax.transData)
    )


def _height(text) -> float:
    """How tall the lines of a text are, in points, without the space above and below them."""
    further = shown_lines(text.get_text()) - 1
    return text.get_fontsize() * (1 + further * (WIDE_LINES if _is_wide(text) else LATIN_LINES))


def _fit(like, words, width, lines):
    return fitted(words, width=width, lines=lines, font=like.get_fontproperties())


def _lines_of_room(ax, text) -> int:
    """How many lines of a text's type the rows of its axes have room for."""
    return max(1, int(_pitch(ax) / (LEADING * text.get_fontsize())))


def _pitch(ax) -> float:
    """How far apart rows stand, in points."""
    low, high = sorted(ax.get_ylim())
    return ax.bbox.height / (high - low) * 72 / ax.figure.dpi


def _break_titles(figure, whole) -> bool:
    """Break titles of axes that reach the axes at their right; whether there were any."""
    broken = False
    for ax in figure.axes:
        right = [
            other.bbox.x0
            for other in figure.axes
            if other.bbox.x0 >= ax.bbox.x1 and other.bbox.y0 < ax.bbox.y1 <= other.bbox.y1 + EDGE
        ]
        room = min(right, default=figure.bbox.width) - SPACE - ax.bbox.x0
        for title in (ax.title, ax._left_title):
            broken |= _break(title, room, whole)
    return broken


def _break_what_is_cut(figure, whole) -> bool:
    """Break texts that reach beyond the sides into lines; whether there were any."""
    broken = False
    for text, box in _boxes(figure):
        left, right = -box.x0, box.x1 - figure.bbox.width
        if max(left, right) <= EDGE or _row_of_name(figure, text) is not None:
            continue
        over = max(0, left + SPACE) + max(0, right + SPACE)
        if text.get_horizontalalignment() == "center":
            over *= 2
        if box.width - over > LEAST * box.width:
            broken |= _break(text, box.width - over, whole)
    return broken


def _break(text, room, whole) -> bool:
    """Break a text into lines of so many pixels, one more of them than it had at first."""
    shown = text.get_text()
    if not shown or _extent(text).width <= room:
        return False
    words = whole.setdefault(text, shown)
    points = room * 72 / text.figure.dpi
    text.set_text(_fit(text, words, points, shown_lines(words) + 1))
    return text.get_text() != shown


def _row_of_name(figure, text) -> int | None:
    """The row that a text is the name of."""
    for ax in figure.axes:
        labels = ax.get_yticklabels() if _has_names(ax) else []
        if text in labels:
            return labels.index(text)
    return None


def _texts(figure) -> list[Text]:
    """Every text that is drawn."""
    beyond = {label for ax in figure.axes for label in _undrawn(ax)}
    return [
        text
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in beyond
    ]


def _undrawn(ax):
    """Texts that are there and not drawn: of axes switched off, and numbers beyond the limits."""
    for axis in (ax.xaxis, ax.yaxis):
        if not (ax.axison and ax.get_visible() and axis.get_visible()):
            yield from axis.findobj(Text)
            continue
        low, high = sorted(axis.get_view_interval())
        slack = 1e-9 * (high - low)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if not low - slack <= tick.get_loc() <= high + slack:
                yield from (tick.label1, tick.label2)


def _extent(text):
    return text.get_window_extent()


def _boxes(figure):
    return [(text, _extent(text)) for text in _texts(figure)]


def _cut(figure, boxes):
    width, height = figure.bbox.width, figure.bbox.height
    for text, box in boxes:
        beyond = min(box.x0, box.y0, width - box.x1, height - box.y1)
        if beyond < -EDGE:
            yield f"{_place(text)} {_excerpt(text.get_text())} reaches beyond the edge"


def _overlaps(boxes):
    """Texts over texts: those whose boxes meet, if their letters do."""
    texts = [text for text, _ in boxes]
    extents = np.array([box.extents for _, box in boxes]).reshape(-1, 4)
    ink, of = cache(_ink), cache(_of)
    for a, b in _pairs(extents, extents, OVER_TEXT, GAP):
        if a < b and _meet(ink(texts[a]), ink(texts[b])):
            yield f"{of(texts[a])} lies over {of(texts[b])}"


def _ink(text):
    """The box of the letters themselves: a number has nothing below its line, its box has."""
    width, height = text.figure.canvas.get_width_height()
    renderer = RendererAgg(width, height, text.figure.dpi)
    text.draw(renderer)
    inked = np.asarray(renderer.buffer_rgba())[..., 3] > 0
    rows, columns = (np.flatnonzero(inked.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def _meet(one, other) -> bool:
    """Whether two boxes of letters lie over one another, or nearly touch on one line."""
    if one is None or other is None:
        return False
    across = min(one[2], other[2]) - max(one[0], other[0])
    return across > -GAP and min(one[3], other[3]) - max(one[1], other[1]) > COVERED


def _over_marks(figure, boxes):
    """Texts over marks, but for the number or letter in a mark of its own."""
    extents = np.array([box.extents for _, box in boxes]).reshape(-1, 4)
    marks = np.array([*_marks(figure)]).reshape(-1, 4)
    for a, b in _pairs(extents, marks, OVER_MARK):
        middle = (extents[a, :2] + extents[a, 2:]) / 2
        inside = (marks[b, :2] < middle).all() and (middle < marks[b, 2:]).all()
        if not inside:
            yield f"{_of(boxes[a][0])} lies over a mark"


def _marks(figure):
    """The box of each mark."""
    for ax in figure.axes:
        for line in ax.get_lines():
            if line.get_marker() in ("None", "", " ", None) or not line.get_visible():
                continue
            reach = line.get_markersize() / 2 * figure.dpi / 72
            points = line.get_transform().transform(np.column_stack(line.get_data()).astype(float))
            for x, y in points[:: line.get_markevery() or 1]:
                if np.isfinite([x, y]).all():
                    yield x - reach, y - reach, x + reach, y + reach


def _pairs(one, other, share, gap=0):
    """Which boxes of `one` lie over which of `other`, or are as near as this to one on its line."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    sizes = [boxes[:, 2:] - boxes[:, :2] for boxes in (one, other)]
    smaller = np.minimum(sizes[0][:, None], sizes[1][None])
    across, up = np.moveaxis(high - low, -1, 0)
    up = up / smaller[..., 1]
    over = (across > COVERED) & (up > share)
    touching = (across > -gap) & (up > SAME_LINE)
    return np.argwhere(over | touching if gap else over)


def _of(text, words=None):
    return f"{_place(text)} {_excerpt(text.get_text() if words is None else words)}"


def _place(text) -> str:
    """Where a text stands, in words: its row, or what it is."""
    ax, figure = text.axes, text.figure
    if (row := _row_of_name(figure, text)) is not None:
        return f"row {row + 1}"
    if ax is not None and _has_names(ax) and text in ax.texts:
        box = _extent(text)
        _, line = ax.transData.inverted().transform((0, (box.y0 + box.y1) / 2))
        if 0 <= round(line) < len(_names(ax)):
            return f"row {round(line) + 1}, the text"
    if text is getattr(figure, "_suptitle", None):
        return "the title"
    if any(text in legend.findobj(Text) for legend in figure.legends):
        return "the legend"
    return "the text"


def _excerpt(text) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else f"{line[:57]}...")
