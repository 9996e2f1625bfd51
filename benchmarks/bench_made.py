"""Time site and deck: after the figures are made, and once more when nothing has changed.

Counted besides: the pages that ran for it. Where the figures were up to date, none should.
"""

import shutil
from statistics import median

from benchmarks.collection import FIGURES, LUPUSCART, copied
from benchmarks.timing import effort, row, seconds

#: Seconds.
AIM = 5

#: What each command keeps under build/.
KEPT = {"pages": ("site", "pages"), "slides": ("slides",)}


def rows():
    """Yield the rows."""
    with copied() as collection:
        collection.run(*FIGURES, "--anew")
        for command, folders in KEPT.items():
            first, again = [], []
            for _ in range(effort.rounds):
                for folder in folders:
                    shutil.rmtree(collection.root / "build" / folder, ignore_errors=True)
                first.append(timed(collection, command))
                again.append(timed(collection, command))
            yield from summed(f"lupuscart {command}, after the figures", first)
            yield from summed(f"lupuscart {command}, nothing changed", again)


def timed(collection, command):
    """Return the seconds of a command, and how many pages it ran."""
    ran = []
    taken = seconds(lambda: ran.extend(collection.executed(*LUPUSCART, command, "--quiet")))
    return taken, len(ran)


def summed(name, rounds):
    """The medians of all rounds."""
    times, counts = zip(*rounds, strict=True)
    yield row(name, median(times), aim=AIM)
    yield row(f"{name}: pages that ran", median(counts), unit="", aim=0)
