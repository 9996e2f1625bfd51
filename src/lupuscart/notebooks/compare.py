"""Are the figures in ``figures/``, and the pictures in the notebooks, what the notebooks make?

The notebooks run again into a folder of their own, and file is compared with file:
tables and figures.json to the byte everywhere, pictures to the byte on the platform
that the lock file was tried on. On other processors the last digit of a coordinate may
round differently, so a PNG there is compared by its pixels; an SVG, the same drawing in
other words, is not compared.

What a notebook has stored is read by everyone who looks at it on the web: each picture in
it, with the words for those who cannot see it, is compared too. Its texts and tables are
compared by nbval, which does not look at pictures.
"""

import base64
import csv
import io
import json
import platform
import sys
from collections.abc import Iterator
from itertools import count, zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from lupuscart.notebooks.manifest import MANIFEST, OPTIONAL_SUFFIX
from lupuscart.notebooks.project import find_notebooks, find_root
from lupuscart.notebooks.run import run_notebooks

__all__ = ["PIXEL_TOLERANCE", "check_figures", "compare_figures", "compare_pictures"]

#: Largest root mean square difference of two PNG files, in levels of 0 to 255. Between two
#: drawings of three intervals at 1920 x 1080, one digit of one label makes 1.7, one
#: responder less 4.2, and a shift by a billionth of a per cent, as rounding makes it, 0.
PIXEL_TOLERANCE = 1.0


def check_figures(root=None, *, jobs: int | None = None, progress: bool = True) -> list[str]:
    """Make all figures anew and compare them with ``figures/`` and with the stored pictures.

    Parameters
    ----------
    root : path, optional
        The collection's folder or one inside it; found from the working folder by
        default.
    jobs, progress
        As for `lupuscart.notebooks.run.run_notebooks`.

    Returns
    -------
    list of str
        One sentence a difference; empty if there is none.

    Raises
    ------
    ValueError, NotebookError
        As `lupuscart.notebooks.run.run_notebooks`.
    """
    root = find_root(root)
    with TemporaryDirectory(prefix="lupuscart-") as folder:
        made, copies = Path(folder, "figures"), Path(folder, "notebooks")
        for each in (made, copies):
            each.mkdir()
        run_notebooks(root=root, figures_dir=made, copies_dir=copies, jobs=jobs, progress=progress)
        differences = compare_figures(root / "figures", made)
        for path in find_notebooks(root):
            differences += compare_pictures(path, copies / path.name)
        return differences


def compare_figures(kept, made, *, exact_pictures: bool | None = None) -> list[str]:
    """Say how the figures in folder `kept` differ from those in folder `made`.

    Parameters
    ----------
    kept, made : path
        Two folders of figures; hidden files and PDFs, made on demand only, do not count.
    exact_pictures : bool, optional
        Whether pictures must be equal to the byte; by default on Linux x86_64 only.

    Returns
    -------
    list of str
        One sentence a file that is missing, extra or changed, in the order of names.
    """
    if exact_pictures is None:
        exact_pictures = _same_pixels_are_expected()
    kept, made = _files(kept), _files(made)
    differences = []
    for name in sorted(kept.keys() | made.keys()):
        if name not in kept:
            differences.append(f"{name} is missing")
        elif name not in made:
            differences.append(f"{name} is extra: no notebook makes it")
        elif kept[name].read_bytes() != made[name].read_bytes():
            how = _difference(kept[name], made[name], exact_pictures)
            differences += [f"{name} {how}"] if how else []
    return differences


def compare_pictures(stored, executed, *, exact_pictures: bool | None = None) -> list[str]:
    """Say how the pictures stored in a notebook differ from those of an executed copy.

    Parameters
    ----------
    stored, executed : path
        The notebook, and a copy as `lupuscart.notebooks.run` keeps it.
    exact_pictures : bool, optional
        As for `compare_figures`.

    Returns
    -------
    list of str
        One sentence a cell whose pictures, or the words that go with them, differ.
    """
    if exact_pictures is None:
        exact_pictures = _same_pixels_are_expected()
    differences = []
    for number, kept, made in zip(count(1), _pictures(stored), _pictures(executed), strict=False):
        where = f"{Path(stored).name}, In [{number}],"
        if len(kept) != len(made):
            differences.append(f"{where} has {len(kept)} pictures stored; made: {len(made)}")
            continue
        for (old, old_words), (new, new_words) in zip(kept, made, strict=True):
            if old_words != new_words:
                differences.append(f"{where} says of a picture {old_words}; made: {new_words}")
            if old != new and (exact_pictures or _too_different(old, new)):
                differences.append(f"{where} has another picture stored than it makes")
    return differences


def _same_pixels_are_expected() -> bool:
    return sys.platform == "linux" and platform.machine() == "x86_64"


