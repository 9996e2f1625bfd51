"""What a run found is drawn in another theme and on another canvas, to the byte as a run would."""

import contextlib
import hashlib
import io
import json
import shutil
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from conftest import ROOT
from pages_in_process import compiled_cells
from tiny_collection import STYLED, add_notebook, make_root, save

from lupuscart.atomic import KEEP_VARIABLE
from lupuscart.deck.deck import make_deck
from lupuscart.figures import style
from lupuscart.kernels import redraw
from lupuscart.kernels.environment import kernel_environment
from lupuscart.notebooks import run
from lupuscart.notebooks.project import find_notebooks, read_notebook
from lupuscart.notebooks.run import run_notebooks
from lupuscart.notebooks.up_to_date import Ledger, fingerprint, key_but_for_style
from lupuscart.reporting import finding, kept_findings
from lupuscart.site.site import write_pages

pytestmark = pytest.mark.usefixtures("warm_kernels")

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
    for always_the_same in ("save.write_png", "legibility.make_legible"):
        monkeypatch.setattr(f"lupuscart.figures.{always_the_same}", lambda *_, **__: None)
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
    kept_findings.draw_again(path, digest, sorted(names), str(made["drawn"]), **OTHER)
    run, drawn = (without_orders(files_of(made[name])) for name in ("run", "drawn"))
    assert len(run) >= 3
    assert drawn == run


def without_orders(files):
    """Files without the number that counts the figures of this process."""
    return {name: content.partition(b'"order": ')[0] for name, content in files.items()}


def test_every_page_differs_in_style_alone():
    for path in find_notebooks(ROOT):
        assert redraw.differs_in_style_alone(read_notebook(path).code), path.name


STYLE = "use_style(context=context, theme=theme, language=language)"
IMPORTS = """\
import pandas as pd
from matplotlib import pyplot as plt

from lupuscart.data import tables
from lupuscart.figures.rows import lines_that_fit
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


@pytest.fixture
def executed(monkeypatch):
    """The names of the pages that are executed from now on."""
    names = []
    execute_all = run._execute_all

    def listed(runs, *rest):
        names.extend(each.name for each in runs)
        execute_all(runs, *rest)

    monkeypatch.setattr(run, "_execute_all", listed)
    return names


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A collection of one page, which has run."""
    root = make_root(tmp_path_factory.mktemp("collection") / "root")
    add_notebook(root, "01_a.ipynb", IMPORTS, STYLE, LOAD, SHOW, parameters=STYLED)
    run_notebooks(root=root, progress=False)
    shutil.copytree(root, root.with_name("whole"))
    return root


@pytest.fixture
def root(made):
    """The collection as it was when the page had run."""
    shutil.rmtree(made)
    return shutil.copytree(made.with_name("whole"), made)


def drawn_in(folder, root, **options):
    """What a folder of one's own holds once the page has been asked for in the other style."""
    folder.mkdir()
    run_notebooks(root=root, parameters=OTHER, figures_dir=folder, progress=False, **options)
    return files_of(folder)


def kept_file(root):
    (path,) = (root / "build" / "findings").rglob("*.pickle")
    return path


def test_a_page_is_drawn_again_only_when_asked_and_runs_where_it_cannot_be(
    root, tmp_path, executed
):
    drawn = drawn_in(tmp_path / "drawn", root, redraw=True)
    assert executed == []
    assert drawn_in(tmp_path / "run", root) == drawn
    assert executed == ["01_a.ipynb"]
    # Of what that run has kept it may be drawn too.
    for path in (root / "build" / "findings").rglob("*.pickle"):
        path.write_bytes(path.read_bytes()[:-1])
    assert drawn_in(tmp_path / "damaged", root, redraw=True) == drawn
    assert executed == ["01_a.ipynb"] * 2


def test_what_is_damaged_is_neither_read_nor_drawn(root, tmp_path):
    path = kept_file(root)
    whole, names = path.read_bytes(), sorted(figures_of(root / "figures"))
    digest = hashlib.sha256(whole).hexdigest()
    for damaged in (whole[:-1], whole[:-1] + b" ", whole + b" ", b"", ENDS_THE_PROCESS):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="is not what the page left"):
            kept_findings.draw_again(path, digest, names, str(tmp_path), **OTHER)
    path.write_bytes(whole)
    with pytest.raises(ValueError, match="holds other figures"):
        kept_findings.draw_again(path, digest, [*names, "01_more"], str(tmp_path), **OTHER)
    assert list(tmp_path.iterdir()) == []


