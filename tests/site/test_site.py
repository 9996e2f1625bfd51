"""The static site: whole or not at all, in words, and only over a folder of its own."""

import multiprocessing
import os
import re
import shutil
import signal
from pathlib import Path

import nbformat
import pytest
from tiny_collection import PARAMETERS, add_notebook, make_root, save

from lupuscart import atomic
from lupuscart.cli import main
from lupuscart.notebooks.run import NotebookError, run_notebooks
from lupuscart.site.link_check import broken_links
from lupuscart.site.site import LIST_OF_FILES, write_pages

pytestmark = pytest.mark.usefixtures("warm_kernels")

THEMED = PARAMETERS + 'theme = "light"\n'
SHOW = """
name = "FIGURE"
if figures_dir:
    data = {"image/png": open(f"{figures_dir}/{name}.png", "rb").read()}
    display(data, metadata={"image/png": {"figure": name}}, raw=True)
"""


def add_page(root, name, figure, *cells):
    shade = "shade = {'light': 1, 'dark': 2}[theme]"
    saved = save(figure) + SHOW.replace("FIGURE", figure)
    path = add_notebook(root, name, shade, saved, *cells, parameters=THEMED)
    notebook = nbformat.read(path, as_version=4)
    title = nbformat.v4.new_markdown_cell(f"# Is {name[3]} so?\n\nThis shows *{name[3]}*.")
    links = nbformat.v4.new_markdown_cell("Next: [b](02_b.ipynb), [data](../data/README.md).")
    notebook.cells = [title, *notebook.cells, links]
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = make_root(tmp_path_factory.mktemp("collection") / "root")
    add_page(root, "01_a.ipynb", "01_one")
    add_page(root, "02_b.ipynb", "02_one")
    return root


@pytest.fixture(scope="module")
def site(root):
    pages = write_pages(root=root, progress=False)
    assert pages == ["index.html", "01_a.html", "02_b.html", "data.html", "glossary.html"]
    return root / "build" / "pages"


def test_a_site_takes_the_figures_that_are_there_and_is_the_same_to_the_byte(tmp_path):
    root = make_root(tmp_path / "root")
    add_page(root, "01_a.ipynb", "01_one", "open('ran.txt', 'a').write(f'{theme} ');")
    log = root / "notebooks" / "ran.txt"
    run_notebooks(root=root, progress=False)
    write_pages(root=root, output=tmp_path / "taken", progress=False)
    assert log.read_text() == "light dark "
    for folder in ("figures", "build"):
        shutil.rmtree(root / folder)
    write_pages(root=root, output=tmp_path / "made", progress=False)
    assert log.read_text() == "light dark light dark "
    taken, made = (
        {str(path.relative_to(site)): path.read_bytes() for path in site.rglob("*.*")}
        for site in (tmp_path / "taken", tmp_path / "made")
    )
    assert taken == made


def text(path):
    return path.read_text(encoding="utf-8")


def test_the_links_lead_somewhere(site):
    assert broken_links(site) == []


def test_a_figure_is_there_in_both_themes_with_its_numbers(site):
    assert "id='1'" in text(site / "figures/01_one.svg")
    assert "id='2'" in text(site / "figures/01_one-dark.svg")
    assert (site / "figures/01_one.png").exists()
    page = text(site / "01_a.html")
    for name in ("01_one.svg", "01_one-dark.svg", "01_one.png", "01_one.csv"):
        assert f'"figures/{name}"' in page
    assert 'alt="Counts of 01_one in one row, 一行"' in page


def test_the_index_leads_to_every_page_answers_and_cautions_first(site):
    index = text(site / "index.html").partition("<main")[2]
    places = [index.index(words) for words in ('id="in-short"', "Few patients.", 'id="questions"')]
    assert places == sorted(places)
    questions = index[places[-1] :]
    assert questions.index("01_a.html") < questions.index("02_b.html")
    assert "Is a so?" in index
    assert "This shows <em>a</em>." in index


def test_every_page_lists_all_pages_and_its_own_sections(site):
    for page in ("index.html", "01_a.html", "02_b.html", "glossary.html", "data.html"):
        menu = text(site / page).partition("<nav")[2].partition("</nav>")[0]
        pages = ["index.html", "01_a.html", "02_b.html", "data.html", "glossary.html"]
        assert re.findall('href="([^"#/]+)"', menu) == pages
        assert re.findall('href="([^"]+)" aria-current="page"', menu) == [page]
    # The last is the description of the data, which has many sections.
    assert menu.count('href="#') > 3


