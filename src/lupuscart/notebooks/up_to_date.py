"""Is what stands in a folder of figures what a run would make? Answered without running.

Vocabulary
----------
key
    Digest of all that decides what a notebook makes: its cells, its parameters, the tables
    and other files that it reads, this package, the locked and the installed versions, the
    Chinese font. Contents count, never dates: a touched file is not changed, and a
    back-dated one is not unchanged.
surroundings
    The part of the key that all notebooks share.
ledger
    A file under ``build/``, one a folder of figures: the key of each notebook's last run,
    the digests of the files it made, the record it left in figures.json, and the seconds
    it took. A notebook is up to date if its key is the one in the ledger and every file
    still has its digest. A lost or damaged ledger only means that all is made anew.
"""

import hashlib
import json
import platform
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import lupuscart
from lupuscart.atomic import remove_drafts, write_whole
from lupuscart.data.dictionary import collection_file, datapackage_path
from lupuscart.notebooks.manifest import read_manifest
from lupuscart.notebooks.parameters import PATH_PARAMETERS
from lupuscart.notebooks.project import Notebook

__all__ = ["Ledger", "file_digest", "run_key", "surroundings"]

#: Packages that decide how a table or a figure looks.
LIBRARIES = ("ipykernel", "ipython", "matplotlib", "numpy", "pandas", "pillow", "scipy")

#: All of it, not this sub-package alone: a change anywhere may change a figure.
PACKAGE = Path(lupuscart.__file__).parent
#: Of the files in it that outputs depend on.
SUFFIXES = (".py", ".csv", ".json", ".mplstyle")


def surroundings(root) -> dict:
    """Return what all notebooks of a collection depend on, as plain values.

    Parameters
    ----------
    root : path
        The collection's folder.
    """
    lock = Path(root) / "requirements.lock"
    package = [path for path in PACKAGE.rglob("*") if path.suffix in SUFFIXES]
    beside = Path(root, "notebooks").glob("*.py")
    return {
        "package": {str(path.relative_to(PACKAGE)): file_digest(path) for path in sorted(package)},
        "dictionary": file_digest(datapackage_path()),
        "outcomes": file_digest(collection_file("outcomes.csv")),
        "modules beside the notebooks": {path.name: file_digest(path) for path in sorted(beside)},
        "lock": file_digest(lock) if lock.is_file() else None,
        "libraries": {name: _version(name) for name in LIBRARIES},
        "python": [platform.python_version(), platform.system(), platform.machine()],
    }


def run_key(notebook: Notebook, description: Mapping[str, object], around: Mapping) -> str:
    """Return the key of a run.

    Parameters
    ----------
    notebook : Notebook
        As it was read; its stored outputs do not count.
    description : mapping
        Its parameters and the digests of its tables, from
        `lupuscart.notebooks.manifest.describe_notebook`.
    around : mapping
        What `surroundings` returned.
    """
    cells = [
        [cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("tags", [])]
        for cell in json.loads(notebook.text)["cells"]
    ]
    chinese = description["parameters"].get("language", "en") != "en"
    parts = [cells, description, _other_files(notebook, description), _font() if chinese else None]
    return _digest([*parts, around])


def file_digest(path) -> str:
    """Return the SHA-256 of a file's bytes.

    Examples
    --------
    >>> file_digest("data/LICENSE")[:8] == file_digest("LICENSE")[:8]
    False
    """
    with Path(path).open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


class Ledger:
    """What is known of the last runs into one folder of figures.

    Parameters
    ----------
    build : path
        Where ledgers are kept.
    figures_dir : Path
        The folder of figures, absolute.
    copies_dir : Path, optional
        A folder for executed copies that the caller wants as much as the figures.
    """

    def __init__(self, build, figures_dir: Path, copies_dir: Path | None = None):
        self._folders = {"figures": str(figures_dir), "copies": str(copies_dir or "")}
        self._figures_dir = figures_dir
        self._path = Path(build) / "up-to-date" / f"{_digest(self._folders)[:16]}.json"
        self._runs = self._read()

    def is_fresh(self, notebook: str, key: str) -> bool:
        """Return whether a run of `notebook` with this key would change nothing."""
        run = self._runs.get(notebook, {})
        return run.get("key") == key and run["made"] == self._state(notebook, run["made"]["files"])

    def seconds(self, notebook: str) -> float:
        """Return how long the last run took; endless if that is not known."""
        return self._runs.get(notebook, {}).get("seconds", float("inf"))

    def enter(self, notebook: str, key: str, files: Iterable[Path], seconds: float) -> None:
        """Keep that `notebook` has run with this key and made these files, by absolute path."""
        made = self._state(notebook, map(str, files))
        self._runs[notebook] = {"key": key, "made": made, "seconds": round(seconds, 2)}
        self._path.parent.mkdir(exist_ok=True)
        text = json.dumps({"folders": self._folders, "runs": self._runs}, indent=1)
        write_whole(self._path, lambda draft: draft.write_text(text, encoding="utf-8"))

    def tidy(self) -> None:
        """Remove ledgers of folders that are gone, such as those of a check, and old drafts."""
        if self._path.parent.is_dir():
            remove_drafts(self._path)
        for path in self._path.parent.glob("*.json"):
            try:
                gone = not Path(json.loads(path.read_bytes())["folders"]["figures"]).is_dir()
            except (ValueError, LookupError, TypeError, OSError):
                gone = True
            if gone:
                path.unlink(missing_ok=True)

    def _read(self) -> dict:
        try:
            runs = json.loads(self._path.read_bytes())["runs"]
            return {name: run for name, run in runs.items() if run["made"]["files"] is not None}
        except (ValueError, LookupError, TypeError, AttributeError, OSError):
            return {}

    def _state(self, notebook: str, files: Iterable[str]) -> dict:
        """Return the digests of these files and of the notebook's records, as they are now."""
        records = {
            name: record
            for name, record in read_manifest(self._figures_dir).items()
            if record["notebook"] == notebook
        }
        digests = {name: file_digest(name) if Path(name).is_file() else None for name in files}
        return {"files": digests, "records": _digest(records)}


def _other_files(notebook: Notebook, description: Mapping[str, object]) -> dict[str, str]:
    """Return the digests of files that the code names in quotes, other than the tables."""
    tables = {notebook.defaults.get(name) for name in PATH_PARAMETERS}
    given = [value for value in description["parameters"].values() if isinstance(value, str)]
    named = {*re.findall(r"[\"']([^\"'\n]+)[\"']", notebook.code), *given} - tables
    folder = notebook.path.parent
    return {name: file_digest(folder / name) for name in sorted(named) if _is_file(folder / name)}


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a sentence in quotes may be too long for a file name
        return False


def _font() -> str:
    """Return the digest of the font that draws Chinese."""
    from lupuscart.figures.fonts import chinese_font_file

    return file_digest(chinese_font_file())


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def _digest(value) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