ENDS_THE_PROCESS = b"cos\n_exit\n(I1\ntR."


def test_what_cannot_be_read_though_its_digest_is_right_is_not_drawn(root, tmp_path):
    names = tuple(figures_of(root / "figures"))
    drawings = []
    for content in (
        b"",
        b"no pickle",
        b"\x80\x04.",
        kept_file(root).read_bytes(),
        ENDS_THE_PROCESS,
    ):
        path = tmp_path / str(len(drawings))
        path.write_bytes(content)
        (folder := tmp_path / f"drawn-{path.name}").mkdir()
        digest = hashlib.sha256(content).hexdigest()
        drawings.append(redraw.Drawing(path, digest, names, folder, OTHER))
    drawn = dict(redraw.draw_all(drawings, 1, {}))
    assert [drawn[each] for each in drawings] == [False, False, False, True, False]


def test_a_process_ends_with_its_input_in_the_middle_of_a_drawing(tmp_path):
    content = b"ctime\nsleep\n(I600\ntR."
    path = tmp_path / "kept"
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    drawing = redraw.Drawing(path, digest, (), tmp_path, OTHER)
    with redraw._process(kernel_environment()) as process, ThreadPoolExecutor() as executor:
        asked = executor.submit(redraw._ask, process, drawing)
        assert wait([asked], timeout=3).not_done
        process.stdin.close()
        process.wait(timeout=120)
        assert not asked.result()


def kept_for(root, **parameters):
    """What may be drawn again for a page that is asked for with these parameters."""
    page = read_notebook(root / "notebooks" / "01_a.ipynb")
    key = key_but_for_style(page, parameters, {**fingerprint(root), "pdf": False, "titles": False})
    return Ledger(root / "build", root).find_kept(page.name, key)


def test_another_style_is_drawn_again_and_nothing_else(root):
    assert kept_for(root, **OTHER)["kept"] == kept_file(root)
    assert kept_for(root, theme="dark", confidence_level=0.95)
    assert kept_for(root, **OTHER, confidence_level=0.9) is None
    assert kept_for(root, **OTHER, language="zh") is None
    (root / "requirements.lock").write_text("other")
    assert kept_for(root, **OTHER) is None
    (root / "requirements.lock").unlink()
    for name in ("trials", "studies"):
        table = root / "data" / f"{name}.csv"
        whole = table.read_bytes()
        table.write_bytes(whole + b"\n")
        assert kept_for(root, **OTHER) is None
        table.write_bytes(whole)
    page = root / "notebooks" / "01_a.ipynb"
    page.write_text(page.read_text().replace("wilson", "jeffreys"))
    assert kept_for(root, **OTHER) is None


USES = {
    "it decides what is shown": STYLE + "\nshown = theme == 'light'",
    "it is another by then": "theme = 'dark'\n" + STYLE,
    "another style follows": STYLE + "\nuse_style(theme='dark')",
    "another style follows by another name": STYLE + "\nstyle.use_style(theme='dark')",
    "it is not used": "use_style(language=language)",
    "one of two is not used": "use_style(theme=theme)",
    "it is handed on by another name": "use_style(theme=context, context=theme)",
    "it is handed on unseen": "look = {'context': context, 'theme': theme}\nuse_style(**look)",
    "no Python": "use_style(context=context, theme=theme",
}


@pytest.mark.parametrize("why", USES)
def test_a_page_that_uses_its_theme_otherwise_is_not_drawn_again(why):
    assert not redraw.differs_in_style_alone(STYLED + USES[why])
    assert redraw.differs_in_style_alone("%matplotlib inline\n" + STYLED + STYLE)


