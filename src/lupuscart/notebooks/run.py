"""Run the notebooks and place what they make: whole, or not at all.

Vocabulary
----------
staging folder
    Where one notebook's figures are written while it runs, under ``build/``; from there
    they are placed in the figures folder once the notebook has finished. A notebook that
    failed has nothing placed.
executed copy
    The notebook as it ran, with outputs and errors: ``build/notebooks/NN_name.ipynb``.
up to date
    Said of a notebook whose figures a run would not change (`lupuscart.notebooks.up_to_date`):
    it does not run.
drawn again
    Said of a notebook that another run differs from in theme or canvas alone: its figures are
    drawn from what that run found, and it does not run (`lupuscart.kernels.redraw`).
nothing to show
    Said of a page for which the data have no rows (`lupuscart.notebooks.nothing_to_show`): it
    does not run, figures that it made of other data are removed, and its executed copy is its
    title with the sentence that says so.

What was read and checked at the start is what runs: a notebook or a table that is edited
meanwhile counts as changed at the next run. Of two runs into one folder the second waits.
"""

import os
import shutil
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from lupuscart.arguments import check_whole
from lupuscart.atomic import (
    KEEP_VARIABLE,
    PDF_VARIABLE,
    SHOW_SAVED_VARIABLE,
    TITLE_VARIABLE,
    move_file,
    writable_folder,
    write_whole,
)
from lupuscart.data.dictionary import table_files
from lupuscart.kept import Kept
from lupuscart.kernels.environment import (
    CELL_SECONDS,
    check_open_files,
    kernel_environment,
    processors,
)
from lupuscart.kernels.files_read import READ_VARIABLE, read_list
from lupuscart.kernels.fork import ForkServer, can_fork
from lupuscart.kernels.redraw import STYLE, Drawing, draw_all
from lupuscart.locks import scratch_folder, wait_for_lock
from lupuscart.notebooks.figure_store import (
    describe_notebook,
    place_figures,
    read_manifest,
    tidy_figures,
)
from lupuscart.notebooks.nothing_to_show import sentences, short_copy
from lupuscart.notebooks.parameters import check_parameters, trials_path
from lupuscart.notebooks.project import (
    Notebook,
    build_folder,
    find_notebooks,
    find_root,
    read_notebook,
)
from lupuscart.notebooks.up_to_date import Ledger, fingerprint, key_but_for_style, run_key

__all__ = ["NotebookError", "run_notebooks"]


class NotebookError(Exception):
    """One notebook or several failed.

    Attributes
    ----------
    failures : dict
        Notebook file name to its error.
    figures : list of str
        The figures of the other notebooks, which were placed.
    """

    def __init__(self, failures: Mapping[str, str], figures: Sequence[str], copies: Path):
        self.failures = dict(failures)
        self.figures = list(figures)
        count = f"{len(self.failures)} notebook{'s' if len(self.failures) > 1 else ''}"
        errors = [f"{name}, {error}" for name, error in self.failures.items()]
        where = f"executed copies, and what the kernels printed: {copies}"
        super().__init__("\n".join([f"{count} failed", *errors, where]))


