"""Data without rows for a page: the others are drawn, and the page has one sentence."""

import json
import shutil
from pathlib import Path

import pytest
from folders import another_disease
from pptx import Presentation
from tiny_collection import add_notebook, make_root, save

from lupuscart.cli import main
from lupuscart.evidence.needs import without
from lupuscart.notebooks.figure_store import read_manifest
from lupuscart.notebooks.run import run_notebooks
from lupuscart.words.lexicon import using

pytestmark = pytest.mark.usefixtures("warm_kernels")

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Two pages of the collection, and one of the reader's own beside them."""
    root = make_root(tmp_path / "collection")
    for page in ("02_response", "03_sledai"):
        shutil.copy(NOTEBOOKS / f"{page}.ipynb", root / "notebooks")
    add_notebook(root, "03_mine.ipynb", 'shade = "red"', save("03_mine"))
    (root / "figures").mkdir()
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def trials_csv(tmp_path):
    (tmp_path / "mg").mkdir()
    return another_disease(tmp_path / "mg", "efficacy")


def _asked(trials_csv, language):
    """What page 03 says of these data, and the options of a command."""
    with using(language):
        return without("scores"), ["--trials-csv", str(trials_csv), "--language", language]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_another_disease_is_checked_and_drawn(root, trials_csv, language, capsys):
    sentence, asked = _asked(trials_csv, language)
    assert main(["check-data", str(trials_csv)]) == 0
    assert f"03_sledai: nothing to show: {without('scores')}" in capsys.readouterr().out

    mine = root / "mine"
    mine.mkdir()
    assert main(["figures", *asked, "--figures-dir", str(mine)]) == 0
    shown = capsys.readouterr().out
    assert f"03_sledai: not run: {sentence}" in shown.splitlines()
    assert sorted(read_manifest(mine)) == [
        "02_response_by_endpoint",
        "02_response_chosen",
        "03_mine",
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_another_disease_is_put_on_slides(root, trials_csv, language, capsys):
    sentence, asked = _asked(trials_csv, language)
    assert main(["slides", "02", "03_sledai", *asked, "--output", "mine.pptx"]) == 0
    title = Presentation("mine.pptx").slides[0]
    texts = [shape.text_frame.text for shape in title.placeholders]
    assert sum("03_sledai" in text for text in texts) == 1
    assert sentence in title.notes_slide.notes_text_frame.text
    assert f"03_sledai: not run: {sentence}" in capsys.readouterr().out.splitlines()


def test_another_disease_is_put_on_a_site(root, trials_csv, capsys):
    sentence, asked = _asked(trials_csv, "zh")
    assert main(["pages", "02", "03_sledai", *asked, "--output", "site"]) == 0
    assert capsys.readouterr().out.count("03_sledai: not run") == 1
    for page in ("index.html", "03_sledai.html"):
        assert Path("site", page).read_text("utf-8").count(f"<p>{sentence}</p>") == 1
    assert "02_response_chosen.svg" in Path("site", "02_response.html").read_text("utf-8")


def test_a_deck_and_a_site_of_nothing_say_so(root, trials_csv):
    asked = ["03_sledai", "--trials-csv", str(trials_csv), "--quiet"]
    assert main(["slides", *asked, "--output", "mine.pptx"]) == 0
    assert any("03_sledai" in s.text_frame.text for s in Presentation("mine.pptx").slides[0].shapes)
    assert main(["pages", *asked, "--output", "site"]) == 0
    assert main(["figures", *asked]) == 0


def test_figures_of_other_data_go_and_the_copy_says_why(root, trials_csv):
    names = run_notebooks(["03_sledai"], root=root, progress=False)
    assert names
    told = []
    own = {"trials_csv": str(trials_csv)}
    left = run_notebooks(
        ["03_sledai"], root=root, parameters=own, progress=False, report=told.append
    )
    assert (left, read_manifest(root / "figures")) == ([], {})
    assert told == [f"03_sledai: not run: {without('scores')}"]
    assert not list((root / "figures").glob("03_sledai*"))
    copy = json.loads((root / "build" / "notebooks" / "03_sledai.ipynb").read_text("utf-8"))
    assert copy["cells"][1]["outputs"][0]["data"]["text/markdown"] == without("scores")
    assert run_notebooks(["03_sledai"], root=root, progress=False) == names


def test_what_was_asked_for_and_is_not_there_is_an_error_that_says_what_is(root, capsys):
    assert main(["figures", "02", "-p", "study", "mueller_2024", "--quiet"]) == 1
    assert "role: context" in capsys.readouterr().err
