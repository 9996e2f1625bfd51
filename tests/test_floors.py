"""Imports go down only: the floors of the house, and what each may do."""

import ast

import pytest
from conftest import ROOT

# From the ground up; a module may import from lower floors, and on its own floor
# from those that stand before it.
FLOORS = {
    "ground": ["checks", "extras", "files", "tables", "locks", "words", "style"],
    "data": ["schema", "rules", "trials"],
    "statistics": [
        "exact_limits",
        "intervals",
        "coverage",
        "posteriors",
        "proportions",
        "two_by_two",
        "difference_limits",
        "comparisons",
        "grim",
        "paired",
        "summaries",
        "scores",
        "endpoints",
        "increments",
        "beliefs",
        "benchmark_ratio",
        "benchmark_tables",
        "regimens",
        "conditioning",
        "two_arm",
        "simon",
        "planning",
        "cohort_selection",
        "cohort_likelihood",
        "cohort_posterior",
        "pooling",
    ],
    "words and figures": [
        "labels",
        "sentences",
        "cautions",
        "sources",
        "headlines",
        "figure_words",
        "captions",
        "drawing",
        "evidence_plots",
        "method_plots",
        "planning_plots",
        "rate_plots",
        "scenario_plots",
        "pooling_plots",
        "score_plots",
        "sweep_plots",
        "plots",
    ],
    "interactive": ["scenarios", "explore"],
    "running": [
        "collection",
        "parameters",
        "fork_server",
        "kernels",
        "execution",
        "manifest",
        "placing",
        "freshness",
        "runner",
        "figure_check",
        "refresh",
        "slide_text",
        "slide_tables",
        "slide_template",
        "slide_shapes",
        "slides",
        "explore_page",
        "grid",
        "tasks",
        "targets",
        "journal",
        "pools",
        "tidy",
        "overview",
        "sweep",
        "page_parts",
        "link_check",
        "pages",
    ],
    "roof": [
        "commands.options",
        "commands.figures",
        "commands.slides",
        "commands.check_data",
        "commands.refresh",
        "commands.explore",
        "commands.sweep",
        "commands.pages",
        "cli",
    ],
}
ORDER = [module for floor in FLOORS.values() for module in floor]
PACKAGE = ROOT / "src/lupuscart"
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if path.stem != "__init__")


def _name(path):
    """The module in a file, without the package's name."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


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
    names = [name.partition(".")[2] for name in _imports(path) if name.startswith("lupuscart.")]
    return [name for name in names if name in ORDER]


def test_every_module_has_its_place():
    assert sorted(map(_name, SOURCES)) == sorted(ORDER)


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_imports_go_down_only(path):
    here = ORDER.index(_name(path))
    assert [name for name in _own(path) if ORDER.index(name) >= here] == []


@pytest.mark.parametrize("module", FLOORS["statistics"])
def test_statistics_read_no_file_and_draw_nothing(module):
    path = PACKAGE / f"{module}.py"
    outside = {name.partition(".")[0] for name in _imports(path)}
    assert outside.isdisjoint({"matplotlib", "seaborn", "pathlib", "io", "os", "csv", "json"})
    assert set(_own(path)) <= {"checks", "words", *FLOORS["statistics"]}


def test_figures_do_not_estimate():
    for module in FLOORS["words and figures"]:
        assert set(_own(PACKAGE / f"{module}.py")).isdisjoint(FLOORS["statistics"])


def test_nothing_imports_a_second_of_scipy_stats():
    """`scipy.stats` costs about a second in every page; `scipy.special` has what is needed."""
    for path in SOURCES:
        assert not any(name.startswith("scipy.stats") for name in _imports(path)), path.name
