"""Text on a slide: what may stand there, how wide it is, and the size at which it fits.

Vocabulary
----------
width, height
    In points, 72 to the inch.
size
    The font's size in points.
piece
    What is never broken over two lines: a word, or one Chinese character with the
    punctuation that clings to it.

PowerPoint shrinks text only while somebody edits it, and LibreOffice by rules of its own.
So the size is computed here, with DejaVu Sans: it is wider than the fonts a slide is shown
in, and comes with matplotlib. What fits in it fits on every machine.
"""

import operator
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise, repeat
from pathlib import Path

__all__ = [
    "LINE_HEIGHT",
    "Fitted",
    "balanced_width",
    "clean",
    "fit",
    "fit_all",
    "longest_piece",
    "sentences",
    "text_width",
    "wrap",
]

#: Height of a line, as a multiple of the size; set exactly, since fonts differ in it.
LINE_HEIGHT = 1.25

# What a box loses to rounding and to rules of line breaking that are not the ones below.
_USABLE = 0.98

# LibreOffice parts Chinese from Latin letters by a fifth of the size.
_CHANGE = 0.2

# XML has no place for these, not even escaped.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

# A line does not begin with the sign of a number that ended the one before.
_NO_BREAK = "\u00a0"
_BEFORE_PERCENT = re.compile(r"(?<=\d) (?=%)")

# A full stop before a small letter, or after an initial, ends no sentence.
_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!\s[A-Z]\.)\s+(?=[^a-z\s])|(?<=[。！？])(?=.)")

_OPENING = frozenset("（“‘「《【〈([{")
_CLOSING = frozenset("），。；：！？、”’」》】〉%％～)]},.;:!?…")
# As wide as a Chinese character where the font is a Chinese one.
_QUOTES = frozenset("“”‘’")


@dataclass(frozen=True)
class Fitted:
    """A text with the size at which it fits its box.

    Attributes
    ----------
    text : str
        The text, cut with an ellipsis if it did not fit at the smallest size.
    size : float
        In points.
    lines : int
        How many lines it takes.
    is_cut : bool
        Whether anything was left out.
    """

    text: str
    size: float
    lines: int
    is_cut: bool = False


def clean(text: object) -> str:
    r"""Return a text as one line that XML can hold; what it cannot hold shows as U+FFFD.

    Examples
    --------
    >>> ascii(clean("a note\nwith <b>, =1+1 and \x00"))
    "'a note with <b>, =1+1 and \\ufffd'"
    """
    line = " ".join(_FORBIDDEN.sub("\ufffd", str(text)).split())
    return _BEFORE_PERCENT.sub(_NO_BREAK, line)


def sentences(text: str) -> list[str]:
    """Return the sentences of a text.

    Examples
    --------
    >>> sentences("5 of 5 responded (Feng J. 2025). No control arm.")
    ['5 of 5 responded (Feng J. 2025).', 'No control arm.']
    >>> sentences("均无对照组。至多 21 例。")
    ['均无对照组。', '至多 21 例。']
    """
    return [part.strip() for part in _SENTENCE_END.split(text)]


def text_width(text: str, *, size: float, bold: bool = False) -> float:
    """Return how wide a text is on one line, in points.

    Examples
    --------
    >>> text_width("狼疮", size=20)
    40.0
    """
    return size * _breadth(text, bold)


# A text is measured at one size after the other, and each beginning of a line again and again.
@lru_cache(maxsize=1 << 16)
def _breadth(text: str, bold: bool) -> float:
    """Return how wide a text is on one line, as a multiple of the size."""
    # A deck asks for the width of ten million characters: no line of Python a character.
    scripts = [*map(_is_wide, text)]
    changes = sum(map(operator.ne, scripts, scripts[1:]))
    return sum(map(_advance, text, repeat(bold))) + _CHANGE * changes


def longest_piece(text: str, *, size: float, bold: bool = False) -> float:
    """Return the width of the widest piece of a text: no narrower box leaves its words whole.

    Examples
    --------
    >>> longest_piece("狼疮，SLE", size=20) == text_width("疮，", size=20)
    True
    """
    return max(text_width(piece.rstrip(), size=size, bold=bold) for piece in _pieces(text))


def wrap(text: str, width: float, *, size: float, bold: bool = False) -> list[str]:
    """Return the lines of a text in a box of `width` points.

    Examples
    --------
    >>> wrap("12 of 15 patients", 100, size=16)
    ['12 of 15 ', 'patients']
    """
    usable = width * _USABLE
    lines = [""]
    for piece in _pieces(text):
        for part in _broken(piece, usable, size, bold):
            if text_width((lines[-1] + part).rstrip(), size=size, bold=bold) > usable:
                lines.append("")
            lines[-1] += part
    return [line for line in lines if line]


