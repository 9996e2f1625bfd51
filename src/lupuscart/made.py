"""Is a site or a deck what would be made of these figures? Answered without making it.

Contents count, never dates. What was made is noted in a file under ``build/made/``, one a place:
the key of what it was made from, and the digest of each of its files. A note that is lost or
damaged, or that does not fit what stands there, only means that all is made anew.
"""

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from lupuscart.atomic import write_whole
from lupuscart.digests import exact_digest, value_digest

__all__ = ["key_of", "note", "noted", "versions"]


def key_of(files: Iterable[Path], settings: Mapping[str, object]) -> str:
    """Return the key of what is made from these files, by name and content, and plain settings.

    Examples
    --------
    >>> key_of([], {"language": "en"}) == key_of([], {"language": "zh"})
    False
    """
    contents = sorted([path.name, exact_digest(path)] for path in files)
    return value_digest([contents, dict(settings)])


def versions(libraries: Iterable[str]) -> dict[str, str | None]:
    """Return the installed version of each library, None for one that is not there.

    Examples
    --------
    >>> versions(["no such library"])
    {'no such library': None}
    """
    return {name: _version(name) for name in libraries}


def noted(build: Path, place: Path, key: str):
    """Return what was noted of a place, if it holds what was made of the same; else None.

    Parameters
    ----------
    build : Path
        The folder for what can be made again.
    place : Path
        A file, or a folder with all that is in it.
    key : str
        From `key_of`.
    """
    try:
        note = json.loads(_path(build, place).read_bytes())
        is_as_made = note["key"] == key and note["files"] == _digests(place)
        return note["said"] if is_as_made else None
    except (ValueError, LookupError, TypeError, OSError):
        return None


def note(build: Path, place: Path, key: str, said) -> None:
    """Note of a place that what stands there was made of what has this key.

    Parameters
    ----------
    build, place, key
        As for `noted`.
    said : plain value, not None
        What `noted` is to return.
    """
    text = json.dumps({"key": key, "files": _digests(place), "said": said}, indent=1)
    path = _path(build, place)
    path.parent.mkdir(exist_ok=True)
    write_whole(path, lambda draft: draft.write_text(text, encoding="utf-8"))


def _path(build: Path, place: Path) -> Path:
    return build / "made" / f"{value_digest(str(place.resolve()))[:16]}.json"


def _digests(place: Path) -> dict[str, str]:
    files = place.rglob("*") if place.is_dir() else [place]
    return {
        path.relative_to(place).as_posix(): exact_digest(path)
        for path in sorted(files)
        if path.is_file()
    }


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
