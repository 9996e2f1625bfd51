"""Is what stands in a folder of figures what a run would make? Answered without running.

Vocabulary
----------
key
    Digest of what is known before a notebook runs and decides what it makes: its cells, its
    parameters, the Chinese font if it needs one, and what all share, the *fingerprint*: this
    package, the locked and the installed versions. Contents count, never dates.
files read
    What else decides it is known once it has run: the tables and whatever its cells read, each
    with its digest at that moment (`lupuscart.kernels.files_read`).
ledger
    A file under ``build/``, one a folder of figures: the key of each notebook's last run,
    the files that it read and made with their digests, the records it left in figures.json,
    its executed copy, and the seconds it took. A notebook is up to date if its key is the one in
    the ledger and every file still has its digest. A lost or damaged ledger only means that all is
    made anew.
taken
    Said of a run into one folder whose files are copied from another's, which has the same key in
    its own ledger: the site and the deck take what ``lupuscart figures`` has made.
drawn again
    Said of a run whose figures are drawn, in another theme or on another canvas, from what
    another folder's run has kept. Its *key but for style* is the same.
"""

import json
import os
import platform
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from lupuscart.atomic import move_file, remove_drafts, write_whole
from lupuscart.data.dictionary import collection_file, datapackage_path
from lupuscart.digests import (
    digest_if_file,
    exact_digest,
    package_digest,
    text_digest,
    value_digest,
)
from lupuscart.kernels.redraw import STYLE, differs_in_style_alone
from lupuscart.made import versions
from lupuscart.notebooks.figure_store import read_manifest, stage_figures
from lupuscart.notebooks.parameters import trials_path
from lupuscart.notebooks.project import Notebook

__all__ = ["Ledger", "fingerprint", "key_but_for_style", "run_key"]

#: Packages that decide how a table or a figure looks.
LIBRARIES = (
    "font-source-sans-pro",
    *("ipykernel", "ipython", "ipywidgets", "matplotlib", "matplotlib-inline", "openpyxl"),
    *("numpy", "pandas", "pillow", "scipy", "seaborn"),
)


def fingerprint(root) -> dict:
    """Return what all notebooks of a collection depend on, as plain values.

    Parameters
    ----------
    root : path
        The collection's folder.
    """
    lock = Path(root) / "requirements.lock"
    beside = Path(root, "notebooks").glob("*.py")
    return {
        "package": package_digest(),
        "dictionary": text_digest(datapackage_path()),
        "outcomes": text_digest(collection_file("outcomes.csv")),
        "modules beside the notebooks": {path.name: text_digest(path) for path in sorted(beside)},
        "lock": text_digest(lock) if lock.is_file() else None,
        "libraries": versions(LIBRARIES),
        "python": [platform.python_version(), platform.system(), platform.machine()],
    }


def run_key(notebook: Notebook, settings: Mapping[str, object], shared: Mapping) -> str:
    """Return the key of a run.

    Parameters
    ----------
    notebook : Notebook
        As it was read; its stored outputs do not count.
    settings : mapping
        The parameters it is given; its defaults hold for the others.
    shared : mapping
        What `fingerprint` returned, and what else decides what is made.
    """
    cells = [
        [cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("tags", [])]
        for cell in json.loads(notebook.text)["cells"]
    ]
    effective = {**notebook.defaults, **settings, "figures_dir": ""}
    if (trials := trials_path(notebook, settings)) is not None:
        effective["trials_csv"] = os.path.relpath(trials, notebook.path.parent)
    chinese = effective.get("language", "en") != "en"
    return value_digest([cells, effective, _font() if chinese else None, shared])