def run_notebooks(
    names: Iterable[str] | None = None,
    *,
    root=None,
    parameters: Mapping[str, object] | None = None,
    figures_dir=None,
    copies_dir=None,
    anew: bool = False,
    take: bool = False,
    redraw: bool = False,
    jobs: int | None = None,
    warm: bool = True,
    cell_seconds: int = CELL_SECONDS,
    progress: bool = True,
    pdf: bool = False,
    titles: bool = False,
    report: Callable[[str], None] = lambda sentence: None,
) -> list[str]:
    """Run the notebooks that are not up to date and place their figures.

    Parameters
    ----------
    names : iterable of str, optional
        Notebooks by file name, stem (``02_response``), number (``02``) or path; all
        numbered notebooks by default.
    root : path, optional
        The collection's folder or one inside it; found from the working folder by
        default.
    parameters : mapping, optional
        Parameter name to value, for every notebook that declares the name. Relative
        paths count from the working folder.
    figures_dir : path, optional
        An existing folder for the figures; the collection's ``figures/`` by default.
    copies_dir : path, optional
        An existing folder for the executed copies, which then have to be up to date too;
        ``build/notebooks/`` by default.
    anew : bool, optional
        Whether to run the notebooks that are up to date as well.
    take : bool, optional
        Whether to copy what a run with the same settings has made for another folder, where that
        is up to date, instead of running the notebook.
    redraw : bool, optional
        Whether to draw the figures from what a run has kept for another folder that differs in
        theme and context alone, instead of running the notebook. No copy in `copies_dir` has to
        be up to date then; it takes those of notebooks that run.
    jobs : int, optional
        How many notebooks run at once; by default one more than there are processors, since a
        kernel waits while it starts.
    warm : bool, optional
        Whether kernels may be forked from a process that has the packages loaded; see
        `lupuscart.kernels.fork`.
    cell_seconds : int, optional
        How long a cell may run; then its kernel is stopped and the notebook has failed.
    progress : bool, optional
        Whether to show a progress bar on the error stream.
    pdf : bool, optional
        Whether each figure is kept as PDF too.
    titles : bool, optional
        Whether each picture has its headline in it.
    report : callable, optional
        Called with a sentence for the user: what is up to date, what is waited for, which page
        has nothing to show.

    Returns
    -------
    list of str
        Names of the figures of these notebooks, placed now or up to date, sorted.

    Raises
    ------
    ValueError
        If a notebook, a parameter, the data or a folder is wrong; nothing has run then.
    NotebookError
        If a notebook failed; the figures of the others are placed.
    """
    check_open_files()
    root = find_root(root)
    notebooks = [read_notebook(path) for path in find_notebooks(root, names)]
    shared = fingerprint(root)
    kept = Kept(root / "build" / "checked.json", shared)
    settings = check_parameters(notebooks, parameters or {}, kept)
    check_whole("cell_seconds", cell_seconds, minimum=1)
    workers = None if jobs is None else check_whole("jobs", jobs, minimum=1)
    figures_dir = _folder("figures_dir", figures_dir, root / "figures")
    read_manifest(figures_dir)  # one that cannot be read is an error now, not after the work
    build = build_folder(root)
    copies = _folder("copies_dir", copies_dir, build / "notebooks")

    empty = sentences(notebooks, settings, kept)
    kept.keep()
    for name, sentence in empty.items():
        report(f"{Path(name).stem}: not run: {sentence}")

    failures: dict[str, str] = {}
    with wait_for_lock(figures_dir, report), scratch_folder(build) as scratch:
        tidy_figures(figures_dir, root / "notebooks", empty)
        copies_wanted = copies_dir is not None and not redraw
        ledger = Ledger(build, figures_dir, copies if copies_wanted else None)
        ledger.tidy()
        shared = {**shared, "pdf": pdf, "titles": titles}
        for each in notebooks:
            if each.name in empty:
                _write_short_copy(copies / each.name, short_copy(each, empty[each.name]))
        runs = [
            _prepare(each, settings[each.name], shared, scratch)
            for each in notebooks
            if each.name not in empty
        ]

        def place(
            run: _Run, read: Mapping, seconds: float, copy: Path | None = None, kept: bool = False
        ) -> None:
            files = [figures_dir / path.name for path in run.figures.iterdir()]
            description = {**run.description, "data": _tables(run, read)}
            place_figures(run.figures, figures_dir, description, root / "notebooks")
            made = [path for path in files if path.exists()] + [copy] * copies_wanted
            findings = (run.key_but_for_style, run.findings) if kept else None
            ledger.enter(run.name, run.key, read, made, seconds, copy, findings)

        def is_taken(run: _Run) -> bool:
            run.figures.mkdir(parents=True)
            copy = run.executed_copy if copies_wanted else None
            try:
                if found := ledger.take(run.name, run.key, run.figures, copy):
                    kept = copy and run.keep_executed_copy(copies)
                    place(run, found["read"], found["seconds"], kept)
                    return True
            except (ValueError, OSError):
                pass  # the notebook runs, and says what is wrong
            shutil.rmtree(run.folder)
            return False

        def are_drawn(stale: Sequence[_Run]) -> Iterator[_Run]:
            """Yield the runs whose figures were drawn from what others kept."""
            found = [
                (run, kept)
                for run in stale
                if (kept := ledger.find_kept(run.name, run.key_but_for_style))
            ]
            for run, kept, is_whole in _draw_all(
                found, workers or processors(), progress, environment
            ):
                try:
                    if is_whole:
                        place(run, kept["read"], kept["seconds"])
                        yield run
                        continue
                except (ValueError, OSError):
                    pass  # the notebook runs, and says what is wrong
                shutil.rmtree(run.folder)

        environment = {PDF_VARIABLE: str(int(pdf)), TITLE_VARIABLE: str(int(titles))}
        # Of a copy that nobody asked for the pictures are not drawn a second time.
        environment[SHOW_SAVED_VARIABLE] = str(int(not copies_wanted))
        stale = [run for run in runs if anew or not ledger.is_fresh(run.name, run.key)]
        if len(stale) < len(runs):
            report(_up_to_date(len(runs) - len(stale)))
        if take and not anew:
            stale = [run for run in stale if not is_taken(run)]
        if redraw and not anew:
            drawn = {run.name for run in are_drawn(stale)}
            stale = [run for run in stale if run.name not in drawn]
        # The longest first, or it would run alone at the end; unknown, the one with most code.
        stale.sort(key=lambda run: (ledger.seconds(run.name), len(run.notebook.code)), reverse=True)

        def finish(run: _Run, error: str | None, seconds: float) -> None:
            try:
                copy = run.keep_executed_copy(copies)
                if error is None:
                    place(run, read_list(run.list_of_files_read), seconds, copy, kept=True)
            except (ValueError, OSError) as problem:
                error = error or str(problem)
            if error is not None:
                failures[run.name] = error

        if stale:
            at_once = workers or processors() + 1
            _execute_all(stale, finish, at_once, warm, cell_seconds, progress, environment)
        records = read_manifest(figures_dir)
    asked = {run.name for run in runs} - failures.keys()
    figures = sorted(name for name, record in records.items() if record["notebook"] in asked)
    if failures:
        raise NotebookError(dict(sorted(failures.items())), figures, copies)
    return figures


