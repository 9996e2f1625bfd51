"""What a run found is drawn in another theme and on another canvas, to the byte as a run would."""

import contextlib
import hashlib
import io
import os
import shutil

import pytest
from conftest import ROOT
from pages_in_process import compiled_cells
from tiny_collection import add_notebook, make_root, save

from lupuscart.atomic import KEEP_VARIABLE
from lupuscart.figures import style
from lupuscart.notebooks import redraw
from lupuscart.notebooks.project import find_notebooks, read_notebook
from lupuscart.notebooks.run import run_notebooks
from lupuscart.reporting import finding, kept

PAGES = [path.stem for path in find_notebooks(ROOT)]
#: Other colours and another canvas than those in which the findings were made.
OTHER = {"theme": "dark", "context": "slides"}


def files_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def figures_of(folder):
    return {path.stem for path in folder.glob("*.svg")}


def run_cells(stem, **parameters):
    """Run a page in this process, as its kernel would."""
    names = {"display": lambda shown: None}
    with contextlib.redirect_stdout(io.StringIO()):
        for number, (run, value) in enumerate(compiled_cells(stem)):
            exec(run, names)
            if number == 0:
                names.update(parameters, trials_csv=str(ROOT / "data/trials.csv"))
            elif value is not None:
                eval(value, names)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("stem", PAGES)
def test_every_page_is_drawn_again_to_the_byte(stem, language, tmp_path, monkeypatch):
    # What is made of one drawing always in the same way takes most of the time.
    for always_the_same in ("write_png", "make_legible"):
        monkeypatch.setattr(f"lupuscart.figures.save.{always_the_same}", lambda *_, **__: None)
    monkeypatch.setitem(style._drawing, "asked_early", False)
    path = tmp_path / "kept"
    monkeypatch.setenv(KEEP_VARIABLE, str(path))
    made = {name: tmp_path / name for name in ("found", "run", "drawn")}
    for folder in made.values():
        folder.mkdir()
    # Of this run only what it found is looked at.
    names = set()
    with monkeypatch.context() as nothing_drawn:
        nothing_drawn.setattr(
            finding, "save_figure", lambda _, __, name, *___, **____: names.add(name)
        )
        run_cells(stem, language=language, figures_dir=str(made["found"]))
    monkeypatch.delenv(KEEP_VARIABLE)
    run_cells(stem, language=language, figures_dir=str(made["run"]), **OTHER)
    # Nothing of the last style is left.
    style.use_style()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    kept.draw_again(path, digest, sorted(names), str(made["drawn"]), **OTHER)
    run, drawn = (without_orders(files_of(made[name])) for name in ("run", "drawn"))
    assert len(run) >= 3
    assert drawn == run


def without_orders(files):
    """Files without the number that counts the figures of this process."""
    return {name: content.partition(b'"order": ')[0] for name, content in files.items()}


def test_every_page_differs_in_style_alone():
    for path in find_notebooks(ROOT):
        assert redraw.differs_in_style_alone(read_notebook(path)), path.name


PARAMETERS = """\
trials_csv: str = "../data/trials.csv"  # the table of trials
figures_dir = ""  # empty: write nothing
confidence_level = 0.95
language = "en"
theme = "light"
context = "notebook"
"""
STYLE = "use_style(context=context, theme=theme, language=language)"
IMPORTS = """\
from pathlib import Path

import pandas as pd
from matplotlib import pyplot as plt

from lupuscart.data import tables
from lupuscart.figures.style import new_figure, theme_colour
from lupuscart.findings import response, safety
from lupuscart.reporting.finding import Finding
from lupuscart.reporting.page import labelled, use_style
from lupuscart.words.labels import label_studies
"""
LOAD = """\
outcomes, studies = tables.load_trials(trials_csv), tables.load_studies(trials_csv)
rows = outcomes[outcomes["statistic"].eq("count") & outcomes["domain"].eq("efficacy")]
rows = labelled(rows[rows["read_in"].eq("primary")], studies).drop_duplicates("endpoint")
level = {"confidence_level": confidence_level}
"""
SHOW = """\
response.by_endpoint(rows, method="wilson", **level).save("01_rates", figures_dir)
core = label_studies(studies[studies["role"] == "core"])
safety.zero(core, [0.5, 0.2, 0.1, 0.05, 0.01], **level).save("01_zero", figures_dir)
"""
# A page that ran leaves a file.
RAN = "Path('ran.txt').open('a').write('1')"


