"""Run notebooks and planning functions over a grid, here or on a cluster, into one table.

Vocabulary
----------
sweep
    Every combination of a grid, for every target; its results are kept in its output folder.
output folder
    ``results.parquet`` (and ``.csv`` on request), ``failures.csv``, ``overview.png``, ``.svg``
    and ``.csv``, ``sweep.json`` (what was run, with which software and from which sources) and
    the journal, from which a sweep that was stopped goes on.
batch
    The tasks that a worker is sent at once: one notebook, or as many calls of a function as
    take about a second (more with hundreds of workers), since sending takes longer than many
    a call.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd

from lupuscart.arguments import check_choice
from lupuscart.atomic import try_folder, write_whole
from lupuscart.figures.style import THEMES
from lupuscart.notebooks.project import find_root
from lupuscart.optional import import_extra
from lupuscart.safe_csv import write_table
from lupuscart.sweep.collect import tidy_table
from lupuscart.sweep.grid import Grid
from lupuscart.sweep.journal import Journal
from lupuscart.sweep.overview import save_overview
from lupuscart.sweep.targets import Target, find_targets
from lupuscart.sweep.tasks import Outcome, Task, run_tasks, software
from lupuscart.sweep.workers import connect
from lupuscart.words.lexicon import LANGUAGES

__all__ = ["Sweep", "SweepError", "run_sweep"]

#: More notebooks, or calls of functions, than this are not begun without asking.
MANY = {True: 10_000, False: 1_000_000}

_LARGEST_BATCH = 5000
_BATCH_SECONDS = 1.0
# One scheduler hands out some two hundred batches a second: with more workers than half of
# that, each gets more at once.
_WORKERS_FED = 100


class SweepError(Exception):
    """The sweep stopped before its end; what was finished is kept."""


@dataclass(frozen=True)
class Sweep:
    """What a sweep made.

    Attributes
    ----------
    folder : Path
        The output folder.
    combinations, kept, rows : int
        All combinations; those that were there from an earlier run; rows of the table.
    failures : dict
        Combination to its error.
    changed : list of str
        The sources that changed since an earlier run, whose results were thrown away.
    overview : str
        Why there is no overview figure; empty if there is one.
    """

    folder: Path
    combinations: int
    kept: int
    rows: int
    failures: dict[int, str]
    changed: list[str]
    overview: str


def run_sweep(
    names: Iterable[str],
    grid: Grid,
    *,
    root=None,
    scheduler: str | None = None,
    jobs: int | None = None,
    output=None,
    csv: bool = False,
    show: str = "",
    language: str = "en",
    theme: str = "light",
    confirm: Callable[[str], bool] = lambda question: True,
    progress: bool = True,
) -> Sweep:
    """Run every combination of a grid and put all tables that come of it into one.

    Parameters
    ----------
    names : iterable of str
        Notebooks by file name, stem, number or path, and functions such as
        ``planning.power_two_arm``.
    grid : Grid
        Each parameter goes to every target that declares it.
    root : path, optional
        The collection's folder or one inside it; found from the working folder by default.
    scheduler : str, optional
        Address of a Dask scheduler; processes of this machine by default.
    jobs : int, optional
        How many processes of this machine; as many as it has processors by default.
    output : path, optional
        The output folder, made if need be; ``build/sweep/NAME`` by default.
    csv : bool, optional
        Whether to write the table as CSV too.
    show : str, optional
        The column of the overview, or ``TABLE:COLUMN``; one that the grid moves by default.
    language, theme : str, optional
        Of the overview.
    confirm : callable, optional
        Takes a question and says whether to go on: asked before a great many runs.
    progress : bool, optional
        Whether to show a progress bar, with the time left, on the error stream.

    Returns
    -------
    Sweep

    Raises
    ------
    ValueError
        If a target, the grid, the folder or the scheduler is wrong; nothing has run then.
    OSError
        If a file cannot be written, or no worker be started; what was finished is kept.
    SweepError
        If it was not confirmed, the cluster went away, or `show` is no column of the results.
    """
    import_extra("pyarrow", "sweep")
    check_choice("language", language, LANGUAGES)
    check_choice("theme", theme, THEMES)
    if scheduler is not None and jobs is not None:
        raise ValueError("jobs is for this machine alone; a cluster has the workers it has")
    targets = find_targets(names, grid, root=root)
    folder = _output_folder(output, targets, root)
    total = sum(target.grid.size for target in targets)
    sources = {**_software(), **{k: v for each in targets for k, v in each.sources.items()}}
    with Journal(folder / "journal.jsonl", sources) as journal:
        _ask(targets, journal, confirm)
        kept = sum(task.key in journal for target in targets for task in target.tasks())
        failures: dict[int, str] = {}
        if kept < total:
            with connect(scheduler, jobs=jobs) as client:
                _Work(targets, journal, client, total - kept, failures).run(progress, kept, total)
        made = (
            (number, task.settings, journal.tables(task.key))
            for number, (_, task) in enumerate(_tasks(targets))
            if task.key in journal
        )
        results, columns = tidy_table(made)
    _write_results(folder, results, csv)
    _write_failures(folder, targets, failures)
    record = {
        "targets": [target.name for target in targets],
        "grid": {name: list(values) for name, values in grid.parameters.items()},
        "software": software(),
        "sources": {k: v for target in targets for k, v in target.sources.items()},
        "combinations": total,
        "failed": len(failures),
    }
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    write_whole(folder / "sweep.json", lambda draft: draft.write_text(text, encoding="utf-8"))
    look = {"failed": len(failures), "language": language, "theme": theme}
    without = _draw(folder, results, columns, show, **look)
    return Sweep(folder, total, kept, len(results), failures, journal.changed, without)


class _Work:
    """What is still to be done, what is under way, and what was lost."""

    def __init__(self, targets, journal: Journal, client, missing: int, failures: dict[int, str]):
        self._journal, self._client, self._failures = journal, client, failures
        self._executor = client.get_executor(pure=False)
        self._missing = missing
        self._waiting = _batches(targets, journal, self._batch_size)
        self._again: deque[tuple[object, list]] = deque()
        self._running: dict[Future, tuple[object, list]] = {}
        self._count = 1
        self._seconds, self._measured = 0.0, 0

    def run(self, progress: bool, kept: int, total: int) -> None:
        """Do it all, and keep every outcome as it comes."""
        from tqdm import tqdm

        try:
            with tqdm(total=total, initial=kept, unit="combination", disable=not progress) as bar:
                while self._send():
                    # On Windows a wait without end cannot be interrupted by Ctrl-C.
                    done, _ = wait(self._running, timeout=1, return_when=FIRST_COMPLETED)
                    # What was finished is kept before it is said that the rest is lost.
                    for future in sorted(done, key=Future.cancelled):
                        bar.update(self._receive(future))
                    if not done:
                        bar.set_postfix_str("" if self._count else "waiting for workers")
        except CancelledError:
            raise SweepError(
                "the cluster went away; what was finished is kept: the same command goes on"
            ) from None

    def _batch_size(self) -> int:
        """As many as take about a second, but enough batches for every worker."""
        if not self._measured:
            return 1
        mean = max(self._seconds / self._measured, 1e-6)
        workers = max(self._count, 1)
        fitting = _BATCH_SECONDS * max(1, workers / _WORKERS_FED) / mean
        share = self._missing // (4 * workers)
        return int(max(1, min(fitting, share, _LARGEST_BATCH)))

    def _send(self) -> bool:
        """Give each worker a batch; say whether anything is under way.

        One and no more: where a worker dies, it is known which batch it was.
        """
        try:
            self._count = sum(self._client.nthreads().values())  # workers come and go
        except OSError:  # the scheduler is gone
            raise CancelledError from None
        while len(self._running) < max(self._count, 1):
            batch = self._again.popleft() if self._again else next(self._waiting, None)
            if batch is None:
                break
            code, tasks = batch
            future = self._executor.submit(run_tasks, code, [task for _, task in tasks], software())
            self._running[future] = batch
        return bool(self._running)

    def _receive(self, future: Future) -> int:
        """Take what came back, and return how many combinations are done with."""
        from distributed import KilledWorker

        code, tasks = self._running.pop(future)
        try:
            outcomes = future.result()
        except CancelledError:
            raise
        except KilledWorker:
            if len(tasks) > 1:
                # One of them did it: the others are tried without it.
                self._again.extend((code, [task]) for task in tasks)
                return 0
            outcomes = [_failed(tasks[0][1], "the workers that ran it died, one after the other")]
        except Exception as error:
            outcomes = [_failed(task, f"{type(error).__name__}: {error}") for _, task in tasks]
        for (number, _), outcome in zip(tasks, outcomes, strict=True):
            self._settle(number, outcome)
        return len(tasks)

    def _settle(self, number: int, outcome: Outcome) -> None:
        self._missing -= 1
        self._seconds += outcome.seconds
        self._measured += 1
        if outcome.error is None:
            self._journal.add(outcome)
        else:
            self._failures[number] = outcome.error


def _failed(task: Task, error: str) -> Outcome:
    return Outcome(task.key, (), " ".join(error.split()), 0.0)


def _tasks(targets: Sequence[Target]) -> Iterator[tuple[Target, Task]]:
    return ((target, task) for target in targets for task in target.tasks())


def _batches(targets, journal, size: Callable[[], int]) -> Iterator[tuple[object, list]]:
    """Yield what has to be run, together with its code, in batches of one code."""
    number = 0
    for target in targets:
        missing = (
            (place, task)
            for place, task in enumerate(target.tasks(), start=number)
            if task.key not in journal
        )
        while batch := list(islice(missing, 1 if target.is_notebook else size())):
            yield target.code(batch[0][1]), batch
        number += target.grid.size


def _software() -> dict[str, str]:
    return {f"the version of {name}": version for name, version in software().items()}


def _ask(targets: Sequence[Target], journal: Journal, confirm: Callable[[str], bool]) -> None:
    """Ask before a great many runs; what is there already does not count."""
    for are_notebooks, limit in MANY.items():
        chosen = [target for target in targets if target.is_notebook is are_notebooks]
        count = sum(target.grid.size for target in chosen)
        # One by one only where the journal could matter: a grid may be beyond counting.
        if limit < count <= limit + len(journal):
            count = sum(task.key not in journal for _, task in _tasks(chosen))
        what = "notebooks" if are_notebooks else "calls of functions"
        if count > limit and not confirm(f"This starts {count:,} {what}."):
            raise SweepError(f"{count:,} {what} were not started")


def _output_folder(output, targets: Sequence[Target], root) -> Path:
    """Return the output folder, once a file could be written there."""
    if output is None:
        try:
            build = find_root(root) / "build" / "sweep"
        except ValueError as error:
            raise ValueError(f"{error}; or any other, given as --output (output=)") from None
        output = build / "+".join(each.name for each in targets)
    folder = Path(output).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try_folder(folder)
    except OSError as error:
        raise ValueError(
            f"output is {str(output)!r}, where no file can be written ({error.strerror})"
        ) from None
    return folder


def _write_results(folder: Path, results: pd.DataFrame, csv: bool) -> None:
    write_whole(
        folder / "results.parquet",
        lambda draft: results.to_parquet(draft, engine="pyarrow", index=False),
    )
    if csv:
        write_table(results, folder / "results.csv", float_format=None)


def _write_failures(folder: Path, targets: Sequence[Target], failures: dict[int, str]) -> None:
    rows = [
        {"combination": number, "target": target.name, **task.settings, "error": failures[number]}
        for number, (target, task) in enumerate(_tasks(targets))
        if number in failures
    ]
    table = pd.DataFrame(rows, columns=None if rows else ["combination", "target", "error"])
    last = table.pop("error")
    write_table(table.assign(error=last), folder / "failures.csv", float_format=None)


def _draw(folder: Path, results: pd.DataFrame, columns, show: str, **options) -> str:
    """Draw the overview; return why not, if it cannot be drawn."""
    if results.empty:
        return "no combination has a result"
    try:
        save_overview(folder, results, columns, show=show, **options)
    except ValueError as error:
        if show:
            raise SweepError(f"{error}; the results are in {folder}") from None
        return str(error)
    return ""
