"""The pages as notebooks in another language, to be explored in JupyterLab.

Vocabulary
----------
edition
    A folder with a copy of every page: its prose in the language, ``language`` set to it, its
    code as it is and without outputs; beside them a list of the pages and the description of
    the data.
list of files
    ``.lupuscart-notebooks.json`` in the folder: the digest of each file as it was written. A
    file that its reader has changed since is left as it is.
"""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat

from lupuscart.arguments import check_choice
from lupuscart.atomic import try_folder, write_whole
from lupuscart.digests import digest_if_file
from lupuscart.notebooks.project import find_notebooks, find_root, read_notebook
from lupuscart.words.lexicon import LANGUAGES, current_language, translated, using, word
from lupuscart.words.markdown import is_translated, translated_markdown

__all__ = ["CONTENTS", "is_in_language", "translate_cells", "write_notebooks"]

LIST_OF_FILES = ".lupuscart-notebooks.json"

#: The list of the pages, and the description of the data, as they are called in an edition.
CONTENTS = "README.md"
DATA = "data.md"


def translate_cells(notebook: nbformat.NotebookNode, name: str) -> None:
    """Put the prose of a page into the reader's language; what has no Chinese stays.

    Parameters
    ----------
    notebook : NotebookNode
        Changed in place.
    name : str
        The stem of its file, which is also that of its catalogue.
    """
    for cell in _prose(notebook):
        cell.source = translated_markdown(cell.source, name)


def is_in_language(notebook: nbformat.NotebookNode, name: str) -> bool:
    """Whether all the prose of a page can be shown in the reader's language."""
    return all(is_translated(cell.source, name) for cell in _prose(notebook))


def _prose(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def write_notebooks(
    output,
    *,
    language: str,
    root=None,
    report: Callable[[str], None] = lambda sentence: None,
) -> list[str]:
    """Write every page as a notebook in `language`.

    Parameters
    ----------
    output : path
        The folder, new or an earlier edition, in a folder that exists. A file in it that its
        reader has changed, or put there, stays as it is.
    language : str
        One of `lupuscart.words.lexicon.LANGUAGES`.
    root : path, optional
        The collection's folder or one inside it; found from the working folder by default.
    report : callable, optional
        Called with a sentence for each file that is left as it is.

    Returns
    -------
    list of str
        The files of the edition, the list of pages first.

    Raises
    ------
    ValueError
        If the language is unknown, a page is no notebook, or the folder is none that can be
        written to, or holds the pages themselves. Nothing is written then.
    """
    check_choice("language", language, LANGUAGES)
    root = find_root(root)
    folder = _folder(root, output)
    with using(language):
        files = _files(root, folder)
    folder.mkdir(exist_ok=True)
    known = _known(folder)
    for name, text in files.items():
        now = digest_if_file(folder / name)
        if now is not None and now != known.get(name):
            report(
                f"{folder / name} is not as it was written: it stays; to have it anew, remove it"
            )
            continue
        write_whole(
            folder / name,
            lambda draft, text=text: draft.write_text(text, encoding="utf-8", newline="\n"),
        )
        known[name] = digest_if_file(folder / name)
    listed = json.dumps(known, indent=1)
    write_whole(folder / LIST_OF_FILES, lambda draft: draft.write_text(listed, encoding="utf-8"))
    return list(files)


def _folder(root: Path, output) -> Path:
    folder = Path(output).resolve()
    if folder == root / "notebooks":
        raise ValueError(f"output is {str(output)!r}, which holds the pages; allowed: another one")
    if not folder.parent.is_dir() or (folder.exists() and not folder.is_dir()):
        raise ValueError(f"output is {str(output)!r}; allowed: a folder inside an existing one")
    place = folder if folder.is_dir() else folder.parent
    try:
        try_folder(place)
    except OSError as error:
        raise ValueError(
            f"output is {str(output)!r}, and nothing can be written there ({error.strerror})"
        ) from None
    return folder


def _known(folder: Path) -> dict[str, str | None]:
    """Return the digests of the files as an earlier run wrote them."""
    try:
        known = json.loads((folder / LIST_OF_FILES).read_bytes())
    except (ValueError, OSError):
        return {}
    return dict(known) if isinstance(known, Mapping) else {}


def _files(root: Path, folder: Path) -> dict[str, str]:
    """Return the text of each file of the edition, the list of the pages first."""
    pages = {path.name: _page(root, folder, path) for path in find_notebooks(root)}
    titles = {name: _title(page) for name, page in pages.items()}
    points = [f"- [{title}]({name})" for name, title in titles.items()]
    data = translated_markdown((root / "data/README.md").read_text("utf-8"), "data_readme")
    contents = [f"# {word('pages.title')}", "\n".join(points), f"[{word('pages.data')}]({DATA})"]
    return {
        CONTENTS: "\n\n".join(contents) + "\n",
        **{name: nbformat.writes(page) + "\n" for name, page in pages.items()},
        DATA: data,
    }


def _page(root: Path, folder: Path, path: Path) -> nbformat.NotebookNode:
    """Return a page in the reader's language, its paths counted from the folder it goes to."""
    read = read_notebook(path)
    page = nbformat.reads(read.text, as_version=4)
    translate_cells(page, path.stem)
    own = {"language": current_language(), "trials_csv": _relative(read, folder)}
    for cell in page.cells:
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace("](../data/README.md", f"]({DATA}")
            continue
        cell.outputs, cell.execution_count = [], None
        if "parameters" in cell.metadata.get("tags", ()):
            cell.source = _with_defaults(cell.source, own, path.stem)
    return page


def _relative(notebook, folder: Path) -> str | None:
    """Return the table of trials as seen from a folder; absolute from another drive."""
    if "trials_csv" not in notebook.defaults:
        return None
    table = os.path.abspath(notebook.path.parent / str(notebook.defaults["trials_csv"]))
    try:
        return Path(os.path.relpath(table, folder)).as_posix()
    except ValueError:
        return Path(table).as_posix()


def _with_defaults(source: str, own: Mapping[str, str | None], name: str) -> str:
    """Return the cell of parameters with other defaults, and its comments in words."""
    lines = []
    for line in source.splitlines():
        code, mark, comment = line.partition("  # ")
        before, equals, value = code.partition(" = ")
        parameter = before.partition(":")[0]
        if own.get(parameter) is not None:
            value = json.dumps(own[parameter], ensure_ascii=False)
        lines.append(f"{before}{equals}{value}{mark}{translated(comment, name)}")
    return "\n".join(lines)


def _title(page: nbformat.NotebookNode) -> str:
    return page.cells[0].source.partition("\n")[0].removeprefix("# ")
