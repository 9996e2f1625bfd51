"""Kill the rebuild, the refresh, the deck and the site at random moments: ``make faults``.

python -m tests.faults [KILLS [SEED]]

Works on a copy of the collection in which the pages are switched between two confidence
levels, so that there is work to do. After each kill (SIGKILL) every file must be, byte for
byte, the one of either level, and no kernel may be left; the next run must finish the work
and leave no draft and no scratch folder.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEVELS = ("0.95", "0.9")
# Pages that have a confidence level; a run of all of them would only take longer.
PAGES = ("02", "04", "05")
KINDS = ("png", "svg", "csv")
DECK, SITE = "deck.pptx", "site"
COMMANDS = {
    "figures": ["figures", "--quiet", *PAGES],
    "refresh": ["refresh", *PAGES[:2]],
    "slides": ["slides", "--quiet", PAGES[0], "--output", DECK],
    "pages": ["pages", "--quiet", PAGES[0], "--output", SITE],
}


class Fault(Exception):
    """A file that is not whole, or a run that did not finish."""


def main(kills: int = 40, seed: int = 0) -> None:
    """Kill `kills` runs; the first fault ends it."""
    moments = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="lupuscart-faults-") as folder:
        root = Path(folder)
        for part in ("data", "notebooks", "figures"):
            shutil.copytree(ROOT / part, root / part)
        shutil.copy(ROOT / "requirements.lock", root)
        whole, seconds = _both_levels(root)
        print(f"undisturbed: {', '.join(f'{name} {seconds[name]:.1f} s' for name in seconds)}")
        for number in range(1, kills + 1):
            name = list(COMMANDS)[number % len(COMMANDS)]
            level = LEVELS[number // len(COMMANDS) % 2]
            _switch(root, level)
            moment = moments.uniform(0, seconds[name])
            ended = _run_until(root, COMMANDS[name], moment)
            changed = _check_whole(root, whole)
            _run(root, COMMANDS[name])
            _check_finished(root, name, whole[level])
            what = "had ended" if ended else f"{changed} files of the old level stood"
            print(f"{number:3} {name} at {level}, killed after {moment:4.1f} s: {what}", flush=True)
    print(f"{kills} kills: every file was whole, nobody was left, and the next run finished")


def _both_levels(root: Path) -> tuple[dict[str, dict[str, bytes]], dict[str, float]]:
    """Return what every file is at each level, and how long each command takes at most."""
    whole, seconds = {}, dict.fromkeys(COMMANDS, 0.0)
    for level in LEVELS[::-1]:
        _switch(root, level)
        for name, command in COMMANDS.items():
            start = time.monotonic()
            _run(root, command)
            seconds[name] = max(seconds[name], time.monotonic() - start)
        whole[level] = _files(root)
    return whole, seconds


def _switch(root: Path, level: str) -> None:
    """Give every page that has a confidence level this one, and leave its outputs."""
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        for other in LEVELS:
            text = text.replace(f'"confidence_level: float = {other} ', _default(level))
        path.write_text(text, encoding="utf-8")


def _default(level: str) -> str:
    return f'"confidence_level: float = {level} '


def _files(root: Path) -> dict[str, bytes]:
    """Return what stands: each file by name, and the site, which is replaced whole, as one."""
    folders = (root / "figures", root / "notebooks")
    files = {
        path.name: path.read_bytes()
        for folder in folders
        for path in sorted(folder.iterdir())
        if not path.name.startswith(".")
    }
    if (root / DECK).exists():
        files[DECK] = (root / DECK).read_bytes()
    if (root / SITE).exists():
        pages = sorted(path for path in (root / SITE).rglob("*") if path.is_file())
        files[SITE] = b"".join(path.name.encode() + path.read_bytes() for path in pages)
    return files


def _start(root: Path, command: list[str]) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.Popen(
        [sys.executable, "-m", "lupuscart.cli", *command],
        cwd=root,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _run(root: Path, command: list[str]) -> None:
    run = _start(root, command)
    _, errors = run.communicate()
    if run.returncode:
        raise Fault(f"lupuscart {' '.join(command)} ended with {run.returncode}: {errors}")


def _run_until(root: Path, command: list[str], moment: float) -> bool:
    """Kill a run after so many seconds, and return whether it had ended before."""
    run = _start(root, command)
    try:
        run.communicate(timeout=moment)
        return True
    except subprocess.TimeoutExpired:
        run.kill()
        run.communicate()
    end = time.monotonic() + 30
    while left := _processes_in(root):
        if time.monotonic() > end:
            raise Fault(f"processes are left: {left}")
        time.sleep(0.1)
    return False


def _processes_in(root: Path) -> list[int]:
    """Return the processes whose working folder lies in `root`: the kernels."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            where = os.readlink(folder / "cwd")
        except OSError:
            continue
        if where.startswith(str(root)):
            found.append(int(folder.name))
    return found


def _check_whole(root: Path, whole: dict[str, dict[str, bytes]]) -> int:
    """Raise for a file of neither level; return how many are of the first only."""
    first, second = (whole[level] for level in LEVELS)
    files = _files(root)
    if files.keys() != first.keys():
        raise Fault(f"files are missing or extra: {sorted(files.keys() ^ first.keys())}")
    for name, content in files.items():
        if name == "figures.json":
            records = [json.loads(each[name]) for each in (first, second)]
            for figure, record in json.loads(content).items():
                if record not in [each[figure] for each in records]:
                    raise Fault(f"figures.json has another record of {figure}")
        elif name.endswith(".ipynb"):
            # A page that was switched has the outputs of one level and the default of the other.
            plain = [_unswitched(each) for each in (content, first[name], second[name])]
            if plain[0] not in plain[1:]:
                raise Fault(f"{name} is neither the old page nor the new one")
        elif content not in (first[name], second[name]):
            raise Fault(f"{name} is neither the old file nor the new one")
    return sum(files[name] == first[name] != second[name] for name in files)


def _unswitched(page: bytes) -> bytes:
    for level in LEVELS:
        page = page.replace(_default(level).encode(), b"")
    return page


def _check_finished(root: Path, command: str, expected: dict[str, bytes]) -> None:
    if command == "figures":
        made = ("figures.json", *(f"{page}_*.{kind}" for page in PAGES for kind in KINDS))
        places = {"figures": ".*", "notebooks": ".*", "build": "run-*"}
    elif command == "refresh":
        made = tuple(f"{page}_*.ipynb" for page in PAGES[:2])
        places = {"notebooks": ".*"}
    else:
        made = (DECK if command == "slides" else SITE,)
        places = {".": ".[dps]*", "build": "run-*"}
    for name, content in _files(root).items():
        if any(fnmatch(name, pattern) for pattern in made) and content != expected[name]:
            raise Fault(f"{name} is not what an undisturbed run makes")
    left = [path.name for folder, hidden in places.items() for path in (root / folder).glob(hidden)]
    if left:
        raise Fault(f"left over: {left}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
