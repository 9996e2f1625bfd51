"""A collection small enough for a test: real data, notebooks of a few cells."""

import shutil
from pathlib import Path

import nbformat

DATA = Path(__file__).resolve().parents[1] / "data"

_COMMON = """\
trials_csv: str = "../data/trials.csv"  # the table of trials
figures_dir = ""  # empty: write nothing
confidence_level = 0.95
language = "en"
"""

PARAMETERS = f"""\
{_COMMON}outcome = ""
cohort = "all"
"""

#: Of a page whose figures have a style.
STYLED = f"""\
{_COMMON}theme = "light"
context = "notebook"
"""

LOAD = """\
from lupuscart.data.tables import load_trials

trials = load_trials(trials_csv)
"""

# A table of one row with what the notebook was given, and pictures of a few pixels.
SAVE = """\
if figures_dir:
    import json

    from PIL import Image

    said = {"headline": f"{shade} of FIGURE.", "alt": "Counts of FIGURE in one row, 一行"}
    said |= {"source": ["A 2025"], "provenance": [], "references": [], "table": None}
    with open(f"{figures_dir}/FIGURE.json", "w", encoding="utf-8") as sidecar:
        json.dump(said, sidecar)
    Image.new("L", (4, 3), shade).save(f"{figures_dir}/FIGURE.png")
    with open(f"{figures_dir}/FIGURE.svg", "w") as drawing:
        drawing.write(f"<svg xmlns='http://www.w3.org/2000/svg' id='{shade}'/>")
    with open(f"{figures_dir}/FIGURE.csv", "w") as table:
        table.write(f"events,level\\n{shade},{confidence_level}\\n")
"""


def save(figure: str) -> str:
    """Return a cell that saves a figure as the pages do; its shade is its only number."""
    return SAVE.replace("FIGURE", figure)


def make_root(root: Path) -> Path:
    """Make a collection without notebooks, on a copy of the data."""
    (root / "notebooks").mkdir(parents=True)
    shutil.copytree(DATA, root / "data")
    return root


def add_notebook(root: Path, name: str, *cells: str, parameters: str = PARAMETERS) -> Path:
    """Write a notebook with a parameters cell before `cells`."""
    tagged = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    others = [nbformat.v4.new_code_cell(cell) for cell in cells]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    path = root / "notebooks" / name
    nbformat.write(nbformat.v4.new_notebook(cells=[tagged, *others], metadata=kernel), path)
    return path