DRAW = """
def draw():
    ax = new_figure().add_subplot()
    ax.plot([0, 1], [0, 1], color=colour)
    return ax
colour = plt.rcParams["text.color"]
Finding("zero", pd.DataFrame(), "A line.", ["One."], draw=draw).save("01_own", figures_dir)
"""
EARLY = {
    "a colour is asked for": "ink = theme_colour('ink')\n" + SHOW,
    "the canvas is asked for": "lines = lines_that_fit()\n" + SHOW,
    "a drawing of the page's own": SHOW + DRAW,
    "a figure that is no finding": "shade = 1\n" + SHOW + save("01_b"),
    "one of several figures by itself": """\
several = response.by_endpoint(rows, method="wilson", **level)
several.figures[0].save("01_rates", figures_dir)
""",
}


@pytest.mark.parametrize("why", [*EARLY, None])
def test_what_may_depend_on_the_style_is_not_kept(why, tmp_path, monkeypatch):
    path, folder = tmp_path / "kept", tmp_path / "figures"
    folder.mkdir()
    monkeypatch.setenv(KEEP_VARIABLE, str(path))
    monkeypatch.setitem(style._drawing, "asked_early", False)
    given = {"trials_csv": str(ROOT / "data/trials.csv"), "figures_dir": str(folder)}
    names = {}
    for cell in (STYLED, IMPORTS, STYLE, LOAD, EARLY.get(why, SHOW)):
        exec(cell, names)
        names.update(given)
    content = path.read_bytes() if path.exists() else b""
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    refused = pytest.raises(ValueError, match="holds other figures")
    with refused if why else contextlib.nullcontext():
        kept_findings.draw_again(path, digest, sorted(figures_of(folder)), str(tmp_path), **OTHER)


def test_words_of_a_folder_of_ones_own_are_drawn_again(root, tmp_path, executed):
    """The outcomes in use belong to what was found; the process that draws has loaded none."""
    table = root / "data" / "outcomes.csv"
    text = table.read_text(encoding="utf-8")
    assert "DORIS remission" in text
    table.write_text(text.replace("DORIS remission", "My own remission"), encoding="utf-8")
    run_notebooks(root=root, progress=False)
    executed.clear()
    drawn = drawn_in(tmp_path / "drawn", root, redraw=True)
    assert executed == []
    assert drawn == drawn_in(tmp_path / "run", root)
    assert "My own remission" in drawn["figures.json"].decode()


def test_what_a_ledger_kept_goes_with_its_folder(root):
    folders = root / "build" / "findings"
    shutil.copytree(kept_file(root).parent, folders / "0")
    (root / "build" / "up-to-date" / "0.json").write_text(
        json.dumps({"folders": {"figures": str(root / "gone"), "copies": ""}, "runs": {}})
    )
    run_notebooks(root=root, progress=False)
    assert [path.name for path in folders.iterdir()] == [kept_file(root).parent.name]


def test_after_the_figures_a_site_and_decks_execute_no_page(tmp_path, executed, monkeypatch):
    root = make_root(tmp_path / "root")
    for stem in ("02_response", "06_conditioning"):
        shutil.copy(ROOT / "notebooks" / f"{stem}.ipynb", root / "notebooks")
    run_notebooks(root=root, progress=False)
    assert len(executed) == 2
    executed.clear()

    def make_all():
        write_pages(root=root, progress=False)
        for theme in ("light", "dark"):
            make_deck(root=root, parameters={"theme": theme}, progress=False)

    make_all()
    assert executed == []

    def written(*_, **__):
        raise AssertionError("it was made anew")

    # Nothing has changed: they are not even written.
    with monkeypatch.context() as nothing_written:
        nothing_written.setattr("lupuscart.site.site.write_files", written)
        nothing_written.setattr("lupuscart.deck.deck.write_deck", written)
        nothing_written.setattr(run, "_draw_all", lambda found, *_: written() if found else [])
        make_all()
    # What somebody has changed is, and neither does that execute a page.
    whole = {path: path.read_bytes() for path in made_files(root)}
    for path in (root / "build/pages/02_response.html", root / "build/lupuscart-en-dark.pptx"):
        path.write_bytes(whole[path][:-1])
    make_all()
    assert {path: path.read_bytes() for path in made_files(root)} == whole
    assert executed == []


def made_files(root):
    pages = [path for path in (root / "build" / "pages").rglob("*") if path.is_file()]
    return [*pages, *(root / "build").glob("*.pptx")]
