"""Imports go down only: the packages of the house, and what each may do."""

import ast
import re

import pytest
from conftest import ROOT

# From the ground up; a package may import from those before it, never from those after it.
GROUND = (
    *("arguments", "optional", "atomic", "locks", "safe_csv", "digests"),
    *("kept", "made", "console"),
)
PACKAGES = (
    "stats",
    "words",
    "data",
    "evidence",
    "figures",
    "reporting",
    "findings",
    "kernels",
    "notebooks",
    "deck",
    "site",
    "explore",
    "sweep",
    "commands",
)
ROOF = ("cli",)
ORDER = (*GROUND, *PACKAGES, *ROOF)
PACKAGE = ROOT / "src/lupuscart"
SOURCES = sorted(PACKAGE.rglob("*.py"))
#: So many modules a reader takes in at a glance.
MODULES = 9


def _name(path):
    """The module in a file, without the package's name."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


def _room(name):
    """The package, or the module of the ground or the roof, that a module belongs to."""
    return name.partition(".")[0]


def _imports(path):
    """Every module that a file imports, at the top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: a relative import"
            yield node.module
            if node.module.startswith("lupuscart"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _own(path):
    """The modules of this package that a file imports."""
    modules = {_name(source) for source in SOURCES}
    names = {name.partition(".")[2] for name in _imports(path) if name.startswith("lupuscart.")}
    return sorted(names & modules)


def test_every_module_has_its_place():
    assert {_room(_name(path)) for path in SOURCES} == {"__init__", *ORDER}


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_imports_go_down_only(path):
    name = _name(path)
    if name == "__init__":
        assert _own(path) == []
        return
    here = ORDER.index(_room(name))
    assert [each for each in _own(path) if ORDER.index(_room(each)) > here] == []


def test_the_map_says_in_their_order_what_each_room_imports():
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)/?` \|[^|]*\|(.*)\|$", text, re.MULTILINE)
    said = {room: re.findall(r"`(\w+)`", imports) for room, imports in rows}
    used = {room: set() for room in (*PACKAGES, *ROOF)}
    for path in SOURCES:
        if (room := _room(_name(path))) in used:
            used[room] |= {_room(each) for each in _own(path)} - {room, *GROUND}
    assert list(said) == list(used)
    assert said == {room: sorted(names, key=ORDER.index) for room, names in used.items()}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_circle_within_a_package(package):
    """Modules of one package import one another in one direction: no circle."""
    inside = {_name(path): path for path in SOURCES if _room(_name(path)) == package}
    # What an __init__ shows it imports from its modules, and they not from it.
    uses = {
        name: {each for each in _own(path) if each in inside and each != package}
        for name, path in inside.items()
    }
    while ready := {name for name, used in uses.items() if not used}:
        uses = {name: used - ready for name, used in uses.items() if name not in ready}
    assert uses == {}


STATISTICS = [path for path in SOURCES if _room(_name(path)) == "stats"]


@pytest.mark.parametrize("path", STATISTICS, ids=_name)
def test_statistics_read_no_file_draw_nothing_and_know_no_words(path):
    outside = {name.partition(".")[0] for name in _imports(path)}
    assert outside.isdisjoint({"matplotlib", "seaborn", "pathlib", "io", "os", "csv", "json"})
    assert {_room(each) for each in _own(path)} <= {"arguments", "stats"}


def test_a_room_is_taken_in_at_a_glance():
    """Nine modules a folder; `findings` has one a page, `commands` one a command."""
    many = {PACKAGE, PACKAGE / "findings", PACKAGE / "commands"}
    for folder in {path.parent for path in SOURCES} - many:
        modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(modules) <= MODULES, folder.name


def test_drawing_does_not_estimate():
    for path in (PACKAGE / "figures").rglob("*.py"):
        assert "stats" not in {_room(each) for each in _own(path)}, path.name


def test_nothing_imports_a_second_of_scipy_stats():
    """`scipy.stats` costs about a second in every page; `scipy.special` has what is needed."""
    for path in SOURCES:
        assert not any(name.startswith("scipy.stats") for name in _imports(path)), path.name
