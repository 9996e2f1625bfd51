"""Files and folders are put in their place whole, and a user's own file is nobody's draft."""

import os
import random
import signal
import stat
import string
import subprocess
import sys

import pytest

from lupuscart import atomic
from lupuscart.atomic import exchange_folder, move_file, put_back, remove_drafts, write_whole

POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no umask and no such signal")


@POSIX
@pytest.mark.parametrize("umask", [0o077, 0o027, 0o022, 0o002])
def test_a_file_is_for_whom_the_umask_says(tmp_path, umask):
    before = os.umask(umask)
    try:
        write_whole(tmp_path / "a", lambda draft: draft.write_text("a"))
        write_whole(tmp_path / "a", lambda draft: draft.write_text("again"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o666 & ~umask


def test_no_file_of_the_users_is_taken_for_a_draft(tmp_path):
    draw = random.Random(0)
    letters = string.ascii_letters + string.digits + "_"
    names = {".talk.pptx.original", ".talk.pptx.lupuscart-draft", "talk.pptx"}
    for length in range(1, 20):
        names.add(".talk.pptx." + "".join(draw.choices(letters, k=length)))
    for name in names:
        (tmp_path / name).touch()
    remove_drafts(tmp_path / "talk.pptx")
    assert {path.name for path in tmp_path.iterdir()} == names


def test_a_draft_of_a_killed_program_is_removed(tmp_path):
    def die(draft):
        os.rename(draft, tmp_path / "kept")
        (tmp_path / "name").write_text(draft.name)

    with pytest.raises(OSError, match="No such file"):
        write_whole(tmp_path / "a", die)
    draft = tmp_path / (tmp_path / "name").read_text()
    (tmp_path / "kept").rename(draft)
    remove_drafts(tmp_path / "a")
    assert not draft.exists()


def folders(tmp_path):
    site, new = tmp_path / "site", tmp_path / "scratch" / "new"
    for folder, content in ((site, "old"), (new, "new")):
        folder.mkdir(parents=True)
        (folder / "index.html").write_text(content)
    return new, site


@pytest.fixture(params=[True, False], ids=["in one step", "by renames"])
def one_step(request, monkeypatch):
    if not request.param:
        monkeypatch.setattr(atomic, "_swap", lambda one, other: False)
    return request.param


def test_folders_are_exchanged(tmp_path, one_step):
    new, site = folders(tmp_path)
    exchange_folder(new, site)
    assert (site / "index.html").read_text() == "new"
    assert (new / "index.html").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scratch", "site"]


def test_a_first_folder_needs_no_exchange(tmp_path, one_step):
    new, site = folders(tmp_path)
    (site / "index.html").unlink()
    site.rmdir()
    exchange_folder(new, site)
    assert (site / "index.html").read_text() == "new"
    assert not new.exists()


def test_what_cannot_be_exchanged_stays(tmp_path, one_step):
    _, site = folders(tmp_path)
    with pytest.raises(OSError, match="No such file"):
        exchange_folder(tmp_path / "none", site)
    assert (site / "index.html").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scratch", "site"]


# Ends itself, by SIGKILL, just before its rename number N.
KILLED = """
import os, signal, sys
from pathlib import Path
from lupuscart import atomic
if sys.argv[4] == "renames":
    atomic._swap = lambda one, other: False
renames = []
def watch(event, arguments):
    if event == "os.rename":
        renames.append(arguments)
        if len(renames) == int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
atomic.exchange_folder(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@POSIX
@pytest.mark.parametrize("how", ["renames", "one step"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_killed_in_an_exchange_a_whole_folder_stands_or_is_put_back(tmp_path, number, how):
    new, site = folders(tmp_path)
    command = [sys.executable, "-c", KILLED, str(new), str(site), str(number), how]
    ended = subprocess.run(command).returncode
    assert ended == (-signal.SIGKILL if number <= 3 and how == "renames" else 0)
    put_back(site)
    expected = "old" if how == "renames" and number <= 2 else "new"
    assert (site / "index.html").read_text() == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scratch", "site"]


def test_a_move_from_another_file_system_names_what_is_full(tmp_path, monkeypatch):
    import errno
    from pathlib import Path

    def other(source, target):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    def full(source, draft):
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "a").write_text("a")
    monkeypatch.setattr(Path, "replace", other)
    monkeypatch.setattr(atomic.shutil, "copyfile", full)
    with pytest.raises(OSError, match=r"No space left on device: .*place"):
        move_file(tmp_path / "a", tmp_path / "place")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