def test_the_statistics_have_reference_pages(site, root, tmp_path, monkeypatch):
    pytest.importorskip("pdoc")
    assert 'href="reference/lupuscart/stats.html"' in text(site / "index.html")
    page = text(site / "reference/lupuscart/stats/proportion.html")
    assert "zero_event_bound" in page
    assert 'href="../../../index.html"' in page
    # Without the tool that makes them, a site has its other pages and says so.
    monkeypatch.setattr("lupuscart.site.reference.find_spec", lambda name: None)
    told = []
    write_pages(root=root, output=tmp_path / "out", progress=False, report=told.append)
    assert any("pdoc is not installed" in sentence for sentence in told)
    assert not (tmp_path / "out/reference").exists()
    assert "reference/" not in text(tmp_path / "out/index.html")


def test_every_page_describes_itself_in_one_line(site):
    for path in site.glob("*.html"):
        (said,) = re.findall('<meta name="description" content="([^"]*)">', text(path))
        assert 10 < len(said) <= 160
    assert 'content="This shows a."' in text(site / "01_a.html")


def test_code_and_settings_stand_folded_at_the_end(site):
    page = text(site / "01_a.html")
    shown, _, made = page.partition('<details class="end made">')
    assert "confidence_level" in made
    assert "confidence_level" not in shown
    assert "shade = " in made


def test_the_index_tells_each_answer_and_every_page_the_search_date(root, tmp_path, monkeypatch):
    from lupuscart.site import pages as module

    records = module.read_manifest
    search = {"until": "2026-11-20", "sentence_en": "Looked for in PubMed."}
    answers = {"01_one": ["Twelve of 15.", "Second."], "02_one": ["Not known."]}

    def with_answers(folder):
        return {name: {**r, "answer": answers[name]} for name, r in records(folder).items()}

    monkeypatch.setattr(module, "read_manifest", with_answers)
    monkeypatch.setattr(module, "search_behind", lambda notebooks, given: search)
    write_pages(root=root, output=tmp_path / "out", progress=False)
    index = text(tmp_path / "out" / "index.html")
    box = index.partition('id="in-short"')[2].partition("</section>")[0]
    said = re.findall("<li>(.*)</li>", box)
    assert [re.sub("<[^>]+>", "", line) for line in said] == [
        "Is a so? Twelve of 15.",
        "Is b so? Not known.",
    ]
    told = index.partition('class="questions"')[2]
    assert re.findall("<p>(Twelve of 15|Second|Not known)", told) == ["Twelve of 15", "Not known"]
    assert "Looked for in PubMed." in index
    assert all("20 November 2026" in text(path) for path in (tmp_path / "out").glob("*.html"))


def test_neighbours_are_linked(site):
    assert 'rel="next" href="02_b.html"' in text(site / "01_a.html")
    assert 'rel="prev" href="01_a.html"' in text(site / "02_b.html")


def test_no_path_of_this_machine_is_told(site, root):
    for path in site.rglob("*.html"):
        assert str(root.parent) not in text(path)


def test_the_same_input_gives_the_same_bytes(site, root, tmp_path):
    write_pages(root=root, output=tmp_path / "again", progress=False)
    files = [p.relative_to(site) for p in site.rglob("*") if p.is_file()]
    assert len(files) > 15
    assert [
        f for f in files if (site / f).read_bytes() != (tmp_path / "again" / f).read_bytes()
    ] == []


def test_the_settings_are_told_and_the_site_speaks_their_language(root, tmp_path):
    own = root / "data" / "trials.csv"
    given = {"language": "zh", "trials_csv": own}
    write_pages(["01"], root=root, parameters=given, output=tmp_path / "zh", progress=False)
    page = text(tmp_path / "zh" / "01_a.html")
    assert '<html lang="zh-Hans">' in page
    assert "language = zh, trials_csv = trials.csv" in page
    assert "病例数少" in text(tmp_path / "zh" / "index.html")
    # A notebook that was not asked for has no page to link to.
    assert broken_links(tmp_path / "zh") == []


@pytest.mark.parametrize("own", ["out", "out/a/mine.txt"])
def test_a_folder_of_the_users_own_is_refused_before_anything_runs(
    root, tmp_path, monkeypatch, own
):
    monkeypatch.setattr("lupuscart.site.site.run_notebooks", lambda *a, **k: pytest.fail("it ran"))
    path = tmp_path / own
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine")
    with pytest.raises(ValueError, match=r"holds a(/mine\.txt| file of that name)"):
        write_pages(root=root, output=tmp_path / "out")
    assert path.read_text() == "mine"


