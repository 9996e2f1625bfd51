"""What is imported is declared, what is declared is used, and every licence is listed."""

import ast
import json
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import licences
import pytest
from conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]

# Packages that are never imported by name: the file that uses them, and what stands in it.
USED_AS = {
    "cryptography": ("src/lupuscart/sweep/workers.py", "Security.temporary()"),
    "editables": ("Makefile", "--no-build-isolation --python $(BIN)/python -e ."),
    "hatchling": ("pyproject.toml", 'build-backend = "hatchling.build"'),
    "ipykernel": ("src/lupuscart/kernels/execution.py", 'kernel_name="python3"'),
    "jupyterlab": ("src/lupuscart/commands/lab.py", '"-m", "jupyterlab"'),
    "nbmake": ("benchmarks/bench_rebuild.py", '"--nbmake"'),
    "nbval": ("Makefile", " --nbval "),
    "pytest-xdist": ("Makefile", " --dist loadscope"),
    "ruff": ("Makefile", "/ruff check"),
    "voila": ("src/lupuscart/explore/page.py", '"-m", "voila"'),
}

# Which extras a folder may count on beside the dependencies.
FOLDERS = {
    "src": ("docs", "explore", "sweep"),
    "notebooks": ("explore",),
    "benchmarks": ("test", "bench", "sweep"),
    "tests": tuple(EXTRAS),
    "conftest.py": tuple(EXTRAS),
    "lab": (),
}
OWN = {"lupuscart", "benchmarks", "browser", "conftest"}
OWN |= {path.stem for path in ROOT.glob("tests/**/*") if path.suffix in ("", ".py")}
PROVIDERS = packages_distributions()


def name_of(requirement):
    return re.match(r"[\w.-]+", requirement)[0]


def declared(extras):
    requirements = [*PROJECT["dependencies"], *(each for name in extras for each in EXTRAS[name])]
    return {name_of(requirement) for requirement in requirements}


def sources(folder):
    """The code of each file below `folder`, magics left out."""
    start = ROOT / folder
    for path in [start] if start.is_file() else sorted(start.rglob("*.py")):
        yield path.relative_to(ROOT), path.read_text(encoding="utf-8")
    for path in sorted(start.glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        yield path.relative_to(ROOT), re.sub(r"^%.*$", "", "\n".join(code), flags=re.M)


def modules(code):
    """The top-level modules that code imports, by statement or by pytest.importorskip."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.partition(".")[0]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.importorskip":
            yield node.args[0].value.partition(".")[0]


def imported(folder):
    """Each foreign module that a file of `folder` imports, with the packages that have it."""
    for path, code in sources(folder):
        for module in set(modules(code)) - OWN - sys.stdlib_module_names:
            packages = {each.lower().replace("_", "-") for each in PROVIDERS.get(module, ())}
            yield path.as_posix(), module, packages


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_is_imported_is_declared(folder):
    allowed = declared(FOLDERS[folder])
    found = list(imported(folder))
    assert found
    assert [each for each in found if not each[2] & allowed] == []


def test_what_is_declared_is_used():
    used = {
        package for folder in FOLDERS for *_, packages in imported(folder) for package in packages
    }
    assert sorted(declared(EXTRAS) - used - set(USED_AS)) == []


@pytest.mark.parametrize("package", USED_AS)
def test_what_is_used_without_import_stands_where_it_is_said_to(package):
    file, text = USED_AS[package]
    assert package in declared(EXTRAS)
    assert text in (ROOT / file).read_text(encoding="utf-8")


def test_an_undeclared_import_is_seen():
    """The comparison above can fail."""
    assert set(modules("import requests.sessions\nfrom lxml import etree")) == {"requests", "lxml"}
    assert not declared(EXTRAS) & {"requests", "lxml"}


def test_every_locked_package_is_listed_with_its_licence():
    assert sorted(licences.listed()) == licences.locked()
    assert "None" not in licences.listed().values()


def test_a_listed_licence_is_the_one_that_the_package_names():
    asked = [each for each in licences.locked() if each not in licences.ELSEWHERE]
    installed = {package: licences.licence_of(package) for package in asked}
    assert None not in installed.values()
    assert len(installed) > 100
    listed = licences.listed()
    assert {package: listed[package] for package in installed} == installed
