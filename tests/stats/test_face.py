"""The public names of the statistics: each is there, and is loaded once it is asked for."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from lupuscart import stats


@pytest.mark.parametrize("name", stats.__all__)
def test_a_public_name_is_that_of_its_module(name):
    assert getattr(stats, name) is getattr(import_module(stats._HOMES[name]), name)
    assert name in dir(stats)


def test_editors_are_told_the_same_names_as_python():
    tree = ast.parse(Path(stats.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    told = {each.name: line.module for line in block.body for each in line.names}
    assert told == stats._HOMES
    assert sorted(told) == stats.__all__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'wald'"):
        stats.wald  # noqa: B018


def test_who_checks_a_table_does_not_wait_for_scipy():
    code = "import sys, lupuscart.stats, lupuscart.data.tables; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