@dataclass(frozen=True)
class _Run:
    """A notebook on its way through a staging folder."""

    notebook: Notebook
    settings: Mapping[str, object]
    description: Mapping[str, object]
    key: str
    key_but_for_style: str | None
    folder: Path

    @property
    def name(self) -> str:
        return self.notebook.name

    @property
    def figures(self) -> Path:
        return self.folder / "figures"

    @property
    def executed_copy(self) -> Path:
        return self.folder / self.name

    @property
    def list_of_files_read(self) -> Path:
        return self.folder / "files-read"

    @property
    def findings(self) -> Path:
        return self.folder / "findings"

    @property
    def style(self) -> dict[str, str]:
        effective = {**self.notebook.defaults, **self.settings}
        return {name: effective[name] for name in STYLE}

    @property
    def parameters(self) -> dict[str, object]:
        own = {"figures_dir": str(self.figures)} if "figures_dir" in self.notebook.defaults else {}
        return {**self.settings, **own}

    def keep_executed_copy(self, copies: Path) -> Path:
        """Move the copy, and what the kernel printed, to `copies`."""
        for path in (self.executed_copy, self.executed_copy.with_suffix(".log")):
            if path.is_file():
                move_file(path, copies / path.name)
        return copies / self.name


def _prepare(
    notebook: Notebook, settings: Mapping[str, object], shared: Mapping, scratch: Path
) -> _Run:
    description = describe_notebook(notebook, settings)
    keys = run_key(notebook, settings, shared), key_but_for_style(notebook, settings, shared)
    return _Run(notebook, settings, description, *keys, scratch / notebook.path.stem)


def _write_short_copy(path: Path, text: str) -> None:
    path.with_suffix(".log").unlink(missing_ok=True)
    write_whole(path, lambda draft: draft.write_text(text, encoding="utf-8", newline="\n"))


def _tables(run: _Run, read: Mapping[str, str | None]) -> dict[str, str]:
    """Return the tables among the files that a run read, by file name, with their digests."""
    trials = trials_path(run.notebook, run.settings)
    tables = {} if trials is None else table_files(trials)
    paths = sorted(os.path.abspath(path) for path in tables.values())
    return {os.path.basename(path): read[path] for path in paths if read.get(path)}