def balanced_width(text: str, width: float, *, size: float, bold: bool = False) -> float:
    """Return a width at most `width` at which the text has as many lines, about equally long.

    Chinese is parted after a punctuation mark if that takes no more lines, and not within a word.

    Examples
    --------
    >>> text = "In all 7 cohorts it was lower afterwards; 4 have only one"
    >>> wrap(text, 300, size=12)
    ['In all 7 cohorts it was lower afterwards; 4 have ', 'only one']
    >>> wrap(text, balanced_width(text, 300, size=12), size=12)
    ['In all 7 cohorts it was lower ', 'afterwards; 4 have only one']
    """
    count = len(wrap(text, width, size=size, bold=bold))
    if count == 1:
        return width

    def faults(narrow: float) -> tuple[int, float]:
        lines = wrap(text, narrow, size=size, bold=bold)
        ends = [line for line in lines[:-1] if line[-1] not in _CLOSING | {" "}]
        return len(ends), narrow

    least = longest_piece(text, size=size, bold=bold)
    tried = [width - step * size / 2 for step in range(int(2 * width / size))]
    fitting = [
        one for one in tried if one >= least and len(wrap(text, one, size=size, bold=bold)) == count
    ]
    return min(fitting or [width], key=faults)


def fit(
    text: str, width: float, height: float, *, sizes: Sequence[float], bold: bool = False
) -> Fitted:
    """Return the text at the first of `sizes` that fits, or cut at the last.

    Examples
    --------
    >>> fit("12 of 15", 200, 40, sizes=(28, 20))
    Fitted(text='12 of 15', size=28, lines=1, is_cut=False)
    >>> fit("one two three four", 70, 20, sizes=(12,))
    Fitted(text='one two…', size=12, lines=1, is_cut=True)
    """
    for size in sizes:
        lines = wrap(text, width, size=size, bold=bold)
        if len(lines) * size * LINE_HEIGHT <= height:
            return Fitted(text, size, len(lines))
    room = max(1, int(height // (size * LINE_HEIGHT)))
    last = lines[room - 1].rstrip()
    while last and text_width(f"{last}…", size=size, bold=bold) > width * _USABLE:
        last = last[:-1].rstrip()
    return Fitted("".join(lines[: room - 1]) + f"{last}…", size, room, is_cut=True)


def fit_all(
    texts: Sequence[str], width: float, height: float, *, sizes: Sequence[float], gap: float = 0
) -> tuple[float, int]:
    """Return the first of `sizes` at which all paragraphs fit, and how many fit at it.

    Parameters
    ----------
    texts : sequence of str
        Paragraphs, one below the other.
    width, height : float
        The box.
    sizes : sequence of float
        To be tried in turn; at the last, fewer than all may fit.
    gap : float
        Empty space below each paragraph.

    Examples
    --------
    >>> fit_all(["12 of 15", "5 of 5"], 200, 60, sizes=(28, 20))
    (20, 2)
    >>> fit_all(["12 of 15", "5 of 5", "0 of 3"], 200, 60, sizes=(28, 20))
    (20, 2)
    """
    for size in sizes:
        used, count = 0.0, 0
        for text in texts:
            used += len(wrap(text, width, size=size)) * size * LINE_HEIGHT + gap
            if used > height:
                break
            count += 1
        if count == len(texts):
            return size, count
    return sizes[-1], count


@cache
def _font(bold: bool):
    import matplotlib as mpl
    from matplotlib.font_manager import get_font

    file = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    font = get_font(str(Path(mpl.get_data_path(), "fonts", "ttf", file)))
    return font, font.get_charmap()


@cache
def _advance(character: str, bold: bool) -> float:
    """Return the width of a character, as a multiple of the size."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0.0
    font, known = _font(bold)
    if _is_wide(character) or character in _QUOTES:
        # An emoji is drawn a little wider than the square of a Chinese character.
        return 1.4 if unicodedata.category(character) == "So" else 1.0
    if ord(character) not in known:
        return 1.2
    font.set_size(100, 72)
    return font.load_char(ord(character)).linearHoriAdvance / 65536 / 100


@cache
def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


@lru_cache(maxsize=1 << 12)
def _pieces(text: str) -> tuple[str, ...]:
    breaks = [at for at in range(1, len(text)) if _may_break(text[at - 1], text[at])]
    return tuple(text[start:end] for start, end in pairwise([0, *breaks, len(text)]))


def _may_break(before: str, after: str) -> bool:
    if before in _OPENING or after in _CLOSING or after.isspace():
        return False
    if before == "–":
        # LibreOffice and PowerPoint part a range here.
        return True
    return (before.isspace() and before != _NO_BREAK) or _is_wide(before) or _is_wide(after)


def _broken(piece: str, width: float, size: float, bold: bool) -> Iterator[str]:
    """Yield a piece, by characters if no line can hold it."""
    if text_width(piece.rstrip(), size=size, bold=bold) <= width:
        yield piece
    else:
        yield from piece
