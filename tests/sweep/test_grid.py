"""A grid is read as values only, and refused whole."""

import sys

import pytest
import yaml
from drawn import examples
from hypothesis import assume, given
from hypothesis import strategies as st
from tiny_collection import add_notebook

from lupuscart.notebooks.parameters import check_parameters
from lupuscart.notebooks.project import read_notebook
from lupuscart.sweep.grid import Grid, read_grid
from lupuscart.sweep.targets import find_targets


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
        ("day: !!timestamp 2025-01-01\n", "line 1: .*timestamp"),
        ("n: !!int 1_0\n", "line 1: '1_0' is no int"),
        ("n: !!float 1:1\n", "line 1: '1:1' is no float"),
        ("flag: !!bool yes\n", "line 1: 'yes' is no bool"),
        pytest.param(f"m: 1\nn: {'9' * 5000}\n", "line 2: a number of 5,000 digits", id="long"),
        ("n: 1e400\n", "n holds inf"),
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


def form(pattern):
    return st.from_regex(pattern, fullmatch=True)


# What YAML 1.1, YAML 1.2, Python or a reader may each take for something else.
SCALARS = st.one_of(
    form(r"[-+]?[0-9]{1,3}(:[0-9]{1,2}){1,2}(\.[0-9]+)?"),  # base 60, a ratio, a time
    form(r"[-+]?[0-9_]{1,6}(\.[0-9_]{0,4})?"),
    form(r"[-+]?0[xob]?_?[0-9a-fA-F]{1,4}"),
    form(r"[-+]?([0-9]{0,4}\.?[0-9]{0,4})([eE][-+]?[0-9]{0,3})?"),
    form(r"[-+]?\.?(inf|nan|infinity)").flatmap(
        lambda text: st.sampled_from([text, text.upper(), text.title()])
    ),
    st.sampled_from(
        ["yes", "no", "on", "off", "y", "n", "true", "false", "null", "~", "="]
    ).flatmap(lambda text: st.sampled_from([text, text.upper(), text.title(), text.swapcase()])),
    form(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(T[0-9:]{5})?"),
    form(r"[０-９٠-٩]{1,3}|[0-9]{1,3}[%/][0-9]{0,3}"),
    st.sampled_from(["9" * 300, "9" * 400, "0" * 400, "9" * 5000, "." + "9" * 5000]),
    st.text("0123456789+-._:eExXobynaNfTrusYO", min_size=1, max_size=8),
)
REFUSED = object()


def is_plain(text):
    """Whether YAML takes all of it for one scalar without quotes."""
    try:
        node = yaml.compose(f"a: [{text}]", Loader=yaml.BaseLoader).value[0][1].value
    except yaml.YAMLError:
        return False
    return [(each.value, getattr(each, "style", "")) for each in node] == [(text, None)]


def ask(function, *arguments, **options):
    try:
        return function(*arguments, **options)
    except ValueError:
        return REFUSED


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    root = tmp_path_factory.mktemp("grid")
    (root / "notebooks").mkdir()
    (root / "data").mkdir()
    (root / "data" / "trials.csv").touch()
    defaults = 'figures_dir = ""\nwhole = 5\nreal = 0.5\nflag = False\ntext = "all"\n'
    return read_notebook(add_notebook(root, "01_a.ipynb", parameters=defaults))


@given(text=SCALARS)
@examples(150, times=10)
def test_a_value_is_what_it_is_on_the_command_line(page, text):
    assume(is_plain(text))
    path = page.path.parent / "grid.yaml"

    def by_grid(name, written):
        path.write_text(f"{name}: [{written}]\n", encoding="utf-8")
        [target] = find_targets(["01"], read_grid(path), root=page.path.parents[1])
        return target.grid.parameters[name][0]

    def by_command(name):
        return check_parameters([page], {name: text})[page.name][name]

    for name in ("whole", "real", "flag"):
        assert ask(by_grid, name, text) == ask(by_command, name), name
    assert ask(by_grid, "text", text) in (text, REFUSED)
    assert ask(by_grid, "text", f"'{text}'") == text == by_command("text")


@given(text=SCALARS)
@examples(150, times=10)
def test_a_function_is_given_the_numbers_of_the_command_line_and_no_text(page, text):
    assume(is_plain(text))
    path = page.path.parent / "plan.yaml"
    path.write_text(f"rate: [{text}]\ntrue_rate: 0.01\n", encoding="utf-8")

    def by_grid():
        [target] = find_targets(["planning.no_event_plan"], read_grid(path))
        return target.grid.parameters["rate"][0]

    number = ask(lambda: check_parameters([page], {"real": text})[page.name]["real"])
    found = ask(by_grid)
    # A truth value and a number beyond all floats are the function's to refuse.
    beyond = isinstance(found, bool) or (isinstance(found, int) and found > 10**308)
    assert number is REFUSED if beyond else found is number or float(found) == number


def test_a_ratio_in_words_is_no_ratio(grid_file):
    path = grid_file("p1: 0.95\np2: 0.1\npower: 0.8\ntest: fisher\nratio: [1:1, 2:1]\n")
    with pytest.raises(ValueError, match=r"ratio holds '1:1'; allowed.*numbers.*\n.*'2:1'"):
        find_targets(["planning.sample_size_two_arm"], read_grid(path))


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
