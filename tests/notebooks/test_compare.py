"""The figure check finds what differs, and says so in plain words."""

import base64
import io
import json

import nbformat
import pytest
from PIL import Image
from tiny_collection import LOAD, add_notebook, make_root, save

from lupuscart.notebooks.compare import (
    PIXEL_TOLERANCE,
    check_figures,
    compare_figures,
    compare_pictures,
)
from lupuscart.notebooks.refresh import refresh_notebook
from lupuscart.notebooks.run import run_notebooks

pytestmark = pytest.mark.usefixtures("warm_kernels")


@pytest.fixture
def folders(tmp_path):
    """Two equal folders of one figure."""
    for name in ("kept", "made"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "one.csv").write_bytes(b"study,k,note\nfeng,12,a\nwang,5,b\n")
        (folder / "one.svg").write_bytes(b"<svg/>")
        Image.new("RGB", (20, 10), (100, 100, 100)).save(folder / "one.png")
        record = {"notebook": "01_a.ipynb", "parameters": {"language": "en"}, "alt": "x"}
        (folder / "figures.json").write_text(json.dumps({"one": record}))
    return tmp_path / "kept", tmp_path / "made"


def test_equal_folders(folders):
    assert compare_figures(*folders) == []


def test_hidden_files_and_pdfs_do_not_count(folders):
    (folders[0] / ".DS_Store").touch()
    (folders[0] / "one.pdf").touch()
    assert compare_figures(*folders) == []


def test_missing_and_extra(folders):
    kept, made = folders
    (kept / "one.png").rename(kept / "two.png")
    assert compare_figures(kept, made) == [
        "one.png is missing",
        "two.png is extra: no notebook makes it",
    ]
    assert len(compare_figures(kept / "nowhere", made)) == 4


@pytest.mark.parametrize(
    ("table", "difference"),
    [
        (b"study,k,note\nfeng,11,a\nwang,5,b\n", "has row 1 (feng), column k: '11'; made: '12'"),
        (
            b"study,k,note\nfeng,12,a\nwang,4,c\n",
            "has row 2 (wang), column k: '4'; made: '5'; 2 cells differ",
        ),
        (b"study,k,note\nfeng,12,a\nwang,5\n", "has row 2 (wang), column note: ''; made: 'b'"),
        (b"study,k,note\nfeng,12,a\n", "has another number of rows: 1; made: 2"),
        (
            b"study,n,note\nfeng,12,a\nwang,5,b\n",
            "has columns study, n, note; made: study, k, note",
        ),
        (b"", "has columns ; made: study, k, note"),
        (b"\xff\xfe", "has columns \ufffd\ufffd; made: study, k, note"),
        (
            b"study,k,note\r\nfeng,12,a\r\nwang,5,b\r\n",
            "has the same cells, written otherwise (line ends or quotes)",
        ),
    ],
)
def test_a_changed_table(folders, table, difference):
    (folders[0] / "one.csv").write_bytes(table)
    for exact_pictures in (True, False):
        found = compare_figures(*folders, exact_pictures=exact_pictures)
        assert found == [f"one.csv {difference}"]


def test_a_changed_record(folders):
    path = folders[0] / "figures.json"
    path.write_text(path.read_text().replace('"en"', '"zh"').replace('"alt"', '"old"'))
    assert compare_figures(*folders) == [
        "figures.json has one, alt: nothing; made: x; one, old: x; made: nothing; "
        "one, parameters, language: zh; made: en"
    ]
    path.write_text("{")
    assert compare_figures(*folders) == ["figures.json is not JSON"]


def test_a_changed_record_is_told_by_the_place_inside_lists(folders):
    said = {"source": ["a"], "references": [], "table": {"rows": [["a", "12"]]}}
    other = {"source": ["a", "b"], "references": None, "table": {"rows": [["a", "11"]]}}
    for folder, each in zip(folders, (said, other), strict=True):
        (folder / "figures.json").write_text(json.dumps({"one": each}))
    assert compare_figures(*folders) == [
        "figures.json has one, references: []; made: None; one, source, 2: nothing; made: b; "
        "one, table, rows, 1, 2: 12; made: 11"
    ]


def test_pictures_to_the_byte_where_they_are_exact(folders):
    (folders[0] / "one.svg").write_bytes(b"<svg />")
    with Image.open(folders[1] / "one.png") as picture:
        picture.save(folders[0] / "one.png", compress_level=0)
    assert compare_figures(*folders, exact_pictures=True) == [
        "one.png is another picture",
        "one.svg is another picture",
    ]
    assert compare_figures(*folders, exact_pictures=False) == []


