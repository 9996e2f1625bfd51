"""What takes long to make and is the same for all: made once a session, in a folder of its own."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from lupuscart.locks import wait_for_lock


def made_once(tmp_path_factory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder of the session that `make` has filled; of several workers one fills it."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    place = base / f"shared-{name}"
    place.mkdir(exist_ok=True)
    folder, whole = place / "made", place / "whole"
    with wait_for_lock(place, lambda sentence: None):
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            whole.touch()
    return folder
