"""How a figure looks, and how it is saved.

Colours are Okabe and Ito's, lighter or darker so that each stands out from the paper
as text must (4.5 to 1) and from the others for colour-blind readers too; each comes
with a marker of its own, so that nothing is told by colour alone.
A figure is 16:9 and is saved at 1920 x 1080, with its table and what is said of it beside it.
"""

import json
import os
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lupuscart.arguments import check_choice, check_figure_words
from lupuscart.atomic import PDF_VARIABLE, write_whole
from lupuscart.safe_csv import write_table
from lupuscart.words.lexicon import LANGUAGES

__all__ = [
    "CONTEXTS",
    "THEMES",
    "Mark",
    "chinese_font_file",
    "conditioning_mark",
    "font_family",
    "new_figure",
    "save_figure",
    "theme_colour",
    "use_style",
]

#: Numbers the figures that this process saves.
_saved = count(1)

SIZE_INCHES = (16, 9)
SLIDE_DPI = 120  # 16 x 9 inches at 120 dots an inch: 1920 x 1080

# On screen a page needs less than a slide; the layout is the same.
CONTEXTS = {"slides": SLIDE_DPI, "notebook": 72}

THEMES = {
    "light": {
        "paper": "#FFFFFF",
        "ink": "#1A1A1A",
        "quiet": "#595959",
        "line": "#D0D0D0",
        "strong": "#0072B2",
    },
    "dark": {
        "paper": "#14181D",
        "ink": "#F2F2F2",
        "quiet": "#B5BBC2",
        "line": "#414A54",
        "strong": "#56B4E9",
    },
}


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

