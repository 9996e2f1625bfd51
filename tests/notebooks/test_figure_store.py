"""A notebook's figures are placed whole and together, or not at all."""

import errno
import json
from pathlib import Path

import pytest
from PIL import Image
from tiny_collection import add_notebook, make_root

from lupuscart.digests import text_digest
from lupuscart.notebooks.figure_store import (
    describe_notebook,
    place_figures,
    read_manifest,
    write_manifest,
)
from lupuscart.notebooks.project import read_notebook


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
        "order": 2,
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


def test_the_digest_of_a_table_is_of_its_text(tmp_path):
    texts = {
        "newlines": b"k,n\n12,15\n",
        "returns": b"\xef\xbb\xbfk,n\r\n12,15\r\n",
        "other": b"k,n\n11,15\n",
    }
    for name, content in texts.items():
        (tmp_path / name).write_bytes(content)
    # What sha256sum says of the first text.
    expected = "2bd51b5ea582885f84a148c142103201451d300c96b7eaea9a3e703b1771f888"
    assert text_digest(tmp_path / "newlines") == text_digest(tmp_path / "returns") == expected
    assert text_digest(tmp_path / "other") != expected


def test_parameters_are_those_in_effect_with_file_names_for_paths(tmp_path):
    root = make_root(tmp_path / "root")
    table = make_root(tmp_path / "mine") / "data" / "trials.csv"
    table.rename(table.with_name("mine.csv"))
    mine = str(table.with_name("mine.csv"))
    notebook = read_notebook(add_notebook(root, "01_a.ipynb"))
    description = describe_notebook(notebook, {"trials_csv": mine, "confidence_level": 0.9})
    assert description["notebook"] == "01_a.ipynb"
    assert description["parameters"] == {
        "trials_csv": "mine.csv",
        "confidence_level": 0.9,
        "language": "en",
        "outcome": "",
        "cohort": "all",
    }
    assert str(tmp_path) not in json.dumps(description)


def test_manifest_is_sorted_text(tmp_path):
    records = {"b": {"notebook": "01_b.ipynb", "alt": "一行"}, "a": {"notebook": "01_a.ipynb"}}
    write_manifest(tmp_path, records)
    text = (tmp_path / "figures.json").read_bytes().decode("utf-8")
    assert text == (
        '{\n  "a": {\n    "notebook": "01_a.ipynb"\n  },\n'
        '  "b": {\n    "alt": "一行",\n    "notebook": "01_b.ipynb"\n  }\n}\n'
    )
    assert read_manifest(tmp_path) == records
    assert [path.name for path in tmp_path.iterdir()] == ["figures.json"]


def test_no_manifest_no_records(tmp_path):
    assert read_manifest(tmp_path) == {}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"a": 1}', '{"a": {"notebook": 1}}', '{"../a": {"notebook": "b"}}']
)
def test_a_manifest_of_something_else_is_refused(tmp_path, text):
    (tmp_path / "figures.json").write_text(text)
    with pytest.raises(ValueError, match=r"figures\.json does not hold records of figures"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("orders", "expected"),
    [({"b": 1, "a": 2, "c": 10}, "bac"), ({}, "abc"), ({"c": 4}, "cab"), ({"a": 9, "b": 2}, "bac")],
)
def test_figures_keep_the_order_in_which_they_were_saved(folders, orders, expected):
    for name in "abc":
        stage(folders, name, **({"order": orders[name]} if name in orders else {}))
    place(folders)
    numbers = {record["order"]: name for name, record in records(folders).items()}
    assert "".join(numbers[number] for number in (1, 2, 3)) == expected


@pytest.mark.parametrize("order", ["1", 1.5, None, [1], True])
def test_an_order_that_is_no_number_is_refused(folders, order):
    stage(folders, "01_one", order=order)
    refused(folders, r"01_one\.json has order .*; allowed: a whole number")
