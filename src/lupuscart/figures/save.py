"""How a figure is saved: the picture, its table, and what is said of it, beside one another.

A figure is saved at 1920 x 1080.
"""

import json
import os
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from lupuscart.arguments import check_figure_words
from lupuscart.atomic import PDF_VARIABLE, write_whole
from lupuscart.figures.legibility import make_legible
from lupuscart.safe_csv import write_table

__all__ = ["DPI", "save_figure"]

#: 16 x 9 inches at so many dots an inch: 1920 x 1080.
DPI = 120

#: Numbers the figures that this process saves.
_saved = count(1)


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
        and `table`, as `lupuscart.reporting.finding.FigureWords` holds them. A
        picture that is sent around keeps the first three: its title, description and source.

    Raises
    ------
    ValueError
        If `figures_dir` is no folder or cannot be written to, `words` lacks a part, or the figure
        cannot be read: see `lupuscart.figures.legibility`. Nothing is written then.

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
    >>> save_figure(Figure(), pd.DataFrame(), "nothing", "", words=said)
    """
    said = check_figure_words(f"figure {name!r}", words)
    with _at(figure, DPI):
        make_legible(figure, name)
    # Laid out once and for all: its files agree, and with them the picture that a page shows.
    figure.set_layout_engine(None)
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


@contextmanager
def _at(figure, dpi):
    """Work on a figure at another resolution: letters are a little wider or narrower there."""
    shown = figure.dpi
    figure.set_dpi(dpi)
    try:
        yield
    finally:
        figure.set_dpi(shown)


def _draw(figure: Figure, path: Path, kind: str, metadata: dict) -> None:
    figure.savefig(path, format=kind, dpi=DPI, metadata=metadata)


def _write_words(said: dict, path: Path) -> None:
    text = json.dumps(said, indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
