"""What is swept: notebooks of the collection, and functions of `lupuscart.stats.planning`.

Vocabulary
----------
target
    One notebook or function with the part of the grid that it takes: a parameter goes to every
    target that declares it, and a target without it does not run again for its values.

Everything is checked before anything runs: names against what the targets declare, values
against the types of a notebook's defaults and against its tables. What a function makes of a
value is left to the function; a combination that it refuses fails alone.
"""

import hashlib
import inspect
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lupuscart.arguments import check_choice
from lupuscart.data.tables import tables_as_text
from lupuscart.notebooks.parameters import CHECKS, as_type_of, load_checked, trials_path
from lupuscart.notebooks.project import Notebook, find_notebooks, find_root, read_notebook
from lupuscart.stats import planning
from lupuscart.sweep.grid import Grid, as_key
from lupuscart.sweep.tasks import FunctionCode, NotebookCode, Task

__all__ = ["FUNCTIONS", "Target", "find_targets"]

_PREFIX = "planning."

# They show how far the work is, or write: the sweep does both itself.
_NO_PARAMETERS = frozenset({"figures_dir", "progress"})

#: The functions that can be swept: those that return numbers.
# What a grid cannot write down: they take a prior that another function made, or give one.
_OF_PRIORS = frozenset(
    {
        *("borrowing_table", "meta_analytic_predictive", "positive_probability"),
        *("positive_region", "posterior_superiority", "robust"),
    }
)

FUNCTIONS = tuple(
    name
    for name in planning.__all__
    if inspect.isfunction(getattr(planning, name)) and name not in {"check_plan", *_OF_PRIORS}
)


@dataclass(frozen=True)
class Target:
    """A notebook or a function, and what it is to be run with.

    Attributes
    ----------
    name : str
        Such as ``02_response`` or ``planning.power_two_arm``.
    is_notebook : bool
        Notebooks take seconds, functions less: they are sent to workers one by one.
    grid : Grid
        The parameters it takes, in its own types.
    codes : dict
        What to run, by the value of ``trials_csv``; under None if the grid has none.
    sources : dict
        What its outcomes depend on, each with its digest.
    """

    name: str
    is_notebook: bool
    grid: Grid
    codes: Mapping[str | None, NotebookCode | FunctionCode]
    sources: Mapping[str, str]

    def tasks(self) -> Iterator[Task]:
        """Yield a task a combination, in the order of the grid."""
        for settings in self.grid:
            key = hashlib.sha256(as_key(self.name, settings).encode()).hexdigest()
            yield Task(key, settings)

    def code(self, task: Task) -> NotebookCode | FunctionCode:
        """Return what is to be run for one of its tasks."""
        return self.codes[task.settings.get("trials_csv")]


def find_targets(names: Iterable[str], grid: Grid, *, root=None) -> list[Target]:
    """Return what is to be swept, once everything about it is known to be right.

    Parameters
    ----------
    names : iterable of str
        Notebooks, as `lupuscart.notebooks.project.find_notebooks` takes them, and functions such as
        ``planning.power_two_arm``.
    grid : Grid
        The parameters; each is declared by at least one target.
    root : path, optional
        The collection's folder or one inside it; only needed for notebooks.

    Returns
    -------
    list of Target

    Raises
    ------
    ValueError
        If a target, a parameter or a value is wrong; all problems at once.

    Examples
    --------
    >>> grid = Grid({"rate": (0.05, 0.1), "true_rate": (0.01,)})
    >>> [target] = find_targets(["planning.no_event_plan"], grid)
    >>> [task.settings["rate"] for task in target.tasks()]
    [0.05, 0.1]
    """
    names = list(dict.fromkeys(names))
    functions = [_find_function(name) for name in names if name.startswith(_PREFIX)]
    pages = [name for name in names if not name.startswith(_PREFIX)]
    root = find_root(root) if pages else None
    notebooks = [read_notebook(path) for path in find_notebooks(root, pages)] if pages else []

    problems = _Problems()
    declared = {name for notebook in notebooks for name in notebook.defaults}
    declared.update(name for function in functions for name in _signature(function))
    for name in grid.parameters:
        problems.collect(check_choice, "parameter", name, sorted(declared - _NO_PARAMETERS))
    targets = [_function_target(name, grid, problems) for name in functions]
    targets += [_notebook_target(notebook, grid, problems) for notebook in notebooks]
    problems.refuse()
    return targets


