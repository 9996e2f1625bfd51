"""Run a page's own cells in this process: no kernel, so that hundreds of runs are cheap."""

import ast
import contextlib
import io
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from unittest import mock

import pandas as pd

from lupuscart.reporting.finding import Finding

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
#: Every page but the one with sliders, which needs a kernel.
PAGES = tuple(
    path.stem for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")) if path.stem != "09_explore"
)


@dataclass
class Page:
    """What a page showed: its text, its tables in their order, its figures' tables and words."""

    text: str = ""
    tables: list = field(default_factory=list)
    figures: dict = field(default_factory=dict)
    said: dict = field(default_factory=dict)


def run_page(stem: str, trials_csv, *, draw: bool = True, **parameters) -> Page:
    """Run a page on a table of trials; without `draw` no figure is drawn."""
    page, printed = Page(), io.StringIO()

    def show(value):
        if isinstance(value, pd.DataFrame):
            page.tables.append(value)

    def save(found, name, figures_dir):
        page.figures[name], page.said[name] = found.plotted, found.words
        if draw:
            found.draw().figure.savefig(io.BytesIO(), format="svg")

    names = {"display": show}
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(printed))
        stack.enter_context(mock.patch.object(Finding, "save", save))
        for number, (run, value) in enumerate(compiled_cells(stem)):
            exec(run, names)
            if number == 0:
                names.update(parameters, trials_csv=str(trials_csv))
            elif value is not None:
                show(eval(value, names))
    page.text = printed.getvalue()
    return page


@cache
def compiled_cells(stem: str) -> list:
    """The code of each cell, and that of the expression it ends in."""
    text = (NOTEBOOKS / f"{stem}.ipynb").read_text(encoding="utf-8")
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    return [_compiled(stem, number, cell) for number, cell in enumerate(cells)]


def _compiled(stem, number, cell):
    lines = "".join(cell["source"]).splitlines()
    source = "\n".join("" if line.startswith("%") else line for line in lines)
    body = ast.parse(source).body
    value = None
    if body and isinstance(body[-1], ast.Expr):
        value = compile(ast.Expression(body.pop().value), f"{stem}[{number}]", "eval")
    return compile(ast.Module(body, []), f"{stem}[{number}]", "exec"), value