def page_of(root, *more, show=SHOW, styled=STYLE):
    cells = [IMPORTS, RAN, styled, LOAD, show, *more]
    return add_notebook(root, "01_a.ipynb", *cells, parameters=PARAMETERS)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A collection of one page, which has run."""
    root = make_root(tmp_path_factory.mktemp("collection") / "root")
    page_of(root)
    run_notebooks(root=root, progress=False)
    (root / "notebooks" / "ran.txt").unlink()
    return root


@pytest.fixture
def root(made):
    """The collection as it was when the page had run."""
    whole = made.with_name("whole")
    if not whole.exists():
        shutil.copytree(made, whole)
    shutil.rmtree(made)
    return shutil.copytree(whole, made)


def drawn(root, tmp_path, **parameters):
    """Draw into a new folder; return what is there, and whether the page ran."""
    folder = tmp_path / f"drawn-{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    own = {**OTHER, **parameters}
    run_notebooks(root=root, parameters=own, figures_dir=folder, progress=False, redraw=True)
    log = root / "notebooks" / "ran.txt"
    ran = log.exists()
    log.unlink(missing_ok=True)
    return files_of(folder), ran


def as_run(root, tmp_path):
    (folder := tmp_path / "run").mkdir()
    run_notebooks(root=root, parameters=OTHER, figures_dir=folder, progress=False)
    (root / "notebooks" / "ran.txt").unlink()
    return files_of(folder)


def kept_file(root):
    (path,) = (root / "build" / "findings").rglob("*.pickle")
    return path


def test_a_page_is_drawn_again_and_does_not_run(root, tmp_path):
    found, ran = drawn(root, tmp_path)
    assert not ran
    assert found == as_run(root, tmp_path)
    assert found != files_of(root / "figures")


def test_unasked_it_runs(root, tmp_path):
    assert as_run(root, tmp_path)


def _edit(path):
    path.write_bytes(path.read_bytes()[:-1] + b" ")


def _truncate(path):
    path.write_bytes(path.read_bytes()[:100])


@pytest.mark.parametrize("damage", [_edit, _truncate, os.unlink])
def test_what_was_kept_and_is_damaged_is_not_used(root, tmp_path, damage):
    damage(kept_file(root))
    found, ran = drawn(root, tmp_path)
    assert ran
    assert found == as_run(root, tmp_path)


ENDS_THE_PROCESS = b"cos\n_exit\n(I1\ntR."


@pytest.mark.parametrize("content", [b"", b"no pickle", b"\x80\x04.", ENDS_THE_PROCESS])
def test_what_cannot_be_read_with_the_right_digest_is_not_used(root, tmp_path, content):
    path = kept_file(root)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_bytes(content)
    for ledger in (root / "build" / "up-to-date").iterdir():
        text = ledger.read_text()
        ledger.write_text(text.replace(before, hashlib.sha256(content).hexdigest()))
    assert drawn(root, tmp_path)[1]


def test_another_parameter_or_table_means_a_run(root, tmp_path):
    assert drawn(root, tmp_path, confidence_level=0.9)[1]
    table = root / "data" / "trials.csv"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join([lines[0], *lines[2:], lines[1]]), encoding="utf-8")
    assert drawn(root, tmp_path)[1]


DRAW = """
def draw():
    ax = new_figure().add_subplot()
    ax.plot([0, 1], [0, 1], color=COLOUR)
    return ax
own = Finding("zero", pd.DataFrame(), "A line.", ["One."], draw=draw)
own.save("01_own", figures_dir)
"""
REFUSED = {
    "the theme decides what is shown": {"more": "shown = theme == 'light'"},
    "the theme is another by then": {"more": "theme = 'dark'"},
    "a style of its own": {"styled": STYLE + "\nuse_style(theme='dark')"},
    "one style for all": {"styled": "use_style(language=language)"},
    "handed on by another name": {
        "styled": "look = {'context': context, 'theme': theme}\nuse_style(**look)"
    },
    "a colour is asked for early": {"show": "ink = theme_colour('ink')\n" + SHOW},
    "a colour of the page's own": {"more": DRAW.replace("COLOUR", "plt.rcParams['text.color']")},
    "a figure that is no finding": {"more": "shade = 1\n" + save("01_b")},
    "one part alone": {
        "show": "several = response.by_endpoint(rows, method='wilson', **level)\n"
        "several.figures[0].save('01_rates', figures_dir)"
    },
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_page_that_style_may_change_otherwise_runs(root, tmp_path, why):
    how = dict(REFUSED[why])
    more = [how.pop("more")] if "more" in how else []
    page_of(root, *more, **how)
    run_notebooks(root=root, progress=False)
    (root / "notebooks" / "ran.txt").unlink()
    found, ran = drawn(root, tmp_path)
    assert ran
    assert found == as_run(root, tmp_path)


def test_words_of_a_folder_of_ones_own_are_drawn_again(root, tmp_path):
    """The outcomes in use belong to what was found; the process that draws has loaded none."""
    table = root / "data" / "outcomes.csv"
    text = table.read_text(encoding="utf-8")
    assert "DORIS remission" in text
    table.write_text(text.replace("DORIS remission", "My own remission"), encoding="utf-8")
    run_notebooks(root=root, progress=False)
    (root / "notebooks" / "ran.txt").unlink()
    found, ran = drawn(root, tmp_path)
    assert not ran
    assert found == as_run(root, tmp_path)
    assert "My own remission" in found["figures.json"].decode()


def test_what_a_ledger_kept_goes_with_its_folder(root, tmp_path):
    (folder := tmp_path / "mine").mkdir()
    run_notebooks(root=root, figures_dir=folder, progress=False)
    assert len(list((root / "build" / "findings").iterdir())) == 2
    shutil.rmtree(folder)
    run_notebooks(root=root, progress=False)
    assert len(list((root / "build" / "findings").iterdir())) == 1
