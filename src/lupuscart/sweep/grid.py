"""The grid of a sweep: each parameter with the values it takes.

Vocabulary
----------
grid
    Parameter name to values. In a file it is YAML, a parameter a line: a list of values, or
    one value that stays the same throughout.
combination
    One value of every parameter. A grid's combinations come in the order of the file, the
    last parameter changing fastest, and are made one by one: a large grid takes no memory.

A file is read as YAML 1.2, and as values only: a tag that would build an object or call a
function is refused, and so are a name that stands twice and anything that is no value of a
parameter. A value is a number here if it is one on a command line, and the same one.
"""

import itertools
import json
import math
import re
import reprlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

from lupuscart.optional import import_extra

__all__ = ["Grid", "as_key", "read_grid"]

# A belief about a rate is a pair, and some functions take a list of such pairs.
_DEEPEST = 2

_TAG = "tag:yaml.org,2002:"

# What a scalar without quotes may be besides text: its form, and how it is read. Numbers are in
# decimal digits, as on a command line: the 0x and 0o of the core schema stay text too.
_CORE = {
    "null": (re.compile(r"(~|null|Null|NULL|)\Z"), lambda text: None),
    "bool": (
        re.compile(r"(true|True|TRUE|false|False|FALSE)\Z"),
        lambda text: text.lower() == "true",
    ),
    "int": (re.compile(r"[-+]?[0-9]+\Z"), int),
    "float": (
        re.compile(
            r"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
            r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z"
        ),
        lambda text: float(re.sub(r"\.(?=[in])", "", text, flags=re.IGNORECASE)),
    ),
}


@dataclass(frozen=True)
class Grid:
    """Parameters and their values.

    Attributes
    ----------
    parameters : dict
        Parameter name to a tuple of values, each different and at least one.

    Examples
    --------
    >>> grid = Grid({"n": (5, 10), "test": ("fisher", "boschloo")})
    >>> grid.size
    4
    >>> next(iter(grid))
    {'n': 5, 'test': 'fisher'}
    >>> grid.only(["n"]).size
    2
    """

    parameters: Mapping[str, tuple]

    @property
    def size(self) -> int:
        """How many combinations there are; a whole number of any length."""
        return math.prod(len(values) for values in self.parameters.values())

    def __iter__(self) -> Iterator[dict]:
        names = list(self.parameters)
        for combination in itertools.product(*self.parameters.values()):
            yield dict(zip(names, combination, strict=True))

    def only(self, names: Iterable[str]) -> "Grid":
        """Return the grid of those of its parameters that are among `names`."""
        wanted = set(names)
        return Grid({name: values for name, values in self.parameters.items() if name in wanted})


def as_key(*values) -> str:
    """Return one text for plain values; equal values of equal types have the same text.

    Examples
    --------
    >>> as_key("02_response", {"study": "x", "level": 0.9})
    '["02_response",{"level":0.9,"study":"x"}]'
    """
    return json.dumps(
        values, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )


def read_grid(path) -> Grid:
    """Read a grid from a YAML file.

    Parameters
    ----------
    path : path
        A mapping of parameter names to a value or a list of values. The value of a parameter
        that is itself a list stands in a list of lists.

    Returns
    -------
    Grid

    Raises
    ------
    ValueError
        If the file cannot be read, is not YAML, holds anything but names with values, or a
        name or a value twice; all problems of its values at once.
    """
    content = _load(Path(path))
    if content is None or content == {}:
        raise ValueError(f"{path} is empty; allowed: a parameter a line, such as n1: [10, 15, 20]")
    if not isinstance(content, dict):
        raise ValueError(
            f"{path} holds {_short(content)}; allowed: a parameter a line, such as n1: [10, 15, 20]"
        )
    problems = [problem for name in content for problem in _problems(name, content[name])]
    if problems:
        raise ValueError("\n".join(f"{path}: {problem}" for problem in problems))
    return Grid({name: tuple(_as_list(values)) for name, values in content.items()})


def _load(path: Path):
    yaml = import_extra("yaml", "sweep")
    try:
        return yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_loader())
    except OSError as error:
        raise ValueError(f"the grid {str(path)!r} cannot be read ({error.strerror})") from None
    except yaml.constructor.ConstructorError as error:
        line = error.problem_mark.line + 1
        raise ValueError(
            f"{path}, line {line}: {error.problem}; allowed: plain values only, each name once"
        ) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ValueError(f"{path}, line {line}, is not YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{path} is not YAML in UTF-8: {reason}") from None


@cache
def _loader():
    """Return a loader of YAML 1.2's core schema that refuses a name which stands twice.

    PyYAML reads YAML 1.1, where 1:1 is 61, 010 is 8, 1_0 is 10, yes is true and 2025-01-01 a
    date. Here they are what they are on a command line: text, and 010 is ten.
    """
    yaml = import_extra("yaml", "sweep")

    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers: ClassVar = {}
        yaml_constructors: ClassVar = {
            f"{_TAG}{kind}": yaml.SafeLoader.yaml_constructors[f"{_TAG}{kind}"]
            for kind in ("map", "seq", "str")
        } | {None: yaml.SafeLoader.construct_undefined}

        def construct_mapping(self, node, deep=False):
            names = [self.construct_object(key, deep=True) for key, _ in node.value]
            for place, (key, _) in enumerate(node.value):
                if (name := names[place]) in names[:place]:
                    raise _refusal(f"{name!r} stands twice", key)
            return super().construct_mapping(node, deep)

        def construct_core(self, node):
            """Read a scalar, by an explicit tag too, as its form allows and no other."""
            pattern, read = _CORE[node.tag.removeprefix(_TAG)]
            text = self.construct_scalar(node)
            if not pattern.match(text):
                raise _refusal(f"{_short(text)} is no {node.tag.removeprefix(_TAG)}", node)
            try:
                return read(text)
            except ValueError:  # Python's own limit
                raise _refusal(f"a number of {len(text):,} digits", node) from None

    def _refusal(problem, node):
        return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)

    for kind, (pattern, _) in _CORE.items():
        Loader.add_implicit_resolver(f"{_TAG}{kind}", pattern, None)
        Loader.add_constructor(f"{_TAG}{kind}", Loader.construct_core)
    return Loader


def _problems(name, values) -> Iterator[str]:
    if not isinstance(name, str):
        yield f"{_short(name)} is no name of a parameter; allowed: text"
        return
    values = _as_list(values)
    if not values:
        yield f"{name} has no values; allowed: at least one"
    seen = set()
    for value in values:
        if not _is_plain(value, _DEEPEST):
            yield (
                f"{name} holds {_short(value)}; allowed: finite numbers, text, true, false, and "
                "lists of these"
            )
        elif as_key(value) in seen:
            yield f"{name} holds {_short(value)} twice; allowed: each value once"
        else:
            seen.add(as_key(value))


def _as_list(values) -> list:
    return values if isinstance(values, list) else [values]


def _is_plain(value, deepest: int) -> bool:
    if isinstance(value, list):
        return deepest > 0 and all(_is_plain(item, deepest - 1) for item in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, bool | int | str)


def _short(value) -> str:
    """A value as it is shown in an error, however large or nested it is."""
    short = reprlib.Repr()
    short.maxlevel = 2
    return short.repr(value)
