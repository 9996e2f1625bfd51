"""How a figure is saved: the picture, its table, and what is said of it, beside one another.

A page's figure is saved at 1920 x 1080. A journal's is written in the size in which it is printed:
the whole drawing at a scale, so that letters, lines and marks keep their proportions.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lupuscart.arguments import check_figure_words
from lupuscart.atomic import PDF_VARIABLE, write_whole
from lupuscart.safe_csv import write_table

if TYPE_CHECKING:  # no answer waits for what draws
    from matplotlib.figure import Figure

__all__ = ["DPI", "save_figure", "write_pdf", "write_png", "write_svg"]

#: 16 x 9 inches at so many dots an inch: 1920 x 1080. In a journal that is 300 an inch in print.
DPI = 120

_POINTS = re.compile(r'(width|height)="([0-9.]+)pt"')

#: Numbers the figures that this process saves.
_saved = count(1)


def save_figure(
    figure: Figure,
    table: pd.DataFrame,
    name: str,
    figures_dir: str,
    *,
    words,
    scale: float = 1.0,
) -> None:
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
    scale : float
        Inches in print for an inch of the drawing.

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
    >>> from matplotlib.figure import Figure
    >>> said = {"headline": "Nothing.", "alt": "An empty figure.", "source": [],
    ...         "provenance": [], "references": [], "table": None}
    >>> save_figure(Figure(), pd.DataFrame(), "nothing", "", words=said)
    """
    from lupuscart.figures.legibility import make_legible

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
    write_whole(folder / f"{name}.png", lambda p: write_png(figure, p, scale=scale, metadata=png))
    write_whole(folder / f"{name}.svg", lambda p: write_svg(figure, p, scale=scale, metadata=svg))
    write_table(table, folder / f"{name}.csv")
    # A page's figures are shown in the order in which it makes them.
    sidecar = {**said, "order": next(_saved)}
    write_whole(folder / f"{name}.json", lambda p: _write_words(sidecar, p))
    if os.environ.get(PDF_VARIABLE) == "1":
        pdf = {"Creator": None, "Producer": None, "CreationDate": None}
        pdf |= {"Title": said["headline"], "Subject": said["alt"]}
        write_whole(
            folder / f"{name}.pdf", lambda p: write_pdf(figure, p, scale=scale, metadata=pdf)
        )


@contextmanager
def _at(figure, dpi):
    """Work on a figure at another resolution: letters are a little wider or narrower there."""
    shown = figure.dpi
    figure.set_dpi(dpi)
    try:
        yield
    finally:
        figure.set_dpi(shown)


def write_png(figure: Figure, path: Path, *, scale: float = 1.0, metadata=None) -> None:
    """Write pixels, `DPI` an inch of the drawing, and how large these are in print."""
    size = {} if scale == 1 else {"dpi": (DPI / scale, DPI / scale)}
    figure.savefig(path, format="png", dpi=DPI, metadata=metadata, pil_kwargs=size)


def write_svg(figure: Figure, path: Path, *, scale: float = 1.0, metadata=None) -> None:
    """Write a vector drawing whose width and height are those in print."""
    figure.savefig(path, format="svg", dpi=DPI, metadata=metadata)
    if scale == 1:
        return
    head, tag, rest = path.read_text(encoding="utf-8").partition("<svg ")
    opening, end, body = rest.partition(">")
    opening = _POINTS.sub(lambda m: f'{m[1]}="{float(m[2]) * scale:.4f}pt"', opening)
    path.write_text(head + tag + opening + end + body, encoding="utf-8", newline="\n")


def write_pdf(figure: Figure, path: Path, *, scale: float = 1.0, metadata=None) -> None:
    """Write a vector drawing with its fonts, on a page that is as large as in print."""
    # Few want a PDF, and every page would wait for what writes it.
    from matplotlib.backends.backend_mixed import MixedModeRenderer
    from matplotlib.backends.backend_pdf import Op, PdfFile, RendererPdf

    if scale == 1:
        figure.savefig(path, format="pdf", dpi=DPI, metadata=metadata)
        return
    width, height = figure.get_size_inches()
    shown = figure.dpi
    figure.set_dpi(72)  # a unit of a PDF
    file = PdfFile(path, metadata=metadata)
    try:
        file.newPage(scale * width, scale * height)
        file.output(scale, 0, 0, scale, 0, 0, Op.concat_matrix)
        page = RendererPdf(file, DPI, height, width)
        renderer = MixedModeRenderer(figure, width, height, DPI, page)
        figure.draw(renderer)
        renderer.finalize()
        file.finalize()
    finally:
        file.close()
        figure.set_dpi(shown)


def _write_words(said: dict, path: Path) -> None:
    text = json.dumps(said, indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
