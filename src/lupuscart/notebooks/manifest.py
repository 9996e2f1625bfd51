"""figures.json: which notebook made each figure, from which data, with which parameters.

Vocabulary
----------
record
    What is known of one figure: ``notebook`` (file name), ``parameters`` (what the
    notebook declares, with the values in effect), ``data`` (file name to digest) and
    what is said of it: ``headline``, ``alt`` (the text for those who cannot see it),
    ``source``, ``provenance``, ``references`` and ``table``.
sidecar
    NAME.json, in which a notebook leaves what is said of figure NAME.
digest
    SHA-256 of a table's text, without byte order mark and with line ends as newlines:
    a table that was only saved by another program keeps its digest.

Only file names are kept, never paths: the file is the same on every machine.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from lupuscart.atomic import write_whole
from lupuscart.data.tables import table_files
from lupuscart.notebooks.parameters import PATH_PARAMETERS, trials_path
from lupuscart.notebooks.project import Notebook

__all__ = [
    "FIGURE_SUFFIXES",
    "MANIFEST",
    "OPTIONAL_SUFFIX",
    "SIDECAR",
    "TABLES_LOADED",
    "describe_notebook",
    "digest",
    "read_manifest",
    "write_manifest",
]

MANIFEST = "figures.json"

#: A figure is these three files of one name.
FIGURE_SUFFIXES = (".png", ".svg", ".csv")

#: What a figure has beside them where it was asked for; not entered in figures.json.
OPTIONAL_SUFFIX = ".pdf"

#: What is said of a figure lies beside it, until it is entered in its record.
SIDECAR = ".json"

#: The tables that each loader of `lupuscart.data.tables` reads.
TABLES_LOADED = {
    "load_trials": ("trials", "studies", "outcomes"),
    "load_studies": ("studies",),
    "load_outcomes": ("outcomes",),
    "load_follow_up": ("follow_up", "studies"),
    "load_announcements": ("announcements", "studies"),
    "load_registrations": ("registrations",),
    "load_benchmarks": ("benchmarks", "benchmark_studies", "outcomes"),
    "load_benchmark_studies": ("benchmark_studies",),
    "load_claims": ("claims", "studies"),
    "load_reviews": ("reviews", "outcomes"),
}


def digest(path) -> str:
    """Return the digest of a table.

    Parameters
    ----------
    path : path
        A text file in UTF-8.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    text = Path(path).read_bytes().removeprefix(b"\xef\xbb\xbf")
    text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return hashlib.sha256(text).hexdigest()


def describe_notebook(notebook: Notebook, settings: Mapping[str, object]) -> dict:
    """Return what the records of all figures of one notebook share.

    Parameters
    ----------
    notebook : Notebook
        As it was read.
    settings : mapping
        The parameters it is given; its defaults hold for the others.

    Returns
    -------
    dict
        ``notebook``, ``parameters`` and ``data``.
    """
    effective = {**notebook.defaults, **settings}
    effective.pop("figures_dir", None)
    return {
        "notebook": notebook.name,
        "parameters": {
            name: Path(str(value)).name if name in PATH_PARAMETERS else value
            for name, value in effective.items()
        },
        "data": {path.name: digest(path) for path in _tables(notebook, settings)},
    }


def _tables(notebook: Notebook, settings: Mapping[str, object]) -> list[Path]:
    """Return the files of the tables that the notebook's code can load."""
    # The name alone counts, called or not: it may be imported as another, or handed to map.
    loaders = [name for name in TABLES_LOADED if re.search(rf"\b{name}\b", notebook.code)]
    tables = {table for loader in loaders for table in TABLES_LOADED[loader]}
    trials = trials_path(notebook, settings)
    if not tables or trials is None:
        return []
    files = table_files(trials)
    return [files[table] for table in sorted(tables) if files[table].is_file()]


def read_manifest(folder) -> dict[str, dict]:
    """Return the records in a folder of figures; none if it has no figures.json.

    Raises
    ------
    ValueError
        If there is a figures.json that this package did not write.
    """
    path = Path(folder) / MANIFEST
    if not path.exists():
        return {}
    try:
        records = json.loads(path.read_text(encoding="utf-8"))
        valid = all(
            Path(name).name == name and isinstance(record["notebook"], str)
            for name, record in records.items()
        )
    except (ValueError, TypeError, LookupError, AttributeError):
        valid = False
    if not valid:
        raise ValueError(
            f"{path} does not hold records of figures; delete it, and all figures are made anew"
        )
    return records


def write_manifest(folder, records: Mapping[str, dict]) -> None:
    """Write figures.json whole or not at all, sorted, for a folder of figures."""
    path = Path(folder) / MANIFEST
    text = json.dumps(records, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    write_whole(path, lambda draft: draft.write_text(text, encoding="utf-8", newline="\n"))
