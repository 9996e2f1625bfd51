"""Finding the collection, its notebooks and their parameters."""

import json

import pytest
from tiny_collection import add_notebook, make_root

from lupuscart.notebooks.project import find_notebooks, find_root, read_notebook


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = make_root(tmp_path_factory.mktemp("collection") / "root")
    for name in ("01_trials.ipynb", "02_response.ipynb", "02_second.ipynb", "draft.ipynb"):
        add_notebook(root, name)
    return root


def names(paths):
    return [path.name for path in paths]


def test_root_is_found_from_any_folder_inside(root, monkeypatch):
    monkeypatch.chdir(root / "notebooks")
    assert find_root() == root
    assert find_root(root / "data") == root
    assert find_root(root) == root


def test_no_root_says_what_one_is(tmp_path):
    (tmp_path / "notebooks").mkdir()
    with pytest.raises(ValueError, match=r"holds notebooks/ and data/trials\.csv"):
        find_root(tmp_path)


def test_default_is_every_numbered_notebook(root):
    assert names(find_notebooks(root)) == [
        "01_trials.ipynb",
        "02_response.ipynb",
        "02_second.ipynb",
    ]


@pytest.mark.parametrize(
    "name", ["01", "01_trials", "01_trials.ipynb", "notebooks/01_trials.ipynb"]
)
def test_a_notebook_has_several_names(root, name, monkeypatch):
    monkeypatch.chdir(root)
    assert names(find_notebooks(root, [name])) == ["01_trials.ipynb"]


def test_order_is_kept_and_a_notebook_runs_once(root):
    assert names(find_notebooks(root, ["draft", "01", "01_trials"])) == [
        "draft.ipynb",
        "01_trials.ipynb",
    ]


def test_every_wrong_name_is_told_with_what_exists(root):
    with pytest.raises(ValueError) as refused:
        find_notebooks(root, ["02_respons", "07", "elsewhere/01_trials.ipynb", "02"])
    message = str(refused.value)
    assert "'02_respons'; did you mean '02_response'?" in message
    assert "'07'; allowed: 01_trials, 02_response, 02_second, draft" in message
    assert "'elsewhere/01_trials.ipynb'" in message
    assert "'02', which fits several; allowed: one of 02_response, 02_second" in message


def test_no_notebooks(tmp_path):
    root = make_root(tmp_path / "root")
    with pytest.raises(ValueError, match=r"no notebook named like 02_response\.ipynb"):
        find_notebooks(root)
    with pytest.raises(ValueError, match="at least one"):
        find_notebooks(root, [])


def test_defaults_keep_order_and_type(tmp_path):
    root = make_root(tmp_path / "root")
    cell = (
        'a: float = 0.95  # level = 0.9 is usual\nb = -3\nc = "x = 1"\nd = True\ne = ["p", "q"]\n'
    )
    notebook = read_notebook(add_notebook(root, "01_a.ipynb", "b + 1", parameters=cell))
    assert list(notebook.defaults.items()) == [
        ("a", 0.95),
        ("b", -3),
        ("c", "x = 1"),
        ("d", True),
        ("e", ["p", "q"]),
    ]
    assert notebook.name == "01_a.ipynb"
    assert notebook.code.endswith("b + 1")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("n = len('abc')", r"line 2 is \"n = len\('abc'\)\""),
        ("n = None", "line 2 is 'n = None'"),
        ("n = m = 1", "line 2"),
        ("import os", "line 2 is 'import os'"),
        ("n: int", "line 2"),
        ("n = = 1", "line 2: invalid syntax"),
    ],
)
def test_a_parameter_is_a_literal(tmp_path, line, message):
    path = add_notebook(make_root(tmp_path / "root"), "01_a.ipynb", parameters=f"k = 1\n{line}")
    with pytest.raises(ValueError, match=rf"01_a\.ipynb, parameters cell, {message}"):
        read_notebook(path)


@pytest.mark.parametrize(
    "text", ["", "not JSON", "[]", '{"cells": 3}', '{"cells": [{}]}', "\ud800"]
)
def test_a_file_that_is_no_notebook(tmp_path, text):
    path = tmp_path / "01_a.ipynb"
    path.write_bytes(text.encode(errors="surrogatepass"))
    with pytest.raises(ValueError, match=r"01_a\.ipynb is not a Jupyter notebook"):
        read_notebook(path)


def test_exactly_one_parameters_cell(tmp_path):
    path = add_notebook(make_root(tmp_path / "root"), "01_a.ipynb")
    content = json.loads(path.read_text())
    for cells in ([], content["cells"] * 2):
        path.write_text(json.dumps({**content, "cells": cells}))
        with pytest.raises(ValueError, match=f"has {len(cells)} code cells tagged 'parameters'"):
            read_notebook(path)


@pytest.mark.parametrize(("name", "language"), [("ir", "R"), ("julia-1.11", "julia"), ("x", 3)])
def test_a_notebook_of_another_language_is_named_with_its_kernel(tmp_path, name, language):
    path = add_notebook(make_root(tmp_path / "root"), "01_a.ipynb")
    content = json.loads(path.read_text())
    content["metadata"] = {"kernelspec": {"name": name, "language": language}}
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=rf"01_a\.ipynb is for the kernel '{name}', .*a Python"):
        read_notebook(path)
    content["metadata"]["kernelspec"]["language"] = "python"
    path.write_text(json.dumps(content))
    assert read_notebook(path).name == "01_a.ipynb"
