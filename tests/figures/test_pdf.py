"""PDF on demand: vector, with its fonts embedded, the same bytes at every run."""

import pandas as pd
import pypdfium2 as pdfium
import pytest
from tiny_collection import add_notebook, make_root

from lupuscart.atomic import PDF_VARIABLE
from lupuscart.figures import style
from lupuscart.figures.save import save_figure
from lupuscart.notebooks.run import run_notebooks
from lupuscart.reporting.finding import FigureWords

TITLE = {"en": "12 of 15 (80 %; −20 points)", "zh": "系统性红斑狼疮：15 例中 12 例（80%）"}

SAVE = """\
import pandas as pd

from lupuscart.figures import style
from lupuscart.figures.save import save_figure
from lupuscart.reporting.finding import FigureWords

words = FigureWords("One.", "One of one.", [], [], [], None)
save_figure(style.new_figure(), pd.DataFrame({"k": [1]}), "01_one", figures_dir, words=words)
"""


def save(folder, language):
    figure = style.new_figure()
    figure.subplots(subplot_kw={"xticks": [], "yticks": []}).set_title(TITLE[language])
    words = FigureWords(TITLE[language], TITLE[language], [], [], [], None)
    save_figure(figure, pd.DataFrame({"k": [12]}), "one", str(folder), words=words)
    return folder / "one.pdf"


def joined(text):
    """The text without what a line break or a change of font puts between characters."""
    return "".join(text.split())


def test_no_pdf_unless_asked_for(tmp_path, language):
    assert not save(tmp_path, language).exists()


def test_its_text_is_text_and_its_bytes_are_the_same_again(tmp_path, monkeypatch, language):
    monkeypatch.setenv(PDF_VARIABLE, "1")
    path = save(tmp_path, language)
    first = path.read_bytes()
    assert save(tmp_path, language).read_bytes() == first
    assert b"Date" not in first

    document = pdfium.PdfDocument(path)
    (page,) = document
    assert page.get_size() == pytest.approx([72 * inches for inches in style.canvas().size])
    assert "".join(TITLE[language].split()) in "".join(
        page.get_textpage().get_text_bounded().split()
    )
    assert document.get_metadata_dict()["Subject"] == TITLE[language]
    # A font that is not embedded has no file of type 2 or 3, and is of neither type 3.
    embedded = [b"/FontFile2" in first, b"/Subtype /Type3" in first]
    assert embedded == ([True, False] if language == "en" else [False, True])
    assert not any(isinstance(item, pdfium.PdfImage) for item in page.get_objects())


def test_the_runner_asks_for_it_and_removes_it_when_it_is_not(tmp_path, monkeypatch):
    root = make_root(tmp_path / "root")
    add_notebook(root, "01_a.ipynb", SAVE)
    run_notebooks(root=root, progress=False, pdf=True)
    assert (root / "figures" / "01_one.pdf").read_bytes().startswith(b"%PDF")
    # What was left in the user's environment asks for nothing.
    monkeypatch.setenv(PDF_VARIABLE, "1")
    run_notebooks(root=root, progress=False)
    names = {path.name for path in (root / "figures").iterdir()}
    assert names == {"01_one.png", "01_one.svg", "01_one.csv", "figures.json"}
