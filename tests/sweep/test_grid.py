"""A grid is read as values only, and refused whole."""

import sys

import pytest

from lupuscart.sweep.grid import Grid, read_grid


@pytest.fixture
def grid_file(tmp_path):
    def write(text):
        path = tmp_path / "grid.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_lists_and_single_values(grid_file):
    grid = read_grid(
        grid_file(
            "n: [5, 10]\nlevel: 1e-3\nstudy: 一\nprior: [[1, 2], [3.5, 4]]\nflag: [true, 0]\n"
        )
    )
    assert grid.parameters["n"] == (5, 10)
    assert grid.parameters["level"] == (0.001,)
    assert grid.parameters["study"] == ("一",)
    assert grid.parameters["flag"] == (True, 0)
    assert grid.parameters["prior"] == ([1, 2], [3.5, 4])


def test_combinations_come_in_the_order_of_the_file(grid_file):
    grid = read_grid(grid_file("b: [2, 1]\na: [x, y]\n"))
    assert [tuple(each.values()) for each in grid] == [(2, "x"), (2, "y"), (1, "x"), (1, "y")]


def test_a_grid_larger_than_memory_is_not_expanded():
    grid = Grid({name: tuple(range(1000)) for name in "abcdefg"})
    assert grid.size == 10**21
    assert next(iter(grid)) == dict.fromkeys("abcdefg", 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; allowed: a parameter a line"),
        ("{}", "is empty"),
        ("- 1\n- 2\n", r"holds \[1, 2\]; allowed: a parameter a line"),
        ("n: [1, 2\nm: 3", "line 2, is not YAML"),
        ("n: [1]\nn: [2]\n", "line 2: 'n' stands twice"),
        ("n: []\n", "n has no values; allowed: at least one"),
        ("n:\n", "n holds None"),
        ("n: {from: 1, to: 9}\n", "n holds {'from': 1, 'to': 9}; allowed: finite numbers"),
        ("n: [1, 2, 1]\n", "n holds 1 twice"),
        ("n: [.nan]\n", "n holds nan"),
        ("n: [.inf]\n", "n holds inf"),
        ("day: 2025-01-01\n", "day holds datetime"),
        ("1: [2]\n", "1 is no name of a parameter"),
        ("n: [[[[1]]]]\n", "n holds"),
        ("n: &a [*a]\n", "n holds"),
        ("? [a]\n: 1\n", "line 1: found unhashable key"),
        (b"n: \xff\n", "is not YAML in UTF-8"),
        (b"n: \x00\n", "is not YAML in UTF-8"),
        ("n: !!python/object/apply:os.system ['touch it_ran']\n", "line 1: .*python/object"),
        ("n: !!python/name:os.system\n", "line 1: .*allowed: plain values only"),
        ("n: !mine 1\n", "line 1: .*!mine"),
    ],
)
def test_anything_but_names_with_values_is_refused(grid_file, tmp_path, monkeypatch, text, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=message) as refused:
        read_grid(grid_file(text))
    assert len(str(refused.value)) < 400
    assert [path.name for path in tmp_path.iterdir()] == ["grid.yaml"]


def test_all_problems_are_told_at_once(grid_file):
    with pytest.raises(ValueError, match=r"(?s)n has no values.*m holds None"):
        read_grid(grid_file("n: []\nm:\n"))


def test_nested_aliases_are_not_written_out(grid_file):
    lines = ["a0: &a0 [x, y]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    with pytest.raises(ValueError, match="a11 holds") as refused:
        read_grid(grid_file("\n".join(lines)))
    assert len(str(refused.value)) < 100_000


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ValueError, match=r"none\.yaml' cannot be read"):
        read_grid(tmp_path / "none.yaml")


def test_without_yaml_the_extra_is_named(grid_file, monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(ValueError, match=r"yaml is not installed.*lupuscart\[sweep\]"):
        read_grid(grid_file("n: [1]\n"))