def _tables_checked(runs: Sequence[_Run]) -> list[tuple[str, str, str]]:
    """The check of each folder of tables, which every page would make, as a call to be made once.

    What a table holds decides whether it has been checked, so one that changes meanwhile is
    checked again.
    """
    paths = {trials_path(run.notebook, run.settings) for run in runs} - {None}
    return [("lupuscart.data.tables", "check_data", str(path)) for path in sorted(paths)]


def _up_to_date(count: int) -> str:
    return "1 notebook is up to date" if count == 1 else f"{count} notebooks are up to date"


def _draw_all(
    found: Sequence[tuple[_Run, dict]], workers: int, progress: bool, environment: dict[str, str]
) -> Iterator[tuple[_Run, dict, bool]]:
    """Draw what others kept; yield each run as it ends, and whether its figures are there."""
    if not found:
        return
    from tqdm import tqdm

    drawings = {}
    for run, kept in found:
        run.figures.mkdir(parents=True)
        what = (kept["kept"], kept["digest"], kept["names"])
        drawings[Drawing(*what, folder=run.figures, style=run.style)] = run, kept
    with tqdm(total=len(found), unit="notebook", disable=not progress) as bar:
        for drawing, is_whole in draw_all([*drawings], workers, environment):
            yield *drawings[drawing], is_whole
            bar.update()


def _execute_all(
    runs: Sequence[_Run],
    finish: Callable[[_Run, str | None, float], None],
    workers: int,
    warm: bool,
    cell_seconds: int,
    progress: bool,
    environment: dict[str, str],
) -> None:
    """Run several notebooks at once, and call `finish` for each, here, as it ends.

    Threads are enough, since the work is done by the kernels, and safe where worker
    processes are not: they leave nobody behind when this process is killed.
    """
    for run in runs:
        run.figures.mkdir(parents=True)
    with ExitStack() as stack:
        # Below two notebooks, loading first and forking then is no faster than a new Python.
        forks = warm and len(runs) > 1 and can_fork()
        code = "\n".join(run.notebook.code for run in runs)
        server = None
        if forks:
            server = ForkServer(code, kernel_environment(), ahead=_tables_checked(runs))
            stack.enter_context(server)
        # papermill takes a second to import, as long as the server needs to load: not before
        # every check has passed, and not in several threads at once.
        from tqdm import tqdm

        from lupuscart.kernels.execution import Job, execute, stop_kernels

        def timed(run: _Run) -> tuple[str | None, float]:
            start = time.monotonic()
            job = Job(
                text=run.notebook.text,
                folder=str(run.notebook.path.parent),
                output=str(run.executed_copy),
                parameters=run.parameters,
                environment={
                    **environment,
                    READ_VARIABLE: str(run.list_of_files_read),
                    KEEP_VARIABLE: str(run.findings),
                },
                cell_seconds=cell_seconds,
            )
            return execute(job, server), time.monotonic() - start

        # nbformat's and zmq's, about their own inner matters; those of a notebook's own
        # code are in its executed copy.
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        bar = stack.enter_context(tqdm(total=len(runs), unit="notebook", disable=not progress))
        executor = stack.enter_context(ThreadPoolExecutor(workers))
        pending = {executor.submit(timed, run): run for run in runs}
        try:
            while pending:
                # On Windows a wait without end cannot be interrupted by Ctrl-C.
                done, _ = wait(pending, timeout=1, return_when=FIRST_COMPLETED)
                for future in done:
                    run = pending.pop(future)
                    finish(run, *future.result())
                    bar.set_postfix_str(run.name, refresh=False)
                    bar.update()
        finally:
            # Anything is left only after Ctrl-C or an error: the kernels go first, then
            # the threads that wait for them end. A kernel that was just being started
            # is met in the next round.
            for future in pending:
                future.cancel()
            while wait(pending, timeout=0.2).not_done:
                stop_kernels()


def _folder(name: str, folder, default: Path) -> Path:
    """Return a folder that the user named, or that of the collection, which is made."""
    if folder is None:
        default.mkdir(parents=True, exist_ok=True)
        folder = default
    return writable_folder(name, folder)
