"""A notebook's figures are placed whole and together, or not at all."""

import errno
import json
from pathlib import Path

import pytest
from PIL import Image

from lupuscart.notebooks.placing import place_figures


@pytest.fixture
def folders(tmp_path):
    """A staging folder, a folder of figures, and a folder with two notebooks."""
    for name in ("staged", "figures", "notebooks"):
        (tmp_path / name).mkdir()
    for name in ("01_a.ipynb", "02_b.ipynb"):
        (tmp_path / "notebooks" / name).touch()
    return tmp_path


SAID = {
    "headline": "12 of 15.",
    "alt": "what is seen",
    "source": ["A 2025, n = 15"],
    "provenance": ["A 2025: 12 of 15."],
    "references": ["A 2025. Journal."],
    "table": {"columns": ["study"], "rows": [["A 2025"]]},
}


def stage(folders, *names, shade=0, **said):
    for name in names:
        sidecar = json.dumps(SAID | said)
        (folders / "staged" / f"{name}.json").write_text(sidecar, encoding="utf-8")
        Image.new("L", (2, 2), shade).save(folders / "staged" / f"{name}.png")
        (folders / "staged" / f"{name}.svg").write_text(f"<svg id='{shade}'/>")
        (folders / "staged" / f"{name}.csv").write_text(f"k\n{shade}\n")


def place(folders, notebook="01_a.ipynb"):
    description = {"notebook": notebook, "parameters": {}, "data": {}}
    return place_figures(
        folders / "staged", folders / "figures", description, folders / "notebooks"
    )


def placed(folders):
    return {path.name: path.read_bytes() for path in (folders / "figures").iterdir()}


def files(*names):
    return {f"{name}.{suffix}" for name in names for suffix in ("png", "svg", "csv")}


def records(folders):
    return json.loads((folders / "figures" / "figures.json").read_text(encoding="utf-8"))


def test_figures_are_moved_and_entered(folders):
    stage(folders, "01_one", "01_two", alt="12 of 15, 一行")
    assert place(folders) == ["01_one", "01_two"]
    assert set(placed(folders)) == files("01_one", "01_two") | {"figures.json"}
    assert records(folders)["01_two"] == {
        "notebook": "01_a.ipynb",
        "parameters": {},
        "data": {},
        **SAID,
        "alt": "12 of 15, 一行",
    }
    assert not any((folders / "staged").iterdir())


def test_a_second_time_replaces_its_own_and_no_other(folders):
    stage(folders, "01_one", "01_old")
    place(folders)
    stage(folders, "02_one")
    place(folders, "02_b.ipynb")
    others = placed(folders)["02_one.csv"]
    stage(folders, "01_one", shade=9)
    place(folders)
    assert set(placed(folders)) == files("01_one", "02_one") | {"figures.json"}
    assert placed(folders)["01_one.csv"] == b"k\n9\n"
    assert placed(folders)["02_one.csv"] == others
    assert set(records(folders)) == {"01_one", "02_one"}


def test_figures_of_a_notebook_that_is_gone_go_too(folders):
    stage(folders, "02_one")
    place(folders, "02_b.ipynb")
    (folders / "notebooks" / "02_b.ipynb").unlink()
    stage(folders, "01_one")
    place(folders)
    assert set(placed(folders)) == files("01_one") | {"figures.json"}


def test_a_file_that_no_record_names_is_left_alone(folders):
    (folders / "figures" / "mine.png").touch()
    stage(folders, "01_one")
    place(folders)
    assert "mine.png" in placed(folders)


def refused(folders, message, notebook="01_a.ipynb"):
    before = placed(folders)
    with pytest.raises(ValueError, match=message):
        place(folders, notebook)
    assert placed(folders) == before


def test_a_figure_without_its_table_is_not_placed(folders):
    stage(folders, "01_one", "01_two")
    (folders / "staged" / "01_two.csv").unlink()
    refused(
        folders,
        r"wrote 01_one\.csv, .*01_two\.svg; allowed: NAME\.png, NAME\.svg, NAME\.csv, NAME\.json",
    )


def test_a_pdf_is_placed_where_there_is_one_and_goes_when_it_is_not_made_again(folders):
    stage(folders, "01_one", "01_two")
    (folders / "staged" / "01_one.pdf").touch()
    place(folders)
    assert set(placed(folders)) == files("01_one", "01_two") | {"01_one.pdf", "figures.json"}
    assert "pdf" not in json.dumps(records(folders))
    stage(folders, "01_one", "01_two")
    place(folders)
    assert "01_one.pdf" not in placed(folders)


def test_a_pdf_without_its_figure_is_not_placed(folders):
    stage(folders, "01_one")
    (folders / "staged" / "01_two.pdf").touch()
    refused(folders, r"01_two\.pdf; allowed")


def test_a_file_of_another_kind_is_not_placed(folders):
    stage(folders, "01_one")
    (folders / "staged" / "notes.txt").touch()
    refused(folders, r"notes\.txt; allowed")


def test_a_figure_without_alt_text_is_not_placed(folders):
    stage(folders, "01_one", alt=" ")
    refused(folders, r"01_one\.json has no alt; allowed: what FigureWords holds")


@pytest.mark.parametrize("text", ["{", "[]", "null"])
def test_a_sidecar_that_says_nothing_is_not_placed(folders, text):
    stage(folders, "01_one")
    (folders / "staged" / "01_one.json").write_text(text)
    refused(folders, r"01_one\.json (is no JSON|has no headline, alt, source)")


def test_a_sidecar_of_an_earlier_run_does_not_stay_beside_a_new_picture(folders):
    (folders / "figures" / "01_one.json").write_text("{}")
    stage(folders, "01_one")
    place(folders)
    assert set(placed(folders)) == files("01_one") | {"figures.json"}


def test_two_notebooks_do_not_make_one_figure(folders):
    stage(folders, "one")
    place(folders)
    stage(folders, "one", shade=9)
    refused(folders, r"figure one is also made by 01_a\.ipynb", notebook="02_b.ipynb")


def test_another_file_system(folders, monkeypatch):
    """There a rename is refused, and the files are copied beside their places first."""
    rename = Path.replace

    def refuse_from_staged(source, target):
        if source.parent == folders / "staged":
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(source, target)

    monkeypatch.setattr(Path, "replace", refuse_from_staged)
    stage(folders, "01_one", shade=7)
    place(folders)
    assert set(placed(folders)) == files("01_one") | {"figures.json"}
    assert placed(folders)["01_one.csv"] == b"k\n7\n"


def test_any_other_trouble_with_a_file_is_not_hidden(folders, monkeypatch):
    def refuse(source, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    stage(folders, "01_one")
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space left"):
        place(folders)
    assert placed(folders) == {}
