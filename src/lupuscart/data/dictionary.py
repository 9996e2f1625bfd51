"""The dictionary of every table: ``datapackage.json``, and the outcomes beside it.

A source tree has both in ``data/``; a built package carries copies beside this module.
"""

import csv
import functools
import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

__all__ = [
    "DAY",
    "MONTHS",
    "REQUIRED_TABLES",
    "WEEKS",
    "collection_file",
    "collection_rows",
    "current_search",
    "current_trials",
    "datapackage_path",
    "load_datapackage",
    "note_as_read",
    "note_of_collection",
    "search_of",
    "table_files",
    "table_schema",
    "use_folder_of",
]

#: What every folder of data has; any other table may be missing, or without rows.
REQUIRED_TABLES = ("trials", "studies")

#: Weeks of each unit of time: in the tables 12 months are 52 weeks.
WEEKS = {"d": 1 / 7, "weeks": 1.0, "months": 52 / 12, "years": 52.0}

#: Months of each unit; days are counted in months of the calendar.
MONTHS = {"d": 12 / 365.25, "weeks": 12 / 52, "months": 1.0, "years": 12.0}

#: The pattern of a column of days, ISO 8601.
DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")

# The trials table that was loaded last.
_loaded: list[Path] = []


def load_datapackage() -> dict:
    """Return the content of ``datapackage.json``.

    Raises
    ------
    ValueError
        If the file is no JSON; names the file and the line.

    Examples
    --------
    >>> [resource["name"] for resource in load_datapackage()["resources"]][:2]
    ['trials', 'studies']
    """
    note_of_collection("datapackage.json")
    return _datapackage()


@functools.cache
def _datapackage() -> dict:
    path = datapackage_path()
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        place = f"{path.name}, line {error.lineno}"
        raise ValueError(f"{place}: {error.msg}; allowed: the dictionary, in JSON") from None


def datapackage_path() -> Path:
    """Return the file that holds the dictionary.

    Examples
    --------
    >>> datapackage_path().name
    'datapackage.json'
    """
    return collection_file("datapackage.json")


def collection_file(name: str) -> Path:
    """Return a file of the collection that the package needs wherever it is installed.

    Examples
    --------
    >>> collection_file("outcomes.csv").is_file()
    True
    """
    here = Path(__file__).resolve()
    beside = here.with_name(name)
    return beside if beside.is_file() else here.parents[3] / "data" / name


def note_as_read(path: Path) -> None:
    """Have a file on the list of what this process reads, though it does not open it now."""
    sys.audit("open", str(path), "r", os.O_RDONLY)


def note_of_collection(name: str) -> None:
    """Have a file of the collection on that list.

    What a process keeps of it may have been read before, by the one that it was forked from.
    """
    _note_once(os.getpid(), name)


@functools.cache
def _note_once(_process: int, name: str) -> None:
    note_as_read(collection_file(name))


def collection_rows(table: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a table of the collection, texts by column; none if it is not there.

    Examples
    --------
    >>> collection_rows("studies")[0]["study"]
    'feng_2025'
    """
    note_of_collection(f"{table}.csv")
    return _collection_rows(table)


@functools.cache
def _collection_rows(table: str) -> tuple[dict[str, str], ...]:
    path = collection_file(f"{table}.csv")
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def table_schema(table: str) -> dict:
    """Return the Table Schema of `table`: fields, primary key, foreign keys.

    Examples
    --------
    >>> [field["name"] for field in table_schema("claims")["fields"]]
    ['study', 'topic', 'news_report', 'primary_source', 'verdict']
    """
    schemas = {each["name"]: each["schema"] for each in load_datapackage()["resources"]}
    if table not in schemas:
        raise ValueError(f"table is {table!r}; allowed: {', '.join(schemas)}")
    return schemas[table]


def table_files(trials_csv) -> dict[str, Path]:
    """Return the path of every table by its name; sisters share a folder.

    Examples
    --------
    >>> files = table_files("mine/counts.csv")
    >>> files["trials"].name, files["studies"].as_posix()
    ('counts.csv', 'mine/studies.csv')
    """
    try:
        path = Path(trials_csv)
    except TypeError:
        raise ValueError(f"trials_csv is {trials_csv!r}; allowed: the path of a CSV file") from None
    sisters = {each["name"]: path.parent / each["path"] for each in load_datapackage()["resources"]}
    return sisters | {"trials": path}


def search_of(trials_csv) -> Mapping[str, str]:
    """Return when and how the reports of a folder were looked for; empty where it does not say.

    Parameters
    ----------
    trials_csv : path
        The trials table; ``datapackage.json`` beside it says so under ``search``.

    Raises
    ------
    ValueError
        If that file is no JSON, or `until` or `registries` in it is no date.
    """
    path = Path(trials_csv).with_name("datapackage.json")
    if not path.is_file():
        return {}
    try:
        search = json.loads(path.read_text(encoding="utf-8")).get("search", {})
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}; allowed: the dictionary, in JSON") from None
    for name in ("until", "registries"):
        date = search.get(name)
        if date is not None and not _DATE.fullmatch(str(date)):
            raise ValueError(
                f"{path.name}, search, {name} is {date!r}; allowed: a year, month or day such as "
                "2026, 2026-11 or 2026-11-14"
            )
    return search


def use_folder_of(trials_csv) -> None:
    """Speak from now on of the search that this trials table comes from."""
    _loaded[:] = [Path(trials_csv).absolute()]


def current_trials() -> str | None:
    """Return the trials table that was loaded last, as an absolute path."""
    return str(_loaded[0]) if _loaded else None


def current_search() -> Mapping[str, str]:
    """Return when and how the reports loaded last were looked for; empty if that is not known.

    Examples
    --------
    >>> use_folder_of("data/trials.csv")
    >>> "until" in current_search()
    True
    """
    return search_of(_loaded[0]) if _loaded else {}
