"""Time site and deck: after the figures are made, and once more when nothing has changed.

Counted besides: the pages that ran for it. Where the figures were up to date, none should.
"""

import shutil
from statistics import median

from benchmarks.collection import FIGURES, LUPUSCART, copied
from benchmarks.timing import effort, row

#: Seconds, when nothing has changed.
AIM = 5

#: What each command keeps under build/.
KEPT = {"pages": ("site", "pages"), "slides": ("slides",)}


def rows():
    """Yield the rows."""
    with copied() as collection:
        collection.run(*FIGURES, "--anew")
        for command, folders in KEPT.items():
            run, first, again = (*LUPUSCART, command, "--quiet"), [], []
            for _ in range(effort.rounds):
                for folder in folders:
                    shutil.rmtree(collection.root / "build" / folder, ignore_errors=True)
                first.append(collection.executed(*run))
                again.append(collection.executed(*run))
            yield from summed(f"lupuscart {command}, after the figures", first)
            yield from summed(f"lupuscart {command}, nothing changed", again, aim=AIM)


def summed(name, rounds, *, aim=None):
    """The medians of all rounds."""
    times, ran = zip(*rounds, strict=True)
    yield row(name, median(times), aim=aim)
    yield row(f"{name}: pages that ran", median(map(len, ran)), unit="", aim=0)
