"""The one way stored outputs change: run a notebook and put it back whole.

A stored notebook holds what a fresh run makes and nothing that depends on when,
where or on which Python it ran: repeated, the bytes are the same.
"""

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from lupuscart.files import write_whole

__all__ = ["RefreshError", "refresh_notebook"]

CELL_SECONDS = 120
ALIVE_ONLY = ("application/vnd.jupyter.widget-view+json", "application/javascript")


class RefreshError(Exception):
    """A cell failed; the stored notebook is as it was."""


def refresh_notebook(path: Path) -> None:
    """Run a notebook with the parameters it has and store its outputs in place.

    Parameters
    ----------
    path : Path
        The notebook; it runs in its own folder, as in JupyterLab.

    Raises
    ------
    RefreshError
        If a cell fails; the stored notebook stays as it was.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        record_timing=False,
        # One write of a kernel may arrive in pieces: joined, it is the same at every run.
        coalesce_streams=True,
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise RefreshError(f"{path.name}: {error.ename}: {error.evalue}") from error
    for cell in notebook.cells:
        if cell.cell_type == "code":
            _drop_controls(cell)
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    text = nbformat.writes(notebook) + "\n"
    write_whole(path, lambda draft: draft.write_text(text, encoding="utf-8", newline="\n"))


def _drop_controls(cell) -> None:
    """Keep the text of a widget: its view and its script are of use while the kernel lives only."""
    for output in cell.get("outputs", []):
        for kind in ALIVE_ONLY:
            output.get("data", {}).pop(kind, None)
    cell["outputs"] = [each for each in cell.get("outputs", []) if each.get("data", True)]
