"""Strict parameters: every name and every value is checked before a notebook runs.

papermill accepts a misspelt name without a word, and a wrong value only fails when a
cell meets it. Here all problems of all parameters are found first, and told at once.

Vocabulary
----------
given
    What the user asks for, by name. Text where it comes from a command line.
default
    The literal in a notebook's parameters cell; a given value takes its type.
settings
    The given values that one notebook declares, in their types, ready to be injected.

To teach a new parameter its meaning, add a row to `CHECKS`; without one, only its type
is checked.
"""

import math
import operator
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from lupuscart.arguments import (
    check_choice,
    check_confidence_level,
    check_one_rate,
    check_open_unit,
    check_positive,
    check_whole,
    raise_together,
)
from lupuscart.data.dictionary import load_datapackage, search_of, table_files
from lupuscart.kept import Kept
from lupuscart.notebooks.project import Notebook

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CHECKS",
    "PATH_PARAMETERS",
    "as_type_of",
    "check_parameters",
    "load_checked",
    "search_behind",
    "trials_path",
]

PATH_PARAMETERS = frozenset({"trials_csv"})


def check_parameters(
    notebooks: Sequence[Notebook], given: Mapping[str, object], kept: Kept | None = None
) -> dict[str, dict[str, object]]:
    """Return what each notebook is to be given, or refuse with every problem at once.

    A parameter goes to every notebook that declares it. A relative path counts from the
    working folder. Text is read by the type of the default: ``"0.9"`` is a number where
    the default is one, and a cohort called ``"12"`` stays text.

    Parameters
    ----------
    notebooks : sequence of Notebook
        The notebooks that are about to run.
    given : mapping
        Parameter name to value.
    kept : Kept, optional
        What is known of tables that have passed and are as they were then; others are checked.

    Returns
    -------
    dict
        Notebook file name to its settings.

    Raises
    ------
    ValueError
        If a name is declared by none of the notebooks, a value has the wrong type or
        no meaning, or a table of trials or one of its sisters has a problem.
    """
    problems: list[Exception] = _unknown_names(notebooks, given)
    settings = {notebook.name: _typed(notebook.defaults, given, problems) for notebook in notebooks}
    paths = [trials_path(notebook, settings[notebook.name]) for notebook in notebooks]
    tables = _sound_tables(paths, problems, kept)
    for notebook in notebooks:
        chosen = settings[notebook.name]
        trials = tables.get(trials_path(notebook, chosen))
        for name in [name for name in chosen if name in CHECKS]:
            _collect(problems, CHECKS[name], chosen[name], trials)
    raise_together(problems)
    return settings


def trials_path(notebook: Notebook, settings: Mapping[str, object]) -> Path | None:
    """Return the table of trials that `notebook` reads with `settings`, absolute.

    ``None`` for a notebook that declares no ``trials_csv``.
    """
    effective = {**notebook.defaults, **settings}
    if "trials_csv" not in effective:
        return None
    return Path(os.path.abspath(notebook.path.parent / str(effective["trials_csv"])))


def search_behind(notebooks: Iterable[Notebook], given: Mapping[str, object]) -> Mapping[str, str]:
    """Return until when, where and how the reports in the tables of pages were looked for.

    Empty where the folder of the tables does not say; of pages that read no table, what the
    collection says.
    """
    asked = {name: os.path.abspath(str(given[name])) for name in PATH_PARAMETERS & given.keys()}
    for notebook in notebooks:
        if (trials := trials_path(notebook, asked)) is not None:
            return search_of(trials)
    return load_datapackage().get("search", {})


def as_type_of(default, name: str, value):
    """Return `value` in the type of `default`; text is read as that type.

    Parameters
    ----------
    default : bool, int, float, str or list
        The items of a list take the type of its first item, and are text if it is empty.
    name : str
        The parameter's name, for the error.
    value : object
        What was given. A list may be written ``a,b`` or ``["a", "b"]``; a comma always
        parts two items.

    Raises
    ------
    ValueError
        If `value` cannot be one.

    Examples
    --------
    >>> as_type_of(0.95, "confidence_level", "0.9")
    0.9
    >>> as_type_of("all", "cohort", "12")
    '12'
    >>> as_type_of([0.8], "levels", "0.9, 0.95")
    [0.9, 0.95]
    >>> as_type_of(5, "n_min", "many")
    Traceback (most recent call last):
    ...
    ValueError: n_min is 'many'; allowed: a whole number
    """
    convert, allowed = _TYPES[type(default)]
    try:
        converted = convert(value)
    except (TypeError, ValueError, AttributeError, LookupError, OverflowError):
        raise ValueError(f"{name} is {value!r}; allowed: {allowed}") from None
    if not isinstance(converted, list):
        return converted
    item_default = default[0] if default else ""
    return [as_type_of(item_default, f"an item of {name}", item) for item in converted]


def _bool(value) -> bool:
    return value if isinstance(value, bool) else {"true": True, "false": False}[value.lower()]


# As in the tables: "1_2" and digits of other scripts are numbers to Python, not to a reader.
_WHOLE = re.compile(r"\s*[+-]?[0-9]+\s*")
_NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*")


def _int(value) -> int:
    if isinstance(value, str):
        return int(_WHOLE.fullmatch(value)[0])
    if isinstance(value, bool):
        raise TypeError
    return operator.index(value)


def _float(value) -> float:
    if isinstance(value, str):
        value = _NUMBER.fullmatch(value)[0]
    if isinstance(value, bool) or not math.isfinite(float(value)):
        raise ValueError
    return float(value)


