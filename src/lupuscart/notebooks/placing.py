"""Place a notebook's figures: whole, together, and entered in figures.json.

Vocabulary
----------
staged
    The folder in which a notebook that has run left its figures.
folder
    Where figures are kept: ``figures/``, or a folder of the user's own.
record, sidecar
    A figure's entry in figures.json, and the file with what is said of it, which is entered
    there and not placed; see `lupuscart.notebooks.manifest`.

A file is replaced in one step: whoever looks, or pulls the plug, finds the old file or the
new one, never half of either. A figure that its notebook no longer makes is removed. Killed
between two files, a run leaves some old and some new: the next one sees it by their digests
(`lupuscart.notebooks.up_to_date`) and finishes. One process at a time places into a folder.
"""

import errno
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from lupuscart.arguments import check_figure_words
from lupuscart.atomic import remove_drafts
from lupuscart.notebooks.manifest import (
    FIGURE_SUFFIXES,
    MANIFEST,
    OPTIONAL_SUFFIX,
    SIDECAR,
    read_manifest,
    write_manifest,
)

__all__ = ["place_figures", "tidy_figures"]

NEAR = ".placing-"


def place_figures(staged, folder, description: Mapping[str, object], notebooks) -> list[str]:
    """Move the figures of one notebook to where figures are kept.

    Parameters
    ----------
    staged : path
        Holds NAME.png, NAME.svg, NAME.csv and NAME.json of each figure, NAME.pdf where it
        was asked for, and nothing else. A PDF made earlier and not made now is removed.
    folder : path
        Where figures are kept.
    description : mapping
        What the records of the notebook's figures share, as
        `lupuscart.notebooks.manifest.describe_notebook` returns it.
    notebooks : path
        The folder of the notebooks; figures of a notebook that is no longer in it are
        removed too.

    Returns
    -------
    list of str
        The names of the figures.

    Raises
    ------
    ValueError
        If a figure is not whole, says nothing, or has the name of another notebook's;
        nothing is moved then.
    """
    staged, folder = Path(staged), Path(folder)
    said = {name: _said(staged / f"{name}{SIDECAR}") for name in _whole_figures(staged)}
    records = read_manifest(folder)
    replaced = {
        name
        for name, record in records.items()
        if record["notebook"] == description["notebook"]
        or not Path(notebooks, record["notebook"]).exists()
    }
    for name in said:
        if name in records.keys() - replaced:
            owner = records[name]["notebook"]
            raise ValueError(f"figure {name} is also made by {owner}; allowed: a name of its own")

    for name in said:
        Path(staged, f"{name}{SIDECAR}").unlink()
    made = {path.name for path in staged.iterdir()}
    _move(staged, folder)
    # A run without this package's runner leaves a sidecar, which would now speak of an old figure.
    _remove_figures(folder, replaced | said.keys(), but=made)
    kept = {name: record for name, record in records.items() if name not in replaced}
    # Last, so that what is entered is there.
    write_manifest(folder, kept | {name: {**description, **said[name]} for name in said})
    return list(said)


def tidy_figures(folder, notebooks) -> None:
    """Remove what a killed run left in a folder of figures, and figures that nobody makes.

    Parameters
    ----------
    folder : path
        Where figures are kept.
    notebooks : path
        The folder of the notebooks; figures of a notebook that is not in it are removed.
    """
    folder = Path(folder)
    remove_drafts(folder / MANIFEST)
    for near in folder.glob(f"{NEAR}*"):
        shutil.rmtree(near, ignore_errors=True)
    records = read_manifest(folder)
    kept = {
        name: record
        for name, record in records.items()
        if Path(notebooks, record["notebook"]).exists()
    }
    if kept != records:
        _remove_figures(folder, records.keys() - kept.keys())
        write_manifest(folder, kept)


def _remove_figures(folder: Path, names: Iterable[str], but: Iterable[str] = ()) -> None:
    """Remove all files that figures of these names may have, but some."""
    suffixes = (*FIGURE_SUFFIXES, OPTIONAL_SUFFIX, SIDECAR)
    for file in {f"{name}{suffix}" for name in names for suffix in suffixes} - set(but):
        Path(folder, file).unlink(missing_ok=True)


def _whole_figures(staged: Path) -> list[str]:
    """Return the names of the staged figures, each of which has all its files."""
    found = {path.name for path in staged.iterdir()}
    names = sorted({Path(file).stem for file in found})
    suffixes = (*FIGURE_SUFFIXES, SIDECAR)
    wanted = {f"{name}{suffix}" for name in names for suffix in suffixes}
    if found - {f"{name}{OPTIONAL_SUFFIX}" for name in names} != wanted:
        raise ValueError(
            f"the notebook wrote {', '.join(sorted(found))}; allowed: NAME"
            f"{', NAME'.join(suffixes)} for each figure, as save_figure writes them"
        )
    return names


def _said(sidecar: Path) -> dict:
    """Return what a notebook left to say of a figure."""
    try:
        said = json.loads(sidecar.read_text(encoding="utf-8"))
    except ValueError:
        raise ValueError(f"{sidecar.name} is no JSON; allowed: what save_figure writes") from None
    return check_figure_words(sidecar.name, said)


def _move(staged: Path, folder: Path) -> None:
    """Move all files of `staged` into `folder`, each in one step."""
    try:
        _replace(staged, folder)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # From another file system a move is a copy, which may fail half-way: all are
        # copied first, beside their places.
        with TemporaryDirectory(prefix=NEAR, dir=folder) as near:
            for path in staged.iterdir():
                shutil.copyfile(path, Path(near, path.name))
            _replace(Path(near), folder)


def _replace(source: Path, folder: Path) -> None:
    for path in sorted(source.iterdir()):
        path.replace(folder / path.name)
