"""figures.json holds what made each figure, the same on every machine."""

import json

import pytest
from tiny_collection import add_notebook, make_root

from lupuscart.notebooks.manifest import (
    TABLES_LOADED,
    describe_notebook,
    digest,
    read_manifest,
    write_manifest,
)
from lupuscart.notebooks.project import read_notebook


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return make_root(tmp_path_factory.mktemp("collection") / "root")


def describe(root, code, **settings):
    return describe_notebook(read_notebook(add_notebook(root, "01_a.ipynb", code)), settings)


def test_digest_is_of_the_text(tmp_path):
    texts = {
        "newlines": b"k,n\n12,15\n",
        "returns": b"\xef\xbb\xbfk,n\r\n12,15\r\n",
        "other": b"k,n\n11,15\n",
    }
    for name, content in texts.items():
        (tmp_path / name).write_bytes(content)
    # What sha256sum says of the first text.
    expected = "2bd51b5ea582885f84a148c142103201451d300c96b7eaea9a3e703b1771f888"
    assert digest(tmp_path / "newlines") == digest(tmp_path / "returns") == expected
    assert digest(tmp_path / "other") != expected


def test_parameters_are_those_in_effect_with_file_names_for_paths(root, tmp_path):
    table = make_root(tmp_path / "mine") / "data" / "trials.csv"
    table.rename(table.with_name("mine.csv"))
    mine = str(table.with_name("mine.csv"))
    description = describe(root, "load_trials(trials_csv)", trials_csv=mine, confidence_level=0.9)
    assert description["notebook"] == "01_a.ipynb"
    assert description["parameters"] == {
        "trials_csv": "mine.csv",
        "confidence_level": 0.9,
        "language": "en",
        "outcome": "",
        "cohort": "all",
    }
    assert set(description["data"]) == {"mine.csv", "studies.csv", "outcomes.csv"}
    assert str(tmp_path) not in json.dumps(description)


@pytest.mark.parametrize(
    ("code", "tables"),
    [
        ("x = 1", set()),
        ("t = trials.load_trials (trials_csv)", {"trials.csv", "studies.csv", "outcomes.csv"}),
        ("download_trials(x); load_trials_twice(x)", set()),
        (
            "from lupuscart.data.tables import load_reviews as r\nr(x)",
            {"reviews.csv", "outcomes.csv"},
        ),
        ("load_benchmark_studies(trials_csv)", {"benchmark_studies.csv"}),
        (
            "load_claims(x)\nload_reviews(x)",
            {"claims.csv", "studies.csv", "reviews.csv", "outcomes.csv"},
        ),
    ],
)
def test_data_is_what_the_code_loads(root, code, tables):
    data = describe(root, code)["data"]
    assert data == {table: digest(root / "data" / table) for table in tables}


def test_every_loader_is_known():
    from lupuscart.data.tables import __all__

    loaders = {name for name in __all__ if name.startswith("load_")}
    assert loaders == set(TABLES_LOADED)


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
