"""A folder of figures: what is in it, and how a notebook's figures get there whole.

Vocabulary
----------
staged
    The folder in which a notebook that has run left its figures.
folder
    Where figures are kept: ``figures/``, or a folder of the user's own.
record
    What figures.json says of one figure: ``notebook`` (file name), ``parameters`` (what the
    notebook declares, with the values in effect), ``data`` (file name of each table that the
    run read, to its digest), ``order`` (the number of the figure among those of its notebook)
    and what is said of it: ``headline``, ``alt`` (the text for those who cannot see it),
    ``source``, ``provenance``, ``references`` and ``table``. Only file names are kept, never
    paths: the file is the same on every machine.
sidecar
    NAME.json, in which a notebook leaves what is said of figure NAME, and its ``order``; it is
    entered in the record and not placed.

A file is replaced in one step: whoever looks, or pulls the plug, finds the old file or the
new one, never half of either. A figure that its notebook no longer makes is removed. Killed
between two files, a run leaves some old and some new: the next one sees it by their digests
(`lupuscart.notebooks.up_to_date`) and finishes. One process at a time places into a folder.
"""

import errno
import json
import math
import shutil
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from lupuscart.arguments import check_figure_words
from lupuscart.atomic import remove_drafts, write_whole
from lupuscart.notebooks.parameters import PATH_PARAMETERS
from lupuscart.notebooks.project import Notebook

__all__ = [
    "FIGURE_SUFFIXES",
    "MANIFEST",
    "OPTIONAL_SUFFIX",
    "SIDECAR",
    "describe_notebook",
    "place_figures",
    "read_manifest",
    "stage_figures",
    "tidy_figures",
    "write_manifest",
]

MANIFEST = "figures.json"

#: A figure is these three files of one name.
FIGURE_SUFFIXES = (".png", ".svg", ".csv")

#: What a figure has beside them where it was asked for; not entered in figures.json.
OPTIONAL_SUFFIX = ".pdf"

#: What is said of a figure lies beside it, until it is entered in its record.
SIDECAR = ".json"

#: What the records of all figures of one notebook have in common.
SHARED = ("notebook", "parameters", "data")

NEAR = ".placing-"


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
        ``notebook`` and ``parameters``.
    """
    effective = {**notebook.defaults, **settings}
    effective.pop("figures_dir", None)
    return {
        "notebook": notebook.name,
        "parameters": {
            name: Path(str(value)).name if name in PATH_PARAMETERS else value
            for name, value in effective.items()
        },
    }


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
        What the records of the notebook's figures share: what `describe_notebook` returns,
        and ``data``.
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
    sidecars = {name: _sidecar(staged / f"{name}{SIDECAR}") for name in _whole_figures(staged)}
    # Those without a number come last, by their names.
    said = {
        name: words
        for name, (order, words) in sorted(sidecars.items(), key=lambda each: (each[1][0], each[0]))
    }
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
    orders = {name: number for number, name in enumerate(said, start=1)}
    made = {name: {**description, "order": orders[name], **said[name]} for name in said}
    write_manifest(folder, kept | made)
    return list(said)


def stage_figures(files: Iterable[Path], records: Mapping[str, Mapping], staged) -> None:
    """Copy one notebook's figures to a staging folder, as a run would leave them there.

    Parameters
    ----------
    files : iterable of Path
        The files of the figures, where they are kept.
    records : mapping
        The record of each figure; what is said of it becomes its sidecar again.
    staged : path
        An empty folder, from which `place_figures` takes them.

    Raises
    ------
    OSError
        If a file is not there, or cannot be copied.
    """
    for path in files:
        shutil.copyfile(path, Path(staged, path.name))
    for name, record in records.items():
        said = {key: value for key, value in record.items() if key not in SHARED}
        text = json.dumps(said, ensure_ascii=False)
        Path(staged, f"{name}{SIDECAR}").write_text(text, encoding="utf-8")


def tidy_figures(folder, notebooks, empty: Collection[str] = ()) -> None:
    """Remove what a killed run left in a folder of figures, and figures that nobody makes.

    Parameters
    ----------
    folder : path
        Where figures are kept.
    notebooks : path
        The folder of the notebooks; figures of a notebook that is not in it are removed.
    empty : collection of str, optional
        File names of notebooks that have nothing to show; their figures are of other data.
    """
    folder = Path(folder)
    remove_drafts(folder / MANIFEST)
    for near in folder.glob(f"{NEAR}*"):
        shutil.rmtree(near, ignore_errors=True)
    records = read_manifest(folder)
    kept = {
        name: record
        for name, record in records.items()
        if Path(notebooks, record["notebook"]).exists() and record["notebook"] not in empty
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


def _sidecar(path: Path) -> tuple[float, dict]:
    """Return which of its notebook's figures this is, and what is said of it."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise ValueError(f"{path.name} is no JSON; allowed: what save_figure writes") from None
    words = check_figure_words(path.name, content)
    order = content.get("order", math.inf)
    if type(order) is not int and order != math.inf:
        raise ValueError(f"{path.name} has order {order!r}; allowed: a whole number")
    return order, words


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