@pytest.mark.parametrize(("shift", "same"), [(1, True), (2, False), (155, False)])
def test_pictures_by_their_pixels_elsewhere(folders, shift, same):
    # Three of the four channels move, all by as much: the RMS is shift * sqrt(3/4).
    assert (shift * 0.75**0.5 <= PIXEL_TOLERANCE) == same
    Image.new("RGB", (20, 10), (100 + shift,) * 3).save(folders[0] / "one.png")
    found = compare_figures(*folders, exact_pictures=False)
    if same:
        assert found == []
    else:
        (difference,) = found
        assert difference.startswith(f"one.png is another picture (RMS {shift * 0.75**0.5:.1f};")


def test_pictures_of_another_size(folders):
    Image.new("RGB", (10, 10)).save(folders[0] / "one.png")
    assert compare_figures(*folders, exact_pictures=False) == [
        "one.png has 10 x 10 pixels; made: 20 x 10"
    ]


def test_one_changed_count_in_the_data_is_seen(tmp_path):
    root = make_root(tmp_path / "root")
    count = "shade = int(trials['events'].iloc[0])"
    add_notebook(root, "01_a.ipynb", LOAD, count, save("01_one"))
    run_notebooks(root=root, progress=False)
    assert check_figures(root, progress=False) == []

    table = root / "data" / "trials.csv"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace(",12,15,", ",11,15,", 1), encoding="utf-8")
    differences = check_figures(root, progress=False)
    assert differences[0] == "01_one.csv has row 1 (11), column events: '12'; made: '11'"
    assert differences[-1].startswith("figures.json has 01_one, data, trials.csv: ")
    assert (root / "figures" / "01_one.csv").read_text() == "events,level\n12,0.95\n"


def picture(shade, words=None, kind="image/png"):
    """Return the output of a cell that shows a picture of one shade."""
    content = f"<svg id='{shade}'/>"
    if kind == "image/png":
        buffer = io.BytesIO()
        Image.new("RGB", (20, 10), (shade, shade, shade)).save(buffer, "png")
        content = base64.b64encode(buffer.getvalue()).decode()
    return nbformat.v4.new_output(
        "display_data", data={kind: content, "text/plain": "<Figure>"}, metadata=words or {}
    )


def notebook(path, *outputs, injected=False):
    cells = [nbformat.v4.new_code_cell("a = 1", metadata={"tags": ["parameters"]})]
    if injected:
        cells += [nbformat.v4.new_code_cell("a = 2", metadata={"tags": ["injected-parameters"]})]
    cells += [nbformat.v4.new_markdown_cell("text")]
    cells += [nbformat.v4.new_code_cell("show()", outputs=list(each)) for each in outputs]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture
def executed(tmp_path):
    copy = tmp_path / "executed.ipynb"
    return notebook(copy, [picture(1, {"alt": "one"})], [picture(2)], injected=True)


@pytest.mark.parametrize("exact", [True, False])
def test_stored_pictures_are_compared(tmp_path, executed, exact):
    def differences(*outputs):
        stored = notebook(tmp_path / "02_a.ipynb", *outputs)
        return compare_pictures(stored, executed, exact_pictures=exact)

    one, two = [picture(1, {"alt": "one"})], [picture(2)]
    assert differences(one, two) == []
    # Those of another page, of another cell, with other words, as another kind, none at all.
    other = ["02_a.ipynb, In [3], has another picture stored than it makes"]
    assert differences(one, [picture(99)]) == other
    assert len(differences([picture(99, {"alt": "one"})], two)) == 1
    assert len(differences([picture(2)], [picture(1, {"alt": "one"})])) == (4 if exact else 2)
    said = "02_a.ipynb, In [2], says of a picture {'alt': 'wrong'}; made: {'alt': 'one'}"
    assert differences([picture(1, {"alt": "wrong"})], two) == [said]
    assert differences(one, [picture(2, kind="image/svg+xml")]) == other
    assert differences(one, []) == ["02_a.ipynb, In [3], has 0 pictures stored; made: 1"]


def test_the_check_sees_another_pages_picture(tmp_path):
    root = make_root(tmp_path / "root")
    show = "from PIL import Image\n\nImage.new('RGB', (20, 10), (SHADE, 0, 0))"
    for number, shade in (("01", "1"), ("02", "200")):
        cells = ["shade = 1", save(f"{number}_one"), show.replace("SHADE", shade)]
        add_notebook(root, f"{number}_a.ipynb", *cells)
    run_notebooks(root=root, progress=False)
    for name in ("01_a", "02_a"):
        refresh_notebook(root / "notebooks" / f"{name}.ipynb")
    assert check_figures(root, progress=False) == []
    first, second = (root / "notebooks" / f"{name}.ipynb" for name in ("01_a", "02_a"))
    pages = [nbformat.read(path, as_version=4) for path in (first, second)]
    pages[0].cells[-1].outputs[0].data["image/png"] = (
        pages[1].cells[-1].outputs[0].data["image/png"]
    )
    nbformat.write(pages[0], first)
    assert check_figures(root, progress=False) == [
        "01_a.ipynb, In [4], has another picture stored than it makes"
    ]
