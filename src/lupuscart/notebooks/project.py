"""The collection on disk: its folder, its notebooks, the parameters they declare.

Vocabulary
----------
root
    The collection's folder: it holds ``notebooks/`` and ``data/trials.csv``.
notebook
    A file ``notebooks/NN_name.ipynb``; it may be called by file name, by stem
    (``02_response``), by number (``02``), or by path.
parameters cell
    The one cell tagged ``parameters``: a name and a literal a line. The literal is
    the parameter's default, and its type is the parameter's type.
"""

import ast
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lupuscart.arguments import check_choice
from lupuscart.atomic import try_folder
from lupuscart.digests import value_digest
from lupuscart.kernels.environment import own_home

__all__ = [
    "PARAMETER_TYPES",
    "Notebook",
    "build_folder",
    "find_notebooks",
    "find_root",
    "read_notebook",
]

PARAMETER_TYPES = (bool, int, float, str, list)


@dataclass(frozen=True)
class Notebook:
    """A notebook as it was read, so that what was checked is what runs.

    Attributes
    ----------
    path : Path
        Its file.
    text : str
        The file's content.
    code : str
        The source of every code cell, in order.
    defaults : dict
        Parameter name to default, in the order of the parameters cell.
    """

    path: Path
    text: str
    code: str
    defaults: Mapping[str, object]

    @property
    def name(self) -> str:
        """File name, such as ``02_response.ipynb``."""
        return self.path.name


def find_root(start=None) -> Path:
    """Return the collection's folder: `start` or the nearest folder above it that is one.

    Parameters
    ----------
    start : path, optional
        Where to begin; the working folder by default.

    Returns
    -------
    Path
        An absolute path.

    Raises
    ------
    ValueError
        If neither `start` nor a folder above it holds ``notebooks/`` and
        ``data/trials.csv``.
    """
    start = Path.cwd() if start is None else Path(start).resolve()
    for folder in (start, *start.parents):
        if (folder / "notebooks").is_dir() and (folder / "data" / "trials.csv").is_file():
            return folder
    raise ValueError(
        f"no collection found in {start} or above it; allowed: a folder that holds notebooks/ "
        "and data/trials.csv, such as a clone of the repository, or any folder inside it"
    )


def build_folder(root) -> Path:
    """Return the folder for what can be made again: ``build/``, which is made if need be.

    In a clone that cannot be written to, as on a course's or a cluster's disk, it lies in this
    package's own folder instead.

    Parameters
    ----------
    root : path
        The collection's folder.
    """
    build = Path(root) / "build"
    try:
        build.mkdir(exist_ok=True)
        try_folder(build)
    except OSError:
        build = own_home() / "build" / value_digest(str(build))[:16]
        build.mkdir(parents=True, exist_ok=True)
    return build


def find_notebooks(root, names: Iterable[str] | None = None) -> list[Path]:
    """Return the files of the notebooks called `names`, or of all numbered notebooks.

    Parameters
    ----------
    root : path
        The collection's folder.
    names : iterable of str, optional
        Each a file name, a stem, a number, or a path. All notebooks whose name begins
        with two digits and an underscore by default.

    Returns
    -------
    list of Path
        Each notebook once, in the order of its first name.

    Raises
    ------
    ValueError
        If a name fits no notebook or several; the message lists what exists.
    """
    folder = Path(root) / "notebooks"
    existing = sorted(folder.glob("*.ipynb"))
    if names is None:
        found = [path for path in existing if path.match("[0-9][0-9]_*.ipynb")]
        if not found:
            raise ValueError(f"{folder} holds no notebook named like 02_response.ipynb")
        return found
    if isinstance(names, str):
        names = [names]
    found, problems = [], []
    for name in names:
        try:
            found.append(_find_notebook(str(name), existing))
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise ValueError("\n".join(problems))
    if not found:
        raise ValueError("no notebook was named; allowed: at least one, or None for all")
    return list(dict.fromkeys(found))


def _find_notebook(name: str, existing: list[Path]) -> Path:
    if Path(name).name != name:
        matches = [path for path in existing if path.resolve() == Path(name).resolve()]
    else:
        matches = [path for path in existing if name in (path.name, path.stem)]
        # As people say it: 2 is 02.
        number = name.zfill(2)
        matches = matches or [path for path in existing if path.stem.split("_")[0] == number]
    if not matches:
        # Refuses, for no name fits.
        check_choice("notebook", name, [path.stem for path in existing])
    if len(matches) > 1:
        fits = ", ".join(path.stem for path in matches)
        raise ValueError(f"notebook is {name!r}, which fits several; allowed: one of {fits}")
    return matches[0]


def read_notebook(path) -> Notebook:
    """Read a notebook and the defaults of its parameters cell.

    Parameters
    ----------
    path : path
        A notebook in Jupyter's format 4.

    Returns
    -------
    Notebook

    Raises
    ------
    ValueError
        If the file is no notebook, is one of another language than Python, has not exactly
        one cell tagged ``parameters``, or that cell holds anything but names with literals.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text)
        # nbformat allows a cell's source to be one text or a list of lines; joining serves both.
        code_cells = [
            ("".join(cell["source"]), cell["metadata"].get("tags", ()))
            for cell in content["cells"]
            if cell["cell_type"] == "code"
        ]
        kernel = dict(content["metadata"].get("kernelspec", {}))
    except (ValueError, LookupError, TypeError, AttributeError):
        raise ValueError(f"{path.name} is not a Jupyter notebook of format 4") from None
    if str(kernel.get("language", "python")).lower() != "python":
        raise ValueError(
            f"{path.name} is for the kernel {kernel.get('name')!r}, whose language is "
            f"{kernel['language']!r}; allowed: a Python kernel, such as python3, which is run by "
            "the Python of this package"
        )
    tagged = [source for source, tags in code_cells if "parameters" in tags]
    if len(tagged) != 1:
        raise ValueError(
            f"{path.name} has {len(tagged)} code cells tagged 'parameters'; allowed: exactly one"
        )
    return Notebook(
        path=path,
        text=text,
        code="\n".join(source for source, _ in code_cells),
        defaults=_literals(path.name, tagged[0]),
    )


def _literals(notebook: str, source: str) -> dict[str, object]:
    """Return name to value of a cell of assignments."""
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise ValueError(f"{notebook}, parameters cell, line {error.lineno}: {error.msg}") from None
    defaults = {}
    for statement in statements:
        name, value = _literal(statement)
        if name is None or type(value) not in PARAMETER_TYPES:
            raise ValueError(
                f"{notebook}, parameters cell, line {statement.lineno} is "
                f"{ast.unparse(statement)!r}; allowed: a name, =, and a number, a text, "
                "True, False, or a list of these"
            )
        defaults[name] = value
    return defaults


def _literal(statement: ast.stmt) -> tuple[str | None, object]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            pass
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            pass
        case _:
            return None, None
    try:
        return name, ast.literal_eval(value)
    except ValueError:
        return None, None