# In the order of preference; each has the characters of Chinese as printed on the mainland.
_CJK_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans SC",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
)


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
    """Set fonts, colours and the text form of tables for the figures that follow.

    Parameters
    ----------
    context : {"notebook", "slides"}
        Where the figure is looked at: the resolution on screen.
    theme : {"light", "dark"}
        Dark ink on light paper, or the reverse.
    language : {"en", "zh"}
        Chinese needs a font that has its characters.

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
    colours = THEMES[theme]
    mpl.rcParams.update(
        {
            "axes.edgecolor": colours["line"],
            "axes.facecolor": colours["paper"],
            "axes.grid": True,
            "axes.grid.axis": "x",
            "axes.axisbelow": True,
            "axes.labelcolor": colours["ink"],
            "axes.labelsize": 20,
            "axes.linewidth": 1.2,
            "axes.spines.left": False,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlecolor": colours["ink"],
            "axes.titlelocation": "left",
            "axes.titlepad": 12,
            "axes.titlesize": 22,
            "axes.titleweight": "bold",
            "axes.unicode_minus": True,
            "errorbar.capsize": 0,
            "figure.dpi": CONTEXTS[context],
            "figure.edgecolor": colours["paper"],
            "figure.facecolor": colours["paper"],
            "figure.titlesize": 28,
            "figure.titleweight": "bold",
            "font.family": font_family(language),
            "font.size": 19,
            "grid.color": colours["line"],
            "grid.linewidth": 1.0,
            "legend.edgecolor": colours["line"],
            "legend.fontsize": 18,
            "legend.frameon": False,
            "lines.linewidth": 3.0,
            "lines.markersize": 15,
            "lines.markeredgewidth": 3.0,
            "mathtext.fontset": "dejavusans",
            # Journals ask for fonts of type 42. Noto's Chinese ones have outlines of another
            # kind, which a PDF of type 42 would declare falsely; type 3 holds them as drawings.
            "pdf.fonttype": 42 if language == "en" else 3,
            "savefig.facecolor": colours["paper"],
            "svg.fonttype": "path",
            # A fixed salt gives the same identifiers, and so the same bytes, at every run.
            "svg.hashsalt": "lupuscart",
            "text.color": colours["ink"],
            # A dollar sign in a name is a dollar sign.
            "text.parse_math": False,
            "xtick.color": colours["quiet"],
            "xtick.labelcolor": colours["ink"],
            "xtick.labelsize": 19,
            "ytick.color": colours["quiet"],
            "ytick.labelcolor": colours["ink"],
            "ytick.labelsize": 19,
        }
    )
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


def save_figure(figure: Figure, table: pd.DataFrame, name: str, figures_dir: str, *, words) -> None:
    """Save a figure as PNG and SVG, the plotted table as CSV and what is said of it as JSON.

    Parameters
    ----------
    figure : Figure
        What to save.
    table : DataFrame
        The table that was plotted.
    name : str
        The file name without its ending.
    figures_dir : str
        An existing folder, or "" to save nothing (as in JupyterLab by default).
    words : object or mapping
        What is said of the figure: `headline`, `alt`, `source`, `provenance`, `references`
        and `table`, as `lupuscart.findings.figure_words.figure_words` returns them. A
        picture that is sent around keeps the first three: its title, description and source.

    Raises
    ------
    ValueError
        If `figures_dir` is no folder or cannot be written to, or `words` lacks a part.

    Notes
    -----
    Each file is written whole beside its place and then moved there, so that a
    failure leaves the old file as it was. No date and no version is stored: the
    same figure gives the same bytes.

    With ``LUPUSCART_PDF=1`` in the environment, as ``lupuscart figures --pdf`` sets it,
    NAME.pdf is written too: the same drawing, with its fonts embedded.

    Examples
    --------
    >>> said = {"headline": "Nothing.", "alt": "An empty figure.", "source": [],
    ...         "provenance": [], "references": [], "table": None}
    >>> save_figure(new_figure(), pd.DataFrame(), "nothing", "", words=said)
    """
    said = check_figure_words(f"figure {name!r}", words)
    _lay_out(figure)
    if figures_dir == "":
        return
    folder = Path(figures_dir)
    if not folder.is_dir():
        raise ValueError(f"figures_dir is {figures_dir!r}; allowed: a folder that exists")
    if not os.access(folder, os.W_OK):
        raise ValueError(f"figures_dir is {figures_dir!r}; allowed: a folder that can be written")
    known = {"Title": said["headline"], "Description": said["alt"]}
    known["Source"] = "; ".join(said["source"])
    png = {"Software": None, **known}
    svg = {"Creator": None, "Date": None, **known}
    write_whole(folder / f"{name}.png", lambda p: _draw(figure, p, "png", png))
    write_whole(folder / f"{name}.svg", lambda p: _draw(figure, p, "svg", svg))
    write_table(table, folder / f"{name}.csv")
    # A page's figures are shown in the order in which it makes them.
    sidecar = {**said, "order": next(_saved)}
    write_whole(folder / f"{name}.json", lambda p: _write_words(sidecar, p))
    if os.environ.get(PDF_VARIABLE) == "1":
        pdf = {"Creator": None, "Producer": None, "CreationDate": None}
        pdf |= {"Title": said["headline"], "Subject": said["alt"]}
        write_whole(folder / f"{name}.pdf", lambda p: _draw(figure, p, "pdf", pdf))


def _lay_out(figure: Figure) -> None:
    """Give everything its place, as on a slide, once and for all.

    All its files then agree, and with them the picture that the page shows, saved or not.
    """
    shown = figure.dpi
    figure.set_dpi(SLIDE_DPI)
    figure.draw_without_rendering()
    figure.set_dpi(shown)
    figure.set_layout_engine(None)


def _draw(figure: Figure, path: Path, kind: str, metadata: dict) -> None:
    figure.savefig(path, format=kind, dpi=SLIDE_DPI, metadata=metadata)


def _write_words(said: dict, path: Path) -> None:
    text = json.dumps(said, indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _is_dark() -> bool:
    return mpl.rcParams["figure.facecolor"] == THEMES["dark"]["paper"]


def font_family(language: str) -> list[str]:
    """Return the fonts of a language, in the order in which a character is looked for.

    English needs one alone, which comes with matplotlib; one with Chinese characters is added
    where it is installed, for a table of the reader's own that holds them.

    Raises
    ------
    ValueError
        For Chinese, if no font that has its characters is installed.

    Examples
    --------
    >>> font_family("en")[0]
    'DejaVu Sans'
    """
    if language == "en":
        return ["DejaVu Sans", *_installed_cjk_fonts()[:1]]
    return ["DejaVu Sans", _cjk_font()]


def chinese_font_file() -> str:
    """Return the file of the font that draws Chinese.

    Raises
    ------
    ValueError
        If none is installed.
    """
    return font_manager.findfont(_cjk_font())


@cache
def _cjk_font() -> str:
    if not _installed_cjk_fonts():
        # matplotlib keeps its list of fonts from one day to the next: look for newer ones.
        known = {font.fname for font in font_manager.fontManager.ttflist}
        for path in sorted(set(font_manager.findSystemFonts()) - known):
            try:
                font_manager.fontManager.addfont(path)
            except Exception:  # a broken font file on the machine is not the reader's problem
                continue
    if fonts := _installed_cjk_fonts():
        return fonts[0]
    raise ValueError(
        "language is 'zh' and no font with Chinese characters is installed; allowed: one of "
        f"{', '.join(_CJK_FONTS)}. On Debian or Ubuntu: apt-get install fonts-noto-cjk. Elsewhere: "
        "install the free font Noto Sans CJK SC."
    )


def _installed_cjk_fonts() -> list[str]:
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return [name for name in _CJK_FONTS if name in installed]
