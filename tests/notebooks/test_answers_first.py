"""The answer of a page waits for nothing that only its figures or its later parts need."""

import json
import subprocess
import sys

import pytest

#: What takes a tenth of a second or more to import.
HEAVY = ("matplotlib.axes", "matplotlib.pyplot", "seaborn", "scipy.stats")

#: Its sliders are drawn before anything is said of where they stand.
DRAWS_FIRST = "09_explore"

RUN = """\
import json, sys

heavy = json.loads(sys.argv[1])
for page, cells in json.loads(sys.stdin.read()).items():
    names = {}
    for cell in cells:
        exec(cell, names)
    print(page, len(names["answer"]) > 50, *[each for each in heavy if each in sys.modules])
"""


def cells_to_the_answer(page):
    """Return the cells of a page up to the one that shows the answer, which is given a name."""
    for cell in json.loads(page.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and source.endswith(".opening"):
            before, _, shown = source.rpartition("\n")
            yield f"{before}\nanswer = str({shown})"
            return
        if cell["cell_type"] == "code":
            yield source


@pytest.fixture(scope="module")
def loaded(root):
    """Per page what of the heavy modules is there once its answer is."""
    pages = sorted((root / "notebooks").glob("[0-9]*.ipynb"))
    cells = {page.stem: [*cells_to_the_answer(page)] for page in pages if page.stem != DRAWS_FIRST}
    told = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(HEAVY)],
        cwd=root / "notebooks",
        input=json.dumps(cells),
        capture_output=True,
        text=True,
    )
    lines = [line.split() for line in told.stdout.splitlines()]
    assert [page for page, *_ in lines] == [*cells], told.stderr
    return {page: rest for page, *rest in lines}


def test_no_answer_waits_for_what_draws_or_for_a_second_of_statistics(loaded):
    assert set(map(tuple, loaded.values())) == {("True",)}
