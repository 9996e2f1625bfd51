"""Place a notebook's figures: whole, together, and entered in figures.json.

Vocabulary
----------
staged
    The folder in which a notebook that has run left its figures.
folder
    Where figures are kept: ``figures/``, or a folder of the user's own.
record
    A figure's entry in figures.json; see `lupuscart.manifest`.

A file is replaced in one step: whoever looks, or pulls the plug, finds the old file or the
new one, never half of either. A figure that its notebook no longer makes is removed.
"""

import errno
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from lupuscart.manifest import FIGURE_SUFFIXES, read_manifest, write_manifest

__all__ = ["place_figures"]


def place_figures(staged, folder, description: Mapping[str, object], notebooks) -> list[str]:
    """Move the figures of one notebook to where figures are kept.

    Parameters
    ----------
    staged : path
        Holds NAME.png, NAME.svg and NAME.csv of each figure, and nothing else.
    folder : path
        Where figures are kept.
    description : mapping
        What the records of the notebook's figures share, as
        `lupuscart.manifest.describe_notebook` returns it.
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
        If a figure is not whole, has no alt text, or has the name of another notebook's;
        nothing is moved then.
    """
    staged, folder = Path(staged), Path(folder)
    alts = {name: _alt_text(staged / f"{name}.png") for name in _whole_figures(staged)}
    records = read_manifest(folder)
    replaced = {
        name
        for name, record in records.items()
        if record["notebook"] == description["notebook"]
        or not Path(notebooks, record["notebook"]).exists()
    }
    for name in alts:
        if name in records.keys() - replaced:
            owner = records[name]["notebook"]
            raise ValueError(f"figure {name} is also made by {owner}; allowed: a name of its own")

    _move(staged, folder)
    for name in replaced - alts.keys():
        for suffix in FIGURE_SUFFIXES:
            Path(folder, f"{name}{suffix}").unlink(missing_ok=True)
    kept = {name: record for name, record in records.items() if name not in replaced}
    # Last, so that what is entered is there.
    write_manifest(folder, kept | {name: {**description, "alt": alts[name]} for name in alts})
    return list(alts)


def _whole_figures(staged: Path) -> list[str]:
    """Return the names of the staged figures, each of which has all its files."""
    found = {path.name for path in staged.iterdir()}
    names = sorted({Path(file).stem for file in found})
    if found != {f"{name}{suffix}" for name in names for suffix in FIGURE_SUFFIXES}:
        raise ValueError(
            f"the notebook wrote {', '.join(sorted(found))}; allowed: NAME"
            f"{', NAME'.join(FIGURE_SUFFIXES)} for each figure, as save_figure writes them"
        )
    return names


def _alt_text(picture: Path) -> str:
    # Pillow comes with matplotlib.
    from PIL import Image

    with Image.open(picture) as image:
        alt = image.text.get("Description", "")
    if not alt:
        raise ValueError(f"{picture.name} has no alt text; allowed: save_figure(..., alt=...)")
    return alt


def _move(staged: Path, folder: Path) -> None:
    """Move all files of `staged` into `folder`, each in one step."""
    try:
        _replace(staged, folder)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # From another file system a move is a copy, which may fail half-way: all are
        # copied first, beside their places.
        with TemporaryDirectory(prefix=".", dir=folder) as near:
            shutil.copytree(staged, near, dirs_exist_ok=True)
            _replace(Path(near), folder)


def _replace(source: Path, folder: Path) -> None:
    for path in sorted(source.iterdir()):
        path.replace(folder / path.name)
