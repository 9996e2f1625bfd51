"""How a figure looks: themes, marks, and a canvas to draw on.

Colours are Okabe and Ito's, lighter or darker so that each stands out from the paper
as text must (4.5 to 1) and from the others for colour-blind readers too; each comes
with a marker of its own, so that nothing is told by colour alone.
The settings stand in ``light.mplstyle`` and ``dark.mplstyle``, which
``plt.style.use("lupuscart.figures.light")`` loads without this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import resources
from typing import TYPE_CHECKING

import matplotlib as mpl
import pandas as pd

from lupuscart.arguments import check_choice
from lupuscart.figures.fonts import font_family
from lupuscart.figures.save import DPI, save_figure
from lupuscart.words.lexicon import LANGUAGES, set_language

if TYPE_CHECKING:  # no answer waits for what draws
    from matplotlib.figure import Figure

__all__ = [
    "CONTEXTS",
    "MARGIN",
    "THEMES",
    "Canvas",
    "Mark",
    "canvas",
    "conditioning_mark",
    "drawing",
    "is_asked_early",
    "new_figure",
    "one_column",
    "save_figure",
    "theme_colour",
    "use_style",
]

#: Inches at each edge of a figure that stay empty.
MARGIN = 0.2


@dataclass(frozen=True)
class Canvas:
    """What a figure is drawn on. Type has the sizes of the style sheets on every one.

    Attributes
    ----------
    size : tuple of float
        Width and height in inches.
    dpi : float
        Dots an inch on screen; files are saved at `lupuscart.figures.save.DPI`.
    source : float or None
        Points of the line that says where the numbers are from; None where that stands beside
        the figure.
    scale : float
        Inches in print for an inch of the drawing: 0.4 makes 20 points 8.
    """

    size: tuple[float, float]
    dpi: float
    source: float | None
    scale: float = 1.0


#: Where a figure is looked at: on a page or alone, on a slide of a deck, in a journal.
CONTEXTS = {
    # 1920 x 1080 pixels when saved. On screen a page needs less.
    "notebook": Canvas((16, 9), dpi=72, source=15),
    # As wide for its height as the place of a picture on the slides, which name their source.
    "slides": Canvas((16, 7.6), dpi=DPI, source=None),
    # 183 mm wide, and no type smaller than 8 points.
    "journal": Canvas((183 / 25.4 / 0.4, 10.2), dpi=72, source=20, scale=0.4),
}

# 89 mm wide.
_ONE_COLUMN = replace(CONTEXTS["journal"], size=(89 / 25.4 / 0.4, 7.2))

_canvas = [CONTEXTS["notebook"]]

#: How many `drawing` are entered, and whether the style was asked for in none.
_drawing = {"depth": 0, "asked_early": False}

# What each theme adds to matplotlib's defaults: dark is the colours alone, on top of light.
_SHEETS = {"light": ("light",), "dark": ("light", "dark")}

# Where the colour of a role stands in a sheet; the first of the cycle is "strong".
_ROLES = {
    "paper": "figure.facecolor",
    "ink": "text.color",
    "quiet": "xtick.color",
    "line": "grid.color",
}


def _settings(theme):
    """The settings of a theme's style sheets, the later ones over the earlier."""
    folder = resources.files("lupuscart.figures")
    settings = {}
    for name in _SHEETS[theme]:
        path = folder / f"{name}.mplstyle"
        settings |= mpl.rc_params_from_file(path, use_default_template=False)
    return settings


def _colours(theme):
    settings = _settings(theme)
    colours = {role: settings[name] for role, name in _ROLES.items()}
    (strong, *_) = settings["axes.prop_cycle"].by_key()["color"]
    return {**colours, "strong": strong}


#: The colours of each theme by role, as its style sheet has them.
THEMES = {theme: _colours(theme) for theme in _SHEETS}


@dataclass(frozen=True)
class Mark:
    """A marker shape and its colour in each theme."""

    shape: str
    light: str
    dark: str

    @property
    def colour(self) -> str:
        """The colour in the theme in use."""
        return self.dark if _is_dark() else self.light


_ORANGE = ("#9E6B00", "#F2C14E")
_GREEN = ("#00664A", "#8FDDBB")
_VERMILION = ("#982D00", "#E2661E")

# Rarer regimens share a colour; each has a shape of its own.
_CONDITIONING = {
    "fludarabine+cyclophosphamide": Mark("o", "#0072B2", "#56B4E9"),
    "lymphodepletion, drugs not reported": Mark("s", *_ORANGE),
    "cyclophosphamide or bendamustine": Mark("D", *_GREEN),
    "cyclophosphamide": Mark("v", *_GREEN),
    "bendamustine": Mark("<", *_GREEN),
    "fludarabine": Mark(">", *_GREEN),
    "none": Mark("^", *_VERMILION),
}
_OTHER_CONDITIONING = Mark("P", *_GREEN)
_UNKNOWN_CONDITIONING = Mark("X", "#333333", "#8C9299")


