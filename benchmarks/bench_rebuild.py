"""Time the rebuild of all pages beside papermill, nbconvert and nbmake, on a copy.

Every program runs the same pages in the same environment. They take turns, round after round, so
that a busy minute of the machine is shared; each number is a median. Figures are saved by ours and
by papermill, which takes parameters; the other two only run the pages.
"""

import os
import sys
from statistics import median

from benchmarks.collection import FIGURES, PYTHON, copied
from benchmarks.timing import beside, effort, pick, row, seconds

PAPERMILL = "papermill, one after another"

#: Of the time of papermill, a whole rebuild; seconds, when nothing changed.
AIM_OF_PAPERMILL, AIM_UNCHANGED = 0.25, 0.6


def rows():
    """Yield the rows."""
    with copied() as collection:
        yield from whole(collection)
        yield from parts(collection)
        if sys.platform.startswith("linux"):
            peak = collection.peak(*FIGURES, "--anew")
            yield row("memory of a rebuild, at its peak", peak, unit="MB")
        yield from growth(collection)


def whole(collection):
    """Everything made anew, beside the others doing the same."""
    ways = {
        "warm": lambda: collection.run(*FIGURES, "--anew"),
        "cold": lambda: collection.run(*FIGURES, "--anew", "--cold"),
        PAPERMILL: lambda: papermill(collection),
        "jupyter nbconvert --execute": lambda: nbconvert(collection),
        "nbmake -n 2": lambda: nbmake(collection),
    }
    taken = {name: [] for name in ways}
    for _ in range(effort.rounds):
        for name, way in ways.items():
            taken[name].append(seconds(way))
    warm, cold = taken.pop("warm"), taken.pop("cold")
    pages = f"all {len(collection.pages)} pages"
    for peer, theirs in taken.items():
        aim = AIM_OF_PAPERMILL if peer == PAPERMILL else None
        yield beside(pages, warm, peer, theirs, aim=aim)
    yield beside(f"{pages}, kernels not forked", cold, PAPERMILL, taken[PAPERMILL])


def parts(collection):
    """Less than everything changed."""
    collection.run(*FIGURES)
    times = [seconds(lambda: collection.run(*FIGURES)) for _ in range(effort.rounds)]
    yield row("nothing changed", median(times), aim=AIM_UNCHANGED)
    page = collection.root / "notebooks" / "02_response.ipynb"
    yield from changed(collection, "one page changed", lambda: change_cell(page), {page.stem})
    tables = sorted(path.name for path in (collection.root / "data").glob("*.csv"))
    read = sorted((len(collection.readers(table)), table) for table in tables)
    read = [table for count, table in read if count]
    # Those that fewest and most pages read, and one between them.
    for table in dict.fromkeys([read[0], read[len(read) // 2], read[-1]]):
        path, readers = collection.root / "data" / table, set(collection.readers(table))
        what = f"one row of {table} changed, which {len(readers)} read"
        yield from changed(collection, what, lambda path=path: move_row(path), readers)


def changed(collection, name, change, concerned):
    """The seconds after a change, and how many other pages ran than those that it concerns."""
    times, others = [], 0
    for _ in range(effort.rounds):
        change()
        taken, ran = collection.executed(*FIGURES)
        times.append(taken)
        others += len(set(ran) ^ concerned)
    yield row(name, median(times))
    yield row(f"{name}: pages that ran in vain, or should have run", others, unit="", aim=0)


def growth(collection):
    """More and more pages, as copies of one."""
    original = collection.root / "notebooks" / "02_response.ipynb"
    text = original.read_text(encoding="utf-8")
    for page in collection.pages:
        page.unlink()
    most = pick(16, 2)
    for count in range(1, most + 1):
        copy = original.with_name(f"{count:02}_copy.ipynb")
        copy.write_text(text.replace("02_response_", f"{count:02}_"), encoding="utf-8")
        if count in (1, 2, 4, 8, 16):
            taken = seconds(lambda: collection.run(*FIGURES, "--anew"))
            yield row(f"02_response, {count} times", taken, series="02_response, n times", n=count)


def papermill(collection):
    """Run every page as the README of papermill does."""
    for page in collection.pages:
        options = ("--cwd", "notebooks", "-p", "figures_dir", str(collection.root / "out"))
        collection.run(PYTHON, "-m", "papermill", *options, str(page), f"out/{page.name}")


def nbconvert(collection):
    """Run every page in one command."""
    options = ("--execute", "--to", "notebook", "--output-dir", "out")
    collection.run(PYTHON, "-m", "nbconvert", *options, *map(str, collection.pages))


def nbmake(collection):
    """Run every page as a test, two at once."""
    options = ("-c", os.devnull, "--rootdir", ".", "-p", "no:cacheprovider", "--nbmake")
    collection.run(PYTHON, "-m", "pytest", *options, "-n", "2", "notebooks")


def change_cell(page):
    """Add an empty line to the first cell of a page."""
    text = page.read_text(encoding="utf-8")
    first = '"source": ['
    page.write_text(text.replace(first, f'{first}"\\n", ', 1), encoding="utf-8")


def move_row(table):
    """Put the first row of a table last."""
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join([lines[0], *lines[2:], lines[1]]), encoding="utf-8")
