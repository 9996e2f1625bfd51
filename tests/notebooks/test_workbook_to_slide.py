"""From a workbook to a slide, with the spreadsheet of a person between them."""

import csv
import shutil
import subprocess

import pandas as pd
import pytest
import workbook
from pptx import Presentation

from lupuscart.cli import main
from lupuscart.data import tables
from lupuscart.words import lexicon


@pytest.mark.parametrize("language", lexicon.LANGUAGES)
@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice")
def test_filled_in_saved_by_libreoffice_checked_drawn_and_put_on_a_slide(tmp_path, language):
    """As a person does it: fill in, save, check, draw, put on a slide."""
    made = workbook.new_workbook_in(tmp_path / "new", language)
    fresh = shutil.copy(made, tmp_path / "my-trial.xlsx")
    workbook.fill(fresh, language)
    office = [
        *("soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"),
        *("--convert-to", "xlsx", "--outdir", str(tmp_path / "saved"), str(fresh)),
    ]
    subprocess.run(office, check=True, capture_output=True, timeout=180)
    saved = tmp_path / "saved" / "my-trial.xlsx"
    for load in (tables.load_trials, tables.load_studies, tables.load_benchmarks):
        pd.testing.assert_frame_equal(load(saved), load(fresh))
    assert main(["check-data", str(saved)]) == 0
    given = ["02", "--trials-csv", str(saved), "--language", language, "--quiet"]
    (tmp_path / "drawn").mkdir()
    assert main(["figures", *given, "--figures-dir", str(tmp_path / "drawn")]) == 0
    with open(tmp_path / "drawn" / "02_response_chosen.csv", encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert (row["events"], row["n"]) == ("6", "8")
    deck = tmp_path / "talk.pptx"
    assert main(["slides", *given, "--output", str(deck)]) == 0
    texts = [
        shape.text_frame.text
        for slide in Presentation(str(deck)).slides
        for shape in slide.shapes
        if shape.has_text_frame
    ]
    assert any("Zhang L 2026" in text for text in texts)