def _text(value) -> str:
    if not isinstance(value, str | os.PathLike):
        raise TypeError
    return os.fspath(value)


def _list(value) -> list:
    if isinstance(value, list | tuple):
        return list(value)
    items = value.strip().removeprefix("[").removesuffix("]").split(",")
    return [item.strip().strip("\"'") for item in items] if any(items) else []


_TYPES = {
    bool: (_bool, "True or False"),
    int: (_int, "a whole number"),
    float: (_float, "a finite number"),
    str: (_text, "text"),
    list: (_list, "a list, such as a,b"),
}


def _word_in(name: str, module: str, vocabulary: str) -> Callable:
    """Return the check of parameter `name` against the words of a module's `vocabulary`."""

    def check(value, trials) -> None:
        # Imported only when asked for: a notebook without the parameter does not pay for it.
        check_choice(name, value, getattr(import_module(f"lupuscart.{module}"), vocabulary))

    return check


def _value_in(column: str) -> Callable:
    """Return the check against the values of a column of the notebook's own trials.

    They are loaded by a call. An empty text asks for no restriction.
    """

    def check(value, trials) -> None:
        if trials is not None and value != "":
            check_choice(column, value, sorted(trials()[column].dropna().unique()))

    return check


def _number(name: str, check_number: Callable, **limits) -> Callable:
    """Return the check of the number `name`."""
    return lambda value, trials: check_number(name, value, **limits)


CHECKS: dict[str, Callable] = {
    "added_nonresponders": _number("added_nonresponders", check_whole, minimum=0),
    "alpha": _number("alpha", check_open_unit),
    "background_rate": _number("background_rate", check_one_rate),
    "confidence_level": lambda value, trials: check_confidence_level(value),
    "context": _word_in("context", "figures.style", "CONTEXTS"),
    "control_rate": _number("control_rate", check_open_unit),
    "controls": _number("controls", check_whole, minimum=1, maximum=1000),
    "event_rate": _number("event_rate", check_open_unit),
    "language": _word_in("language", "words.lexicon", "LANGUAGES"),
    "method": _word_in("method", "stats.proportion", "METHODS"),
    "mu_sd": _number("mu_sd", check_positive),
    "outcome": _value_in("outcome"),
    "power": _number("power", check_open_unit),
    "ratio": _number("ratio", check_positive),
    "role": _value_in("role"),
    "study": _value_in("study"),
    "tau_scale": _number("tau_scale", check_positive),
    "test": _word_in("test", "stats.comparison", "TEST_METHODS"),
    "theme": _word_in("theme", "figures.style", "THEMES"),
    "treatment_rate": _number("treatment_rate", check_open_unit),
    "unassessed": _number("unassessed", check_whole, minimum=0),
    "vague_weight": _number("vague_weight", check_open_unit),
    "week": _number("week", check_whole, minimum=0),
    "window": _number("window", check_whole, minimum=0),
}


def _unknown_names(notebooks: Sequence[Notebook], given: Iterable[str]) -> list[Exception]:
    declared = sorted({name for notebook in notebooks for name in notebook.defaults})
    problems: list[Exception] = []
    for name in given:
        if name == "figures_dir":
            problems.append(
                ValueError("figures_dir is no parameter here; use --figures-dir (figures_dir=)")
            )
        else:
            allowed = [known for known in declared if known != "figures_dir"]
            _collect(problems, check_choice, "parameter", name, allowed)
    return problems


def _typed(defaults: Mapping, given: Mapping, problems: list[Exception]) -> dict[str, object]:
    settings = {}
    for name in [name for name in given if name in defaults and name != "figures_dir"]:
        value = _collect(problems, as_type_of, defaults[name], name, given[name])
        if value is not None:
            settings[name] = os.path.abspath(value) if name in PATH_PARAMETERS else value
    return settings


def _sound_tables(
    paths: Iterable[Path | None], problems: list[Exception], kept: Kept | None
) -> dict[Path, Callable[[], "pd.DataFrame"]]:
    """Return what loads the trials of each path without a problem, with the facts of their studies.

    A table is loaded once, and only for a parameter whose values are its own.
    """
    sound = {}
    for path in dict.fromkeys(path for path in paths if path is not None):
        if _collect(problems, _is_sound, path, kept):
            sound[path] = cache(lambda path=path: _with_facts(path))
    return sound


def _is_sound(path: Path, kept: Kept | None) -> bool:
    """Return True; a table that has a problem, or whose sister has one, raises `DataError`."""

    def check() -> bool:
        # pandas, and the checks: not for tables that have passed.
        from lupuscart.data.tables import DataError, check_data

        problems, _ = check_data(path)
        if problems:
            raise DataError(problems)
        return True

    if kept is None:
        return check()
    return kept.ask(["sound tables", str(path)], table_files(path).values(), check)


def _with_facts(path: Path) -> "pd.DataFrame":
    from lupuscart.data.tables import load_studies, load_trials, with_studies

    return with_studies(load_trials(path), load_studies(path))


def load_checked(path: Path) -> "pd.DataFrame":
    """Return a table of trials with the facts of their studies, once no problem is in it.

    Raises
    ------
    ValueError
        If it or one of its sisters has a problem; every problem is named.
    """
    _is_sound(path, None)
    return _with_facts(path)


def _collect(problems: list[Exception], function: Callable, *arguments):
    """Return what `function` returns, or put its error among the problems."""
    try:
        return function(*arguments)
    except (ValueError, OSError) as error:
        problems.append(error)
        return None
