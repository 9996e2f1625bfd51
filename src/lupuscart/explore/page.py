"""The controls of 09 as a page without code, on this machine only.

Vocabulary
----------
page
    A copy of the notebook with the reader's parameters: its code up to the cell tagged
    ``explore``, which shows the controls, under a title in the reader's language.
server
    voila, which runs the page and hides its code. It listens on loopback, lets nobody in
    without a token, and tells the browser to load nothing from another host.
"""

import json
import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import nbformat

from lupuscart.atomic import write_whole
from lupuscart.kernels.environment import kernel_environment
from lupuscart.notebooks.parameters import check_parameters
from lupuscart.notebooks.project import build_folder, read_notebook
from lupuscart.words.lexicon import using, word

__all__ = ["make_page", "server_command", "server_environment"]

NOTEBOOK = "09_explore.ipynb"

# What the browser may load: the server's own files, and what stands in the page itself. The
# widgets' own code is made of inline scripts and of text that is evaluated.
ONLY_THIS_HOST = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "connect-src 'self' ws://127.0.0.1:*; frame-ancestors 'self'"
)


def make_page(
    root, parameters: Mapping[str, object], *, port: int = 8866, browser: bool = True
) -> Path:
    """Write the page and the server's settings into ``build/explore/``; return the page's path.

    Parameters
    ----------
    root : path
        The collection's folder.
    parameters : mapping
        Parameter name to value; relative paths count from the working folder.
    port : int
        The first port that the server tries.
    browser : bool
        Whether the server opens the page in a browser.

    Raises
    ------
    ValueError
        If a parameter or the data is wrong; nothing is written then.
    """
    notebook = read_notebook(Path(root) / "notebooks" / NOTEBOOK)
    settings = check_parameters([notebook], parameters)[notebook.name]
    chosen = {**notebook.defaults, **settings}
    # The page lies elsewhere than its notebook, from where a path in it counts.
    chosen["trials_csv"] = os.path.abspath(notebook.path.parent / chosen["trials_csv"])
    folder = build_folder(root) / "explore"
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "voila.json", json.dumps(_server_settings(chosen, port, browser), indent=2))
    _write(folder / NOTEBOOK, nbformat.writes(_page(notebook, chosen)))
    return folder / NOTEBOOK


def _page(notebook, chosen):
    page = nbformat.reads(notebook.text, as_version=4)
    with using(chosen["language"]):
        page.metadata.title = word("figure.scenarios.title")
    code = [cell for cell in page.cells if cell.cell_type == "code"]
    tags = [cell.metadata.get("tags", []) for cell in code]
    values = [f"{name} = {value!r}" for name, value in chosen.items()]
    code[_tagged(tags, "parameters")].source = "\n".join(values)
    title = nbformat.v4.new_markdown_cell(f"# {page.metadata.title}")
    page.cells = [title, *code[: _tagged(tags, "explore") + 1]]
    return page


def _tagged(tags, wanted):
    return next(place for place, each in enumerate(tags) if wanted in each)


def _server_settings(chosen, port, browser):
    return {
        "Voila": {
            "ip": "127.0.0.1",
            "auto_token": True,
            "port": port,
            "open_browser": browser,
            "tornado_settings": {"headers": {"Content-Security-Policy": ONLY_THIS_HOST}},
        },
        "VoilaConfiguration": {"template": "lupuscart", "theme": chosen["theme"]},
        "VoilaExporter": {"language_code": chosen["language"]},
    }


def _write(path, text):
    write_whole(path, lambda draft: draft.write_text(text + "\n", encoding="utf-8", newline="\n"))


def server_command(page: Path) -> list[str]:
    """Return the command that serves a page, by the settings beside it and no others.

    Raises
    ------
    ValueError
        If voila is not installed.
    """
    if find_spec("voila") is None:
        raise ValueError("voila is not installed; allowed: pip install 'lupuscart[explore]'")
    # -P: a file in the working folder must not pass for a package.
    program = [sys.executable, "-P", "-m", "voila", str(page)]
    return [*program, f"--Voila.config_file_paths={page.parent}"]


def server_environment() -> dict[str, str]:
    """Return the environment of the server, in which voila finds the template beside this file."""
    return {**kernel_environment(), "JUPYTER_PATH": str(Path(__file__).resolve().parent)}
