"""The Chinese pages, site and deck, made in this process: no kernel, a dot for each picture.

What is shown is made by the cells of the pages themselves; only the runner is left out. Each figure
is drawn and laid out, as what cannot be read is refused, but no picture is written.
"""

import base64
import contextlib
import io
from pathlib import Path
from unittest import mock

import matplotlib as mpl
import nbformat
import pandas as pd
from conftest import ROOT
from nbformat.v4 import new_output
from pages_in_process import compiled_cells
from pptx import Presentation

from lupuscart.arguments import check_figure_words
from lupuscart.deck.deck import write_deck
from lupuscart.figures import style
from lupuscart.notebooks.figure_store import read_manifest, write_manifest
from lupuscart.notebooks.project import find_notebooks, read_notebook
from lupuscart.reporting.finding import Finding, Prose
from lupuscart.site.pages import Run, write_files
from lupuscart.words.lexicon import using

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


class Shown:
    """A picture that was saved: its name."""

    def __init__(self, name):
        self.name = name


def run_pages(folder: Path, **parameters) -> None:
    """Run every page and leave in a folder what the runner leaves, with a dot as each picture."""
    figures, copies, records = folder / "figures", folder / "copies", {}
    figures.mkdir()
    copies.mkdir()
    for path in find_notebooks(ROOT):
        notebook, said = _run(path, parameters)
        nbformat.write(notebook, copies / path.name)
        defaults = {**read_notebook(path).defaults, **parameters}
        for order, (name, (words, marks)) in enumerate(said.items()):
            shared = {"notebook": path.name, "parameters": defaults, "order": order}
            told = check_figure_words(name, words)
            records[name] = {**told, **marks, **shared, "data": {"trials.csv": "0" * 64}}
            for suffix in (".png", ".svg", ".csv"):
                (figures / f"{name}{suffix}").write_bytes(DOT)
    write_manifest(figures, records)


def run_left_in(folder: Path) -> Run:
    """Return what `run_pages` has left in a folder."""
    figures = folder / "figures"
    return Run(list(read_manifest(figures)), figures, folder / "copies")


def _run(path, parameters):
    """Return a page as it ran, and what is said of each of its figures."""
    notebook, said = nbformat.read(path, as_version=4), {}
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]

    draw = Finding.save

    def save(found, name, figures_dir):
        draw(found, name, "")
        said[name] = found.words, {}
        return Shown(name)

    names: dict = {}
    with mock.patch.object(Finding, "save", save):
        for number, (cell, (run, value)) in enumerate(
            zip(cells, compiled_cells(path.stem), strict=True)
        ):
            cell.outputs, printed = [], io.StringIO()
            names["display"] = lambda each, cell=cell: cell.outputs.extend(_outputs(each))
            with contextlib.redirect_stdout(printed):
                exec(run, names)
                if number == 0:
                    names.update(parameters, trials_csv=str(ROOT / "data/trials.csv"))
                elif value is not None:
                    names["display"](eval(value, names))
            if printed.getvalue():
                text = printed.getvalue()
                cell.outputs.append(new_output("stream", name="stdout", text=text))
    return notebook, said


def _outputs(value):
    """What JupyterLab would keep of a value that a cell shows."""
    if isinstance(value, Shown):
        data = {"image/png": base64.b64encode(DOT).decode()}
        yield new_output("display_data", data, metadata={"image/png": {"figure": value.name}})
    elif isinstance(value, pd.DataFrame):
        yield new_output("display_data", {"text/html": value.to_html(), "text/plain": ""})
    elif isinstance(value, Prose):
        yield new_output("display_data", {"text/markdown": value.text, "text/plain": ""})
    elif hasattr(value, "pictures"):
        for each in value.pictures:
            yield from _outputs(each)


def run_in_chinese(folder: Path) -> None:
    """Run every page in Chinese."""
    with mpl.rc_context(), using("zh"):
        style.use_style(language="zh")
        run_pages(folder, language="zh")


def build(run: Run, folder: Path) -> tuple[Path, Presentation]:
    """Return the folder of the Chinese site, and the Chinese deck, of what the pages have made."""
    with using("zh"):
        notebooks = [read_notebook(path) for path in find_notebooks(ROOT)]
        site = folder / "site"
        write_files(site, ROOT, notebooks, {"light": run, "dark": run}, {"language": "zh"})
    write_deck(run.figures, folder / "deck.pptx", language="zh")
    return site, Presentation(folder / "deck.pptx")
