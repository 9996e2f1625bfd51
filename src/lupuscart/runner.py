"""Run the notebooks and place what they make: whole, or not at all.

Vocabulary
----------
staging folder
    Where one notebook's figures are written while it runs, under ``build/``; from there
    they are placed in the figures folder once the notebook has finished. A notebook that
    failed has nothing placed.
executed copy
    The notebook as it ran, with outputs and errors: ``build/notebooks/NN_name.ipynb``.
"""

import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

from lupuscart.checks import check_whole
from lupuscart.collection import Notebook, find_notebooks, find_root, read_notebook
from lupuscart.manifest import describe_notebook, read_manifest
from lupuscart.parameters import check_parameters
from lupuscart.placing import place_figures
from lupuscart.style import PDF_VARIABLE

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
    jobs: int | None = None,
    progress: bool = True,
    pdf: bool = False,
) -> list[str]:
    """Run notebooks and place their figures.

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
    jobs : int, optional
        How many notebooks run at once; by default as many as there are processors.
    progress : bool, optional
        Whether to show a progress bar on the error stream.
    pdf : bool, optional
        Whether each figure is kept as PDF too.

    Returns
    -------
    list of str
        Names of the figures that were placed, sorted.

    Raises
    ------
    ValueError
        If a notebook, a parameter, the data or the folder is wrong; nothing has run then.
    NotebookError
        If a notebook failed; the figures of the others are placed.
    """
    root = find_root(root)
    notebooks = [read_notebook(path) for path in find_notebooks(root, names)]
    settings = check_parameters(notebooks, parameters or {})
    workers = _worker_count(jobs, len(notebooks))
    figures_dir = _figures_folder(root, figures_dir)
    read_manifest(figures_dir)  # one that cannot be read is an error now, not after the work
    copies = root / "build" / "notebooks"
    copies.mkdir(parents=True, exist_ok=True)

    placed: list[str] = []
    failures: dict[str, str] = {}

    def finish(run: "_Run", error: str | None) -> None:
        try:
            run.keep_executed_copy(copies)
            if error is None:
                placed.extend(
                    place_figures(run.figures, figures_dir, run.description, root / "notebooks")
                )
        except (ValueError, OSError) as problem:
            error = error or str(problem)
        if error is not None:
            failures[run.notebook.name] = error

    with TemporaryDirectory(prefix="run-", dir=copies.parent) as scratch:
        runs = [
            _prepare(notebook, settings[notebook.name], Path(scratch)) for notebook in notebooks
        ]
        _execute_all(runs, workers, finish, progress, {PDF_VARIABLE: "1" if pdf else "0"})
    if failures:
        raise NotebookError(dict(sorted(failures.items())), sorted(placed), copies)
    return sorted(placed)


@dataclass(frozen=True)
class _Run:
    """A notebook on its way through a staging folder."""

    notebook: Notebook
    settings: Mapping[str, object]
    description: Mapping[str, object]
    folder: Path

    @property
    def figures(self) -> Path:
        return self.folder / "figures"

    @property
    def executed_copy(self) -> Path:
        return self.folder / self.notebook.name

    @property
    def parameters(self) -> dict[str, object]:
        own = {"figures_dir": str(self.figures)} if "figures_dir" in self.notebook.defaults else {}
        return {**self.settings, **own}

    def keep_executed_copy(self, copies: Path) -> None:
        for path in self.folder.iterdir():
            if path.is_file():
                path.replace(copies / path.name)


def _prepare(notebook: Notebook, settings: Mapping[str, object], scratch: Path) -> _Run:
    # Described before it runs: a table edited meanwhile then shows as changed.
    description = describe_notebook(notebook, settings)
    run = _Run(notebook, settings, description, scratch / notebook.path.stem)
    run.figures.mkdir(parents=True)
    return run


def _execute_all(
    runs: Sequence[_Run],
    workers: int,
    finish: Callable[[_Run, str | None], None],
    progress: bool,
    environment: dict[str, str],
) -> None:
    """Run several notebooks at once, and call `finish` for each, here, as it ends.

    Threads are enough, since the work is done by the kernels, and safe where worker
    processes are not: they leave nobody behind when this process is killed.
    """
    # papermill takes a second to import: not before every check has passed, and not in
    # several threads at once.
    from tqdm import tqdm

    from lupuscart.execution import Job, execute, stop_kernels

    jobs = [
        Job(
            text=run.notebook.text,
            folder=str(run.notebook.path.parent),
            output=str(run.executed_copy),
            parameters=run.parameters,
            environment=environment,
        )
        for run in runs
    ]
    bar = tqdm(total=len(runs), unit="notebook", disable=not progress)
    with warnings.catch_warnings(), bar, ThreadPoolExecutor(workers) as executor:
        # nbformat's and zmq's, about their own inner matters; those of a notebook's own
        # code are in its executed copy.
        warnings.simplefilter("ignore")
        futures = [executor.submit(execute, job) for job in jobs]
        pending = dict(zip(futures, runs, strict=True))
        try:
            while pending:
                # On Windows a wait without end cannot be interrupted by Ctrl-C.
                done, _ = wait(pending, timeout=1, return_when=FIRST_COMPLETED)
                for future in done:
                    run = pending.pop(future)
                    finish(run, future.result())
                    bar.set_postfix_str(run.notebook.name, refresh=False)
                    bar.update()
        finally:
            # Anything is left only after Ctrl-C or an error: the kernels go first, then
            # the threads that wait for them end. A kernel that was just being started
            # is met in the next round.
            for future in pending:
                future.cancel()
            while wait(pending, timeout=0.2).not_done:
                stop_kernels()


def _worker_count(jobs: int | None, notebooks: int) -> int:
    if jobs is not None:
        return check_whole("jobs", jobs, minimum=1)
    # A container or a batch system may leave fewer processors than the machine has.
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), notebooks)
    return min(os.cpu_count() or 1, notebooks)


def _figures_folder(root: Path, figures_dir) -> Path:
    """Return the folder for the figures, absolute, once a file could be written there."""
    if figures_dir is None:
        figures_dir = root / "figures"
        figures_dir.mkdir(exist_ok=True)
    if not os.path.isdir(figures_dir):
        raise ValueError(f"figures_dir is {str(figures_dir)!r}; allowed: an existing folder")
    folder = Path(os.path.abspath(figures_dir))
    try:
        with NamedTemporaryFile(prefix=".", dir=folder):
            pass
    except OSError as error:
        raise ValueError(
            f"figures_dir is {str(folder)!r}, where no file can be written ({error.strerror})"
        ) from None
    return folder