def conditioning_mark(conditioning) -> Mark:
    """Return the mark of a conditioning regimen; missing is "not reported".

    Examples
    --------
    >>> conditioning_mark("none").shape
    '^'
    """
    if pd.isna(conditioning):
        return _UNKNOWN_CONDITIONING
    return _CONDITIONING.get(conditioning, _OTHER_CONDITIONING)


def use_style(*, context: str = "notebook", theme: str = "light", language: str = "en") -> None:
    """Set fonts, colours, words and the text form of tables for the figures that follow.

    Whatever was set before, by a matplotlibrc too, gives way to matplotlib's defaults and then
    to our style sheets; only the backend and what is no matter of style stay.

    Parameters
    ----------
    context : {"notebook", "slides", "journal"}
        Where the figure is looked at: its size, and whether it names its source.
    theme : {"light", "dark"}
        Dark ink on light paper, or the reverse.
    language : {"en", "zh"}
        The reader's; Chinese needs a font that has its characters.

    Raises
    ------
    ValueError
        For an unknown choice, or Chinese without a font for it.

    Examples
    --------
    >>> use_style(context="slides", theme="light")
    """
    check_choice("context", context, CONTEXTS)
    check_choice("theme", theme, THEMES)
    check_choice("language", language, LANGUAGES)
    family = font_family(language)
    set_language(language)
    # From matplotlib's own defaults: a user's matplotlibrc changes no figure of ours.
    mpl.rcdefaults()
    mpl.rcParams.update(_settings(theme))
    _canvas[:] = [CONTEXTS[context]]
    mpl.rcParams["figure.figsize"] = _canvas[0].size
    mpl.rcParams["figure.dpi"] = _canvas[0].dpi
    mpl.rcParams["font.family"] = family
    # Journals ask for fonts of type 42. Noto's Chinese ones have outlines of another
    # kind, which a PDF of type 42 would declare falsely; type 3 holds them as drawings.
    mpl.rcParams["pdf.fonttype"] = 42 if language == "en" else 3
    # What a table looks like as text depends on these; stored outputs are compared as text.
    pd.set_option("display.max_columns", 30)
    pd.set_option("display.max_colwidth", None)
    pd.set_option("display.max_rows", 100)
    pd.set_option("display.width", 200)
    pd.set_option("display.precision", 4)
    # Nor does a browser read formulas into the cells of a table.
    pd.set_option("display.html.use_mathjax", False)


def theme_colour(role: str) -> str:
    """Return the colour of "paper", "ink", "quiet", "line" or "strong" in the theme in use.

    Examples
    --------
    >>> use_style(theme="dark")
    >>> theme_colour("ink")
    '#F2F2F2'
    >>> use_style(theme="light")
    """
    return THEMES["dark" if _is_dark() else "light"][role]


def canvas() -> Canvas:
    """Return the canvas in use.

    Examples
    --------
    >>> use_style(context="notebook")
    >>> canvas().size
    (16, 9)
    """
    _note_asking()
    return _canvas[0]


@contextmanager
def drawing() -> Iterator[None]:
    """Let the style be asked for meanwhile: what is done here is done anew in another style."""
    _drawing["depth"] += 1
    try:
        yield
    finally:
        _drawing["depth"] -= 1


def is_asked_early() -> bool:
    """Return whether a theme's colour or the canvas was asked for before there was a drawing.

    What was found may depend on it then, and must not be drawn in another style.
    """
    return _drawing["asked_early"]


def _note_asking() -> None:
    _drawing["asked_early"] |= _drawing["depth"] == 0


@contextmanager
def one_column() -> Iterator[None]:
    """Draw for one column of a journal what is drawn meanwhile; elsewhere as always.

    Examples
    --------
    >>> use_style(context="journal")
    >>> with one_column():
    ...     round(new_figure().get_figwidth() * canvas().scale * 25.4)
    89
    >>> use_style()
    """
    before = canvas()
    _canvas[:] = [_ONE_COLUMN if before == CONTEXTS["journal"] else before]
    try:
        yield
    finally:
        _canvas[:] = [before]


def new_figure(*, tall: float = 0) -> Figure:
    """Return an empty figure on the canvas in use, in the style in use.

    Parameters
    ----------
    tall : float
        Inches that it is tall at least: a matrix cannot be split over figures by its rows.

    Examples
    --------
    >>> use_style()
    >>> new_figure().get_size_inches().tolist()
    [16.0, 9.0]
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    width, height = canvas().size
    height = max(height, tall)
    figure = Figure(figsize=(width, height), layout="constrained")
    # A bare figure makes a new canvas each time the size of a text is asked for.
    FigureCanvasAgg(figure)
    left, bottom = MARGIN / width, MARGIN / height
    rect = (left, bottom, 1 - 2 * left, 1 - 2 * bottom)
    figure.get_layout_engine().set(w_pad=0, h_pad=0.04, rect=rect)
    return figure


def _is_dark() -> bool:
    _note_asking()
    return mpl.rcParams["figure.facecolor"] == THEMES["dark"]["paper"]
