"""How a figure looks: themes, marks, and a slide to draw on.

Colours are Okabe and Ito's, lighter or darker so that each stands out from the paper
as text must (4.5 to 1) and from the others for colour-blind readers too; each comes
with a marker of its own, so that nothing is told by colour alone.
The settings stand in ``light.mplstyle`` and ``dark.mplstyle``, which
``plt.style.use("lupuscart.figures.light")`` loads without this module.
"""

from dataclasses import dataclass
from importlib import resources

import matplotlib as mpl
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lupuscart.arguments import check_choice
from lupuscart.figures.fonts import font_family
from lupuscart.figures.save import DPI, save_figure
from lupuscart.words.lexicon import LANGUAGES, set_language

__all__ = [
    "CONTEXTS",
    "THEMES",
    "Mark",
    "conditioning_mark",
    "new_figure",
    "save_figure",
    "theme_colour",
    "use_style",
]

SIZE_INCHES = (16, 9)

# On screen a page needs less than a slide; the layout is the same.
CONTEXTS = {"slides": DPI, "notebook": 72}

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
    context : {"notebook", "slides"}
        Where the figure is looked at: the resolution on screen.
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
    mpl.rcParams["figure.dpi"] = CONTEXTS[context]
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


def new_figure() -> Figure:
    """Return an empty 16:9 figure in the style in use.

    Examples
    --------
    >>> new_figure().get_size_inches().tolist()
    [16.0, 9.0]
    """
    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    # A bare figure makes a new canvas each time the size of a text is asked for.
    FigureCanvasAgg(figure)
    figure.get_layout_engine().set(w_pad=0.15, h_pad=0.04)
    return figure


def _is_dark() -> bool:
    return mpl.rcParams["figure.facecolor"] == THEMES["dark"]["paper"]
