"""The one way stored outputs change: run a notebook and put it back whole.

A stored notebook holds what a fresh run makes and nothing that depends on when,
where or on which Python it ran: repeated, the bytes are the same. A notebook that its
reader saves while it runs is theirs: it is not replaced.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from lupuscart.arguments import check_whole
from lupuscart.atomic import remove_drafts, write_whole
from lupuscart.kernels.environment import CELL_SECONDS, check_open_files, runtime_folder
from lupuscart.kernels.execution import (
    NoAnswerError,
    describe_stop,
    kernel_manager,
    quiet_libraries,
    with_a_second_kernel,
)
from lupuscart.locks import scratch_folder, wait_for_lock

__all__ = ["RefreshError", "refresh_notebook"]

ALIVE_ONLY = ("application/vnd.jupyter.widget-view+json", "application/javascript")


class RefreshError(Exception):
    """Nothing was stored; the notebook is as it was, or as its reader saved it meanwhile."""


def refresh_notebook(
    path: Path,
    *,
    cell_seconds: int = CELL_SECONDS,
    report: Callable[[str], None] = lambda sentence: None,
) -> None:
    """Run a notebook with the parameters it has and store its outputs in place.

    Parameters
    ----------
    path : Path
        The notebook; it runs in its own folder, as in JupyterLab.
    cell_seconds : int, optional
        How long a cell may run before its kernel is stopped.
    report : callable, optional
        Called with a sentence for the user: that another run is waited for.

    Raises
    ------
    RefreshError
        If a cell fails or takes too long, the kernel dies, or the file is changed meanwhile.
    """
    check_open_files()
    check_whole("cell_seconds", cell_seconds, minimum=1)
    with wait_for_lock(path.parent, report):
        remove_drafts(path)
        before = path.read_bytes()
        with scratch_folder(runtime_folder(), "refresh-") as scratch:
            run = partial(_run, path, before.decode("utf-8"), scratch, cell_seconds)
            try:
                text = with_a_second_kernel(run)
            except NoAnswerError as error:
                raise RefreshError(f"{path.name}, {error}") from error
        if path.read_bytes() != before:
            raise RefreshError(
                f"{path.name} was changed while it ran: it stays as it is now, without new outputs"
            )
        write_whole(path, lambda draft: draft.write_text(text, encoding="utf-8", newline="\n"))


def _run(path: Path, text: str, scratch: Path, cell_seconds: int) -> str:
    """Return the text of a notebook with the outputs of a fresh run."""
    notebook = nbformat.reads(text, as_version=4)
    started: list[int] = []
    quiet_libraries()
    client = NotebookClient(
        notebook,
        timeout=cell_seconds,
        kernel_name="python3",
        kernel_manager_class=kernel_manager(scratch / "log"),
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
        # One write of a kernel may arrive in pieces: joined, it is the same at every run.
        coalesce_streams=True,
        # Nothing is asked of a kernel that is done, or hangs.
        shutdown_kernel="immediate",
        on_cell_execute=lambda cell, cell_index: started.append(cell_index),
    )
    try:
        client.execute()
    except CellExecutionError as error:
        where = f"{path.name}, In [{len(started)}]"
        raise RefreshError(f"{where}: {error.ename}: {error.evalue}") from error
    except (CellTimeoutError, RuntimeError) as error:
        if not started:
            raise NoAnswerError(str(error)) from error
        if not isinstance(error, CellTimeoutError | DeadKernelError):
            raise
        reason = describe_stop(error, len(started), cell_seconds)
        raise RefreshError(f"{path.name}, {reason}") from error
    for cell in notebook.cells:
        if cell.cell_type == "code":
            _drop_controls(cell)
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    return nbformat.writes(notebook) + "\n"


def _drop_controls(cell) -> None:
    """Keep the text of a widget: its view and its script are of use while the kernel lives only."""
    for output in cell.get("outputs", []):
        for kind in ALIVE_ONLY:
            output.get("data", {}).pop(kind, None)
    cell["outputs"] = [each for each in cell.get("outputs", []) if each.get("data", True)]