def _pictures(path) -> Iterator[list[tuple[bytes, dict]]]:
    """Yield the pictures of each code cell with what is said of them, in the order of cells.

    The cell with the parameters of a run is not counted: the stored notebook has none.
    """
    for cell in json.loads(Path(path).read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and "injected-parameters" not in cell["metadata"].get(
            "tags", []
        ):
            yield [
                (_bytes(content), output.get("metadata", {}))
                for output in cell["outputs"]
                for kind, content in sorted(output.get("data", {}).items())
                if kind.startswith("image/")
            ]


def _bytes(content) -> bytes:
    """Return a picture; an SVG is stored as text, the others as text that stands for bytes."""
    text = "".join(content)
    return text.encode() if text.lstrip().startswith("<") else base64.b64decode(text)


def _too_different(old: bytes, new: bytes) -> bool:
    drawings = [picture.lstrip().startswith(b"<") for picture in (old, new)]
    if any(drawings):
        return not all(drawings)  # two SVG may be the same drawing in other words
    old, new = _pixels(io.BytesIO(old)), _pixels(io.BytesIO(new))
    return old.shape != new.shape or _rms(old, new) > PIXEL_TOLERANCE


def _files(folder) -> dict[str, Path]:
    folder = Path(folder)
    paths = folder.iterdir() if folder.is_dir() else ()
    return {
        path.name: path
        for path in paths
        if not path.name.startswith(".") and path.suffix != OPTIONAL_SUFFIX
    }


def _difference(kept: Path, made: Path, exact_pictures: bool) -> str | None:
    """Say how two files of different bytes differ, or ``None`` if they may."""
    if kept.suffix == ".csv":
        return _table_difference(_rows(kept), _rows(made))
    if kept.name == MANIFEST:
        return _manifest_difference(kept, made)
    if exact_pictures:
        return "is another picture"
    return _pixel_difference(kept, made) if kept.suffix == ".png" else None


def _rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8", errors="replace"))))


def _table_difference(kept: list[list[str]], made: list[list[str]]) -> str:
    header = made[0] if made else []
    if not kept or kept[0] != header:
        return f"has columns {', '.join(kept[0] if kept else [])}; made: {', '.join(header)}"
    if len(kept) != len(made):
        return f"has another number of rows: {len(kept) - 1}; made: {len(made) - 1}"
    changed = [
        f"row {number} ({new[0]}), column {column}: {old_cell!r}; made: {new_cell!r}"
        for number, (old, new) in enumerate(zip(kept[1:], made[1:], strict=True), start=1)
        for column, old_cell, new_cell in zip_longest(header, old, new, fillvalue="")
        if old_cell != new_cell
    ]
    if not changed:
        return "has the same cells, written otherwise (line ends or quotes)"
    others = f"; {len(changed)} cells differ" if len(changed) > 1 else ""
    return f"has {changed[0]}{others}"


def _manifest_difference(kept: Path, made: Path) -> str:
    try:
        old = dict(_leaves(json.loads(kept.read_text(encoding="utf-8"))))
    except ValueError:
        return "is not JSON"
    new = dict(_leaves(json.loads(made.read_text(encoding="utf-8"))))
    changed = [
        f"{place}: {old.get(place, 'nothing')}; made: {new.get(place, 'nothing')}"
        for place in sorted(old.keys() | new.keys())
        if old.get(place) != new.get(place)
    ]
    return f"has {'; '.join(changed)}" if changed else "has the same records, written otherwise"


def _leaves(value, place: str = "") -> Iterator[tuple[str, object]]:
    """Yield the place and value of everything in nested records and lists."""
    inner = dict(enumerate(value, start=1)) if isinstance(value, list) else value
    # An empty list or record has no leaves, and is one itself.
    if not isinstance(inner, dict) or not inner:
        yield place, value
        return
    for key, each in inner.items():
        yield from _leaves(each, f"{place}, {key}" if place else str(key))


def _pixel_difference(kept: Path, made: Path) -> str | None:
    old, new = _pixels(kept), _pixels(made)
    if old.shape != new.shape:
        return f"has {old.shape[1]} x {old.shape[0]} pixels; made: {new.shape[1]} x {new.shape[0]}"
    rms = _rms(old, new)
    if rms <= PIXEL_TOLERANCE:
        return None
    return f"is another picture (RMS {rms:.1f}; allowed: {PIXEL_TOLERANCE})"


def _rms(old: np.ndarray, new: np.ndarray) -> float:
    return float(np.sqrt(np.mean((old - new) ** 2)))


def _pixels(file) -> np.ndarray:
    """Return the pixels of a picture, of which a path or an open file is given."""
    from PIL import Image

    with Image.open(file) as image:
        return np.asarray(image.convert("RGBA"), dtype=float)
