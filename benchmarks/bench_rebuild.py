"""Time the rebuild of all pages beside papermill, nbconvert and nbmake, on a copy.

Every program runs the same pages in the same environment. They take turns, round after
round, so that a busy minute of the machine is shared; each number is a median. Figures are
saved by ours and by papermill, which takes parameters; the other two only run the pages.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from statistics import median

from benchmarks.timing import row, seconds

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 3
PYTHON = sys.executable
FIGURES = (PYTHON, "-m", "lupuscart.cli", "figures", "--quiet")
PAPERMILL = "papermill, one after another"


def rows():
    """Yield the rows; the copy is removed in the end."""
    with tempfile.TemporaryDirectory(prefix="lupuscart-bench-") as folder:
        collection = Collection(Path(folder))
        yield from collection.whole()
        yield from collection.first_figures()
        yield from collection.parts()
        yield from collection.growth()


class Collection:
    """A copy of the collection, and the commands that rebuild it."""

    def __init__(self, root):
        self.root = root
        for part in ("data", "notebooks", "figures"):
            shutil.copytree(ROOT / part, root / part)
        shutil.copy(ROOT / "requirements.lock", root)
        (root / "out").mkdir()
        self.pages = sorted((root / "notebooks").glob("*.ipynb"))

    def whole(self):
        """Everything made anew, beside the others doing the same."""
        ways = {
            "warm": lambda: self.run(*FIGURES, "--anew"),
            "cold": lambda: self.run(*FIGURES, "--anew", "--cold"),
            PAPERMILL: self.papermill,
            "jupyter nbconvert --execute": self.nbconvert,
            "nbmake -n 2": self.nbmake,
        }
        taken = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, way in ways.items():
                taken[name].append(seconds(way))
        times = {name: median(each) for name, each in taken.items()}
        pages = f"all {len(self.pages)} pages"
        yield row(f"{pages}, kernels not forked", times.pop("cold"), PAPERMILL, times[PAPERMILL])
        warm = times.pop("warm")
        yield from (row(pages, warm, peer, theirs) for peer, theirs in times.items())

    def first_figures(self):
        """From the start of the kernel to the first figure, one page at a time."""
        ways = {"warm": FIGURES, "cold": (*FIGURES, "--cold")}
        taken = {(way, page): [] for way in ways for page in self.pages}
        for _ in range(ROUNDS):
            for way, command in ways.items():
                self.run(*command, "--anew", "--jobs", "1")
                for page in self.pages:
                    copy = self.root / "build" / "notebooks" / page.name
                    taken[way, page].append(first_figure(copy))
        for page in self.pages:
            ours, theirs = median(taken["warm", page]), median(taken["cold", page])
            yield row(f"{page.stem}, to its first figure", ours, "not forked", theirs)

    def parts(self):
        """Less than everything changed."""
        page = self.root / "notebooks" / "02_response.ipynb"
        table = self.root / "data" / "claims.csv"
        changes = {
            "nothing changed": lambda: None,
            "one page changed": lambda: change_cell(page),
            "one row changed, of a table that one page reads": lambda: move_row(table),
        }
        for name, change in changes.items():
            self.run(*FIGURES)
            taken = []
            for _ in range(ROUNDS):
                change()
                taken.append(seconds(lambda: self.run(*FIGURES)))
            yield row(name, median(taken))

    def growth(self):
        """More and more pages, as copies of one."""
        original = self.root / "notebooks" / "02_response.ipynb"
        text = original.read_text(encoding="utf-8")
        for page in self.pages:
            page.unlink()
        for count in range(1, 17):
            copy = original.with_name(f"{count:02}_copy.ipynb")
            copy.write_text(text.replace("02_response_", f"{count:02}_"), encoding="utf-8")
            if count in (1, 2, 4, 8, 16):
                taken = seconds(lambda: self.run(*FIGURES, "--anew"))
                yield row(f"02_response, {count} times", taken)

    def papermill(self):
        """Run every page as the README of papermill does."""
        for page in self.pages:
            options = ("--cwd", "notebooks", "-p", "figures_dir", str(self.root / "out"))
            self.run(PYTHON, "-m", "papermill", *options, str(page), f"out/{page.name}")

    def nbconvert(self):
        """Run every page in one command."""
        options = ("--execute", "--to", "notebook", "--output-dir", "out")
        self.run(PYTHON, "-m", "nbconvert", *options, *map(str, self.pages))

    def nbmake(self):
        """Run every page as a test, two at once."""
        options = ("-c", os.devnull, "--rootdir", ".", "-p", "no:cacheprovider", "--nbmake")
        self.run(PYTHON, "-m", "pytest", *options, "-n", "2", "notebooks")

    def run(self, *command):
        """Run a command in the copy; its failure is an error, not a time."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        done = subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")


def first_figure(copy):
    """Return the seconds from start to first figure, as an executed copy has them."""
    notebook = json.loads(copy.read_text(encoding="utf-8"))
    saved = next(c for c in notebook["cells"] if "save_figure(" in "".join(c["source"]))
    start = datetime.fromisoformat(notebook["metadata"]["papermill"]["start_time"])
    end = datetime.fromisoformat(saved["metadata"]["papermill"]["end_time"])
    return (end - start).total_seconds()


def change_cell(page):
    """Add an empty line to the first cell of a page."""
    text = page.read_text(encoding="utf-8")
    first = '"source": ['
    page.write_text(text.replace(first, f'{first}"\\n", ', 1), encoding="utf-8")


def move_row(table):
    """Put the first row of a table last."""
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join([lines[0], *lines[2:], lines[1]]), encoding="utf-8")