class _Problems(list):
    """What is wrong, collected, so that all of it is told at once."""

    def collect(self, function, *arguments):
        try:
            return function(*arguments)
        except (ValueError, OSError) as error:
            self.append(str(error))
            return None

    def refuse(self) -> None:
        if self:
            raise ValueError("\n".join(dict.fromkeys(self)))


def _find_function(name: str) -> str:
    return check_choice("function", name, [_PREFIX + each for each in FUNCTIONS])[len(_PREFIX) :]


def _signature(function: str) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(getattr(planning, function)).parameters


def _function_target(function: str, grid: Grid, problems: _Problems) -> Target:
    own = grid.only(set(_signature(function)) - _NO_PARAMETERS)
    missing = [
        name
        for name, parameter in _signature(function).items()
        if parameter.default is parameter.empty and name not in own.parameters
    ]
    if missing:
        problems.append(
            f"the grid has no {', '.join(missing)}; {_PREFIX}{function} needs a value of each"
        )
    for name, values in own.parameters.items():
        takes_words = isinstance(_signature(function)[name].default, str)
        problems.extend(
            f"{name} holds {value!r}; allowed for {_PREFIX}{function}: numbers in decimal digits, "
            "such as 20, 0.5 or 1e-3, without quotes"
            for value in _leaves(list(values))
            if isinstance(value, str) and not takes_words
        )
    return Target(_PREFIX + function, False, own, {None: FunctionCode(function)}, {})


def _leaves(value) -> Iterator:
    """Yield what is in a list, and in the lists in it, one by one."""
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _notebook_target(notebook: Notebook, grid: Grid, problems: _Problems) -> Target:
    own = grid.only(set(notebook.defaults) - _NO_PARAMETERS)
    typed = Grid(
        {
            name: _typed(notebook.defaults[name], name, values, problems)
            for name, values in own.parameters.items()
        }
    )
    tables = _trials_of(notebook, typed)
    loaded = [problems.collect(load_checked, path) for path in tables.values() if path is not None]
    known = [each if each is None else lambda each=each: each for each in loaded]
    for name in [name for name in typed.parameters if name in CHECKS]:
        for value in typed.parameters[name]:
            _check_value(name, value, known or [None], problems)
    read = {
        given: path and problems.collect(tables_as_text, path) for given, path in tables.items()
    }
    contents = {given: each or ({}, None) for given, each in read.items()}
    codes = {given: NotebookCode.pack(notebook.text, *contents[given]) for given in tables}
    sources = {notebook.name: _digest(notebook.text)}
    for given, path in tables.items():
        if path is not None:
            sources[given or path.name] = _digest(as_key(contents[given][0]))
    return Target(notebook.path.stem, True, typed, codes, sources)


def _typed(default, name: str, values: tuple, problems: _Problems) -> tuple:
    """Return the values in the type of the default; two that are then the same are refused."""
    typed = [problems.collect(as_type_of, default, name, value) for value in values]
    typed = [value for value in typed if value is not None]
    keys = [as_key(value) for value in typed]
    twice = [value for value, key in zip(typed, keys, strict=True) if keys.count(key) > 1]
    if twice:
        problems.append(f"{name} holds {twice[0]!r} twice; allowed: each value once")
    return tuple(typed)


def _trials_of(notebook: Notebook, grid: Grid) -> dict[str | None, Path | None]:
    """Return the tables of trials by the value of ``trials_csv``."""
    if "trials_csv" in grid.parameters:
        return {given: Path(os.path.abspath(given)) for given in grid.parameters["trials_csv"]}
    return {None: trials_path(notebook, {})}


def _check_value(name: str, value, tables: list, problems: _Problems) -> None:
    """Refuse a value that none of the tables knows; in one that does not, its page will."""
    own = _Problems()
    known = [own.collect(CHECKS[name], value, table) or len(own) for table in tables]
    if len(own) == len(known):
        problems.append(own[0])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