def test_a_folder_in_a_folder_that_is_missing_is_refused(root, tmp_path):
    with pytest.raises(ValueError, match="a folder inside an existing one"):
        write_pages(root=root, output=tmp_path / "a" / "b")


@pytest.mark.parametrize("name", ["theme", "them"])
def test_a_parameter_that_pages_do_not_take_is_refused(root, name):
    with pytest.raises(ValueError, match=name):
        write_pages(root=root, parameters={name: "dark"})


def test_an_earlier_site_is_replaced_whole_unless_something_was_added(root, tmp_path):
    output = tmp_path / "out"
    output.mkdir()
    write_pages(["01", "02"], root=root, output=output, progress=False)
    write_pages(["01"], root=root, output=output, progress=False)
    assert not (output / "02_b.html").exists()
    assert not (output / "figures/02_one.svg").exists()
    (output / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"holds notes\.txt"):
        write_pages(["01"], root=root, output=output)
    assert (output / LIST_OF_FILES).exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def pages_killed(step, moment, arguments):
    """Run `lupuscart pages` where two folders cannot be exchanged in one step, and be killed.

    That is at the n-th renaming of a folder, before or after it. To be called in a process that
    is a copy of this one.
    """
    rename, folders = Path.rename, 0

    def rename_and_die(path, target):
        nonlocal folders
        folder = path.is_dir()
        folders += folder
        if folder and folders == step and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        rename(path, target)
        if folder and folders == step:
            os.kill(os.getpid(), signal.SIGKILL)

    Path.rename = rename_and_die
    atomic._swap = lambda new, place: False
    os._exit(main(["pages", *arguments]))


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
@pytest.mark.parametrize(
    ("step", "moment", "next_output"),
    [
        (1, "before", "out"),
        (1, "after", "out"),
        (1, "after", "another"),
        (2, "before", "another"),
        (2, "after", "out"),
    ],
)
def test_a_killed_run_loses_no_site_whichever_site_is_written_next(
    root, tmp_path, monkeypatch, step, moment, next_output
):
    monkeypatch.chdir(root)
    output = tmp_path / "out"
    write_pages(["01", "02"], root=root, output=output, progress=False)
    earlier = contents(output)
    arguments = ["01", "--quiet", "--output", str(output)]
    forked = multiprocessing.get_context("fork")
    killed = forked.Process(target=pages_killed, args=(step, moment, arguments))
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL

    def fail(*_, **__):
        raise RuntimeError("a page failed")

    # The next runs fail after they have cleaned up: what stands then is what a reader has.
    monkeypatch.setattr("lupuscart.site.site.run_notebooks", fail)
    for name in (next_output, "out"):
        with pytest.raises(RuntimeError, match="a page failed"):
            write_pages(["01"], root=root, output=tmp_path / name, progress=False)
    found = contents(output)
    if (step, moment) in ((1, "before"), (1, "after"), (2, "before")):
        assert found == earlier
    else:
        assert Path("02_b.html") not in found
        assert broken_links(output) == []
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("cell", "error"),
    [
        ("raise ValueError('no such cohort')", NotebookError),
        ("from IPython.display import display_png\ndisplay_png(b'', raw=True)", ValueError),
    ],
)
def test_a_page_that_fails_leaves_the_folder_as_it_was(tmp_path, cell, error):
    root = make_root(tmp_path / "root")
    add_page(root, "01_a.ipynb", "01_one", cell)
    output = tmp_path / "out"
    output.mkdir()
    with pytest.raises(error, match=r"01_a\.ipynb"):
        write_pages(root=root, output=output, progress=False)
    assert list(output.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "root"]
    if error is NotebookError:
        assert (root / "build/site/en/light/notebooks/01_a.ipynb").exists()


def test_the_command_says_what_to_open(root, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(root)
    assert main(["pages", "01", "--output", str(tmp_path / "out")]) == 0
    told = f"4 pages in {tmp_path}/out: open {tmp_path}/out/index.html"
    assert capsys.readouterr().out.splitlines()[-1] == told
    assert main(["pages", "01", "--theme", "dark"]) == 1
    assert "a page has both" in capsys.readouterr().err