def key_but_for_style(
    notebook: Notebook, settings: Mapping[str, object], shared: Mapping
) -> str | None:
    """Return what `run_key` does whatever theme and context are; None if they decide more."""
    if not (set(STYLE) <= notebook.defaults.keys() and differs_in_style_alone(notebook.code)):
        return None
    return run_key(notebook, {**settings, **dict.fromkeys(STYLE)}, shared)


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
        self._build = Path(build)
        self._path = self._build / "up-to-date" / f"{value_digest(self._folders)[:16]}.json"
        self._kept = self._build / "findings" / self._path.stem
        self._runs = self._read()

    def is_fresh(self, notebook: str, key: str) -> bool:
        """Return whether a run of `notebook` with this key would change nothing."""
        run = self._runs.get(notebook, {})
        return _would_read_the_same(run, "key", key) and run["made"] == self._state(
            notebook, run["made"]["files"]
        )

    def take(self, notebook: str, key: str, staged: Path, copy: Path | None) -> dict | None:
        """Stage what a run with this key made for another folder, if all of it is as it was left.

        Parameters
        ----------
        notebook, key : str
            Its file name, and what `run_key` returned.
        staged : Path
            An empty folder for its figures, with what is said of them.
        copy : Path or None
            Where its executed copy is wanted, if it is.

        Returns
        -------
        dict or None
            ``read`` and ``seconds``, as `enter` takes them. None if there is no such run; what
            was staged by then is of no use.
        """
        for other in self._others():
            run = other._runs.get(notebook, {})
            if _would_read_the_same(run, "key", key) and other._stage(notebook, run, staged, copy):
                return {"read": run["read"], "seconds": run["seconds"]}
        return None

    def find_kept(self, notebook: str, but_for_style: str | None) -> dict | None:
        """Find what a run for another folder has kept, from which its figures may be drawn again.

        Parameters
        ----------
        notebook : str
            Its file name.
        but_for_style : str or None
            What `key_but_for_style` returned.

        Returns
        -------
        dict or None
            ``read`` and ``seconds``, as `enter` takes them; ``kept``, the file, its ``digest`` as
            it was, and the ``names`` of the figures. None if there is no such run.
        """
        for other in self._others() if but_for_style else ():
            run = other._runs.get(notebook, {})
            if run.get("kept") and _would_read_the_same(run, "but_for_style", but_for_style):
                made = {Path(path) for path in run["made"]["files"]}
                names = {path.stem for path in made if path.parent == other._figures_dir}
                found = {"kept": other._kept_of(notebook), "digest": run["kept"]}
                found |= {"read": run["read"], "seconds": run["seconds"]}
                return found | {"names": tuple(sorted(names))}
        return None

    def seconds(self, notebook: str) -> float:
        """Return how long the last run took; endless if that is not known."""
        return self._runs.get(notebook, {}).get("seconds", float("inf"))

    def enter(
        self,
        notebook: str,
        key: str,
        read: Mapping[str, str | None],
        files: Iterable[Path],
        seconds: float,
        copy: Path | None = None,
        kept: tuple[str | None, Path] | None = None,
    ) -> None:
        """Keep that `notebook` has run with this key, read and made these files.

        Parameters
        ----------
        notebook, key : str
            Its file name, and what `run_key` returned.
        read : mapping
            What `lupuscart.kernels.files_read.read_list` returned.
        files : iterable of Path
            What it made, by absolute path.
        seconds : float
            How long it took.
        copy : Path, optional
            Its executed copy, for those who may `take` it; it need not last.
        kept : tuple of str or None, and Path, optional
            What `key_but_for_style` returned, and the file in which it kept its findings, which is
            moved to the ledger's own folder.
        """
        made = self._state(notebook, map(str, files))
        run = {"key": key, "read": dict(read), "made": made, "seconds": round(seconds, 2)}
        run["copy"] = {str(copy): digest_if_file(copy)} if copy else {}
        if kept and kept[0] and kept[1].is_file():
            run |= {"but_for_style": kept[0], "kept": exact_digest(kept[1])}
            self._kept.mkdir(parents=True, exist_ok=True)
            move_file(kept[1], self._kept_of(notebook))
        self._runs[notebook] = run
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
                shutil.rmtree(self._kept.with_name(path.stem), ignore_errors=True)

    def _kept_of(self, notebook: str) -> Path:
        return self._kept / f"{notebook}.pickle"

    def _others(self) -> Iterator["Ledger"]:
        for path in sorted(self._path.parent.glob("*.json")):
            try:
                folders = json.loads(path.read_bytes())["folders"]
                figures, copies = Path(folders["figures"]), folders["copies"]
            except (ValueError, LookupError, TypeError, OSError):
                continue
            if path != self._path and figures.is_dir():
                yield Ledger(self._build, figures, Path(copies) if copies else None)

    def _stage(self, notebook: str, run: dict, staged: Path, copy: Path | None) -> bool:
        """Copy what a run made; return whether the copies are what the ledger knows."""
        files = {Path(path): digest for path, digest in run["made"]["files"].items()}
        figures = {path: d for path, d in files.items() if path.parent == self._figures_dir}
        try:
            records = self._records(notebook)
            stage_figures(figures, records, staged)
            if copy is not None:
                ((executed, digest),) = run["copy"].items()
                shutil.copyfile(executed, copy)
                if digest_if_file(copy) != digest:
                    return False
        except (ValueError, OSError):  # not there, or changed at this moment
            return False
        # Of the copies, since another run may be writing the files themselves.
        copied = {path: digest_if_file(staged / path.name) for path in figures}
        return copied == figures and value_digest(records) == run["made"]["records"]

    def _read(self) -> dict:
        try:
            runs = json.loads(self._path.read_bytes())["runs"]
            return {
                name: run
                for name, run in runs.items()
                if isinstance(run["read"], dict) and isinstance(run["made"]["files"], dict)
            }
        except (ValueError, LookupError, TypeError, AttributeError, OSError):
            return {}

    def _state(self, notebook: str, files: Iterable[str]) -> dict:
        """Return the digests of these files and of the notebook's records, as they are now."""
        digests = {name: digest_if_file(name) for name in files}
        return {"files": digests, "records": value_digest(self._records(notebook))}

    def _records(self, notebook: str) -> dict[str, dict]:
        records = read_manifest(self._figures_dir)
        return {name: each for name, each in records.items() if each["notebook"] == notebook}


def _would_read_the_same(run: dict, kind: str, key: str) -> bool:
    """Return whether a run with this key would find all that the last one read as it was."""
    return run.get(kind) == key and all(
        digest_if_file(path) == digest for path, digest in run["read"].items()
    )


def _font() -> str:
    """Return the digest of the font that draws Chinese."""
    from lupuscart.figures.fonts import chinese_font_file

    return text_digest(chinese_font_file())
