"""How far a number or a setting has to go: few files, and no table read twice."""

import sys
from pathlib import Path

import pytest
from conftest import ROOT
from pages_in_process import run_page

from lupuscart.cli import make_parser
from lupuscart.commands.options import given_parameters
from lupuscart.data import tables
from lupuscart.data.sheet import Sheet
from lupuscart.notebooks.parameters import check_parameters
from lupuscart.notebooks.project import find_notebooks, read_notebook

PACKAGE = str(ROOT / "src" / "lupuscart")
LEVEL = 0.9137  # nobody else's number


def _is_given(value) -> bool:
    if isinstance(value, dict):
        return any(map(_is_given, value.values()))
    return isinstance(value, float | str) and value in (LEVEL, str(LEVEL))


def _files_that_take_it(run) -> set[str]:
    files = set()

    def watch(frame, event, _):
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(PACKAGE):
            names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
            if any(_is_given(frame.f_locals[name]) for name in names):
                files.add(str(Path(code.co_filename).relative_to(PACKAGE)))

    sys.setprofile(watch)
    try:
        run()
    finally:
        sys.setprofile(None)
    return files


def test_the_confidence_level_passes_twelve_files_from_the_command_line_to_figure_02():
    def command():
        options = make_parser().parse_args(["figures", "02", "--confidence-level", str(LEVEL)])
        notebooks = [read_notebook(path) for path in find_notebooks(ROOT, ["02"])]
        check_parameters(notebooks, given_parameters(options))

    def page():
        run_page("02_response", ROOT / "data" / "trials.csv", confidence_level=LEVEL)

    passed = _files_that_take_it(command) | _files_that_take_it(page)
    assert "findings/response.py" in passed
    assert len({*passed, "cli.py", "commands/options.py", "02_response.ipynb"}) <= 12


@pytest.mark.parametrize("page", ["01_trials", "04_safety"])
def test_a_page_parses_each_table_once(page, monkeypatch):
    parsed, read = [], Sheet.__init__

    def count(sheet, table, *arguments, **options):
        parsed.append(table)
        read(sheet, table, *arguments, **options)

    for cache in (tables._examine, tables._check, tables._define):
        cache.cache_clear()
    monkeypatch.setattr(Sheet, "__init__", count)
    run_page(page, "data/trials.csv", draw=False)
    assert {"trials", "studies"} <= set(parsed)
    assert sorted(parsed) == sorted(set(parsed))
