"""A copy of the collection in a temporary folder, and the commands that run in it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from benchmarks.timing import pick, seconds

__all__ = ["FIGURES", "LUPUSCART", "PYTHON", "ROOT", "Collection", "copied"]

ROOT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
LUPUSCART = (PYTHON, "-m", "lupuscart.cli")
FIGURES = (*LUPUSCART, "figures", "--quiet")
#: Enough to show that each part runs.
QUICK = ("01_trials", "02_response")


@contextmanager
def copied():
    """Yield a copy of the collection, which is removed in the end."""
    with tempfile.TemporaryDirectory(prefix="lupuscart-bench-") as folder:
        yield Collection(Path(folder))


class Collection:
    """A copy of the collection.

    Attributes
    ----------
    root : Path
        Its folder; ``out`` in it is for what others make.
    pages : list of Path
        Its notebooks: all, or two where all is quick.
    """

    def __init__(self, root):
        self.root = root
        for part in ("data", "notebooks", "figures"):
            shutil.copytree(ROOT / part, root / part)
        shutil.copy(ROOT / "requirements.lock", root)
        (root / "out").mkdir()
        every = sorted((root / "notebooks").glob("*.ipynb"))
        self.pages = pick(every, [page for page in every if page.stem in QUICK])
        for page in set(every) - set(self.pages):
            page.unlink()

    def run(self, *command):
        """Run a command in the copy; its failure is an error, not a time."""
        done = subprocess.run(
            command, cwd=self.root, env=self._environment(), capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")

    def peak(self, *command):
        """Return the most memory, in MB, that a command and all its kernels held at one time.

        What several processes share counts once. Looked at ten times a second, on Linux.
        """
        process = subprocess.Popen(
            command, cwd=self.root, env=self._environment(), stdout=subprocess.DEVNULL
        )
        most = 0.0
        while process.poll() is None:
            most = max(most, sum(map(_megabytes, _family(process.pid))))
            time.sleep(0.1)
        if process.returncode:
            raise RuntimeError(f"{command}: exit code {process.returncode}")
        return most

    def runs(self):
        """Return what is known of runs: pairs of a page and the moment at which one began."""
        found = set()
        for copy in self.root.glob("build/**/*.ipynb"):
            metadata = json.loads(copy.read_text(encoding="utf-8"))["metadata"]
            if "papermill" in metadata:
                found.add((copy.stem, metadata["papermill"]["start_time"]))
        return found

    def executed(self, *command):
        """Run a command; return its seconds, and the pages that it ran, a name a run."""
        before = self.runs()
        taken = seconds(lambda: self.run(*command))
        return taken, sorted(page for page, _ in self.runs() - before)

    def readers(self, table):
        """Return the pages whose figures are made of a table of data/."""
        records = json.loads((self.root / "figures" / "figures.json").read_text(encoding="utf-8"))
        made = [record for record in records.values() if table in record["data"]]
        return sorted({Path(record["notebook"]).stem for record in made})

    def _environment(self):
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return environment


def _family(pid):
    """Yield a process and all that it started, directly or not."""
    yield pid
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = thread.read_text().split()
        except OSError:  # it ended meanwhile
            continue
        for child in children:
            yield from _family(int(child))


def _megabytes(pid):
    """Return the memory of a process, its share of what is shared; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
