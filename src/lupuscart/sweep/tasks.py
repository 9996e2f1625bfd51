"""What a worker runs: a notebook or a planning function, with one combination of parameters.

Vocabulary
----------
code
    What is run, whole: a notebook with the tables it reads, or the name of a function. It is
    sent to the worker, which needs no disk in common with the sender, only this package.
task
    A combination under its key.
outcome
    The tables that a task made, or its error; plain values only.
software
    The versions that results depend on. A worker that has others refuses to work: its
    numbers would stand beside those of another program.
"""

import csv
import io
import json
import tempfile
import warnings
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
import pandas as pd

from lupuscart import __version__
from lupuscart.digests import package_digest
from lupuscart.locks import scratch_folder
from lupuscart.stats import planning
from lupuscart.sweep.workers import SCRATCH

__all__ = [
    "FunctionCode",
    "NotebookCode",
    "Outcome",
    "Table",
    "Task",
    "as_table",
    "run_tasks",
    "software",
]

_LIBRARIES = ("numpy", "pandas", "scipy")


class Task(NamedTuple):
    """A combination of parameters, and the key its outcome is known by."""

    key: str
    settings: Mapping[str, object]


class Table(NamedTuple):
    """A table as CSV text, its name, and how many rows it has below its heading."""

    name: str
    rows: int
    text: str


class Outcome(NamedTuple):
    """What became of a task: its tables, or an error; and how long it took."""

    key: str
    tables: tuple[Table, ...]
    error: str | None
    seconds: float


class TaskError(Exception):
    """A task that could not be done; its text is the error that is reported."""


@dataclass(frozen=True)
class FunctionCode:
    """A function of `lupuscart.stats.planning`, by name."""

    name: str

    def run(self, settings: Mapping[str, object]) -> list[Table]:
        """Return what the function returns, as one table."""
        try:
            result = getattr(planning, self.name)(**settings)
        except Exception as error:
            raise TaskError(_one_line(f"{type(error).__name__}: {error}")) from None
        frame = as_table(result, self.name)
        # Written by the shortest digits that read back as the same number.
        text = frame.to_csv(index=False, lineterminator="\n")
        return [Table(self.name, len(frame), text)]


@dataclass(frozen=True)
class NotebookCode:
    """A notebook and the tables it reads, compressed: it is sent with every task.

    Attributes
    ----------
    packed : bytes
        What `pack` made.
    """

    packed: bytes

    @classmethod
    def pack(cls, text: str, tables: Mapping[str, str], trials: str | None) -> "NotebookCode":
        """Return the code of a notebook.

        Parameters
        ----------
        text : str
            The notebook's file; its stored outputs are left behind.
        tables : mapping
            File name to content of the table of trials and its sisters.
        trials : str, optional
            Which of them is the table of trials; none for a notebook that reads none.
        """
        notebook = json.loads(text)
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell.update(outputs=[], execution_count=None)
        content = {"notebook": notebook, "tables": dict(tables), "trials": trials}
        return cls(zlib.compress(json.dumps(content, sort_keys=True).encode()))

    def run(self, settings: Mapping[str, object]) -> list[Table]:
        """Run the notebook in a folder of its own, and return the tables it writes."""
        from lupuscart.kernels.execution import Job, execute

        content = json.loads(zlib.decompress(self.packed))
        # The next run here removes what a worker that was killed left.
        with scratch_folder(tempfile.gettempdir(), SCRATCH) as root:
            pages, data, figures = (root / each for each in ("notebooks", "data", "figures"))
            for place in (pages, data, figures):
                place.mkdir()
            for name, text in content["tables"].items():
                (data / name).write_text(text, encoding="utf-8", newline="")
            places = {"figures_dir": str(figures)}
            if content["trials"] is not None:
                places["trials_csv"] = str(data / content["trials"])
            job = Job(
                text=json.dumps(content["notebook"]),
                folder=str(pages),
                output=str(root / "executed.ipynb"),
                parameters={**settings, **places},
            )
            with warnings.catch_warnings():
                # nbformat's and zmq's, about their own inner matters.
                warnings.simplefilter("ignore")
                error = execute(job)
            if error is not None:
                # The folder has another name at every run; the error is to be the same.
                raise TaskError(_one_line(error.replace(str(root), ".")))
            return [_read_table(path) for path in sorted(figures.glob("*.csv"))]


def run_tasks(
    code: FunctionCode | NotebookCode, tasks: Sequence[Task], wanted: Mapping[str, str]
) -> list[Outcome]:
    """Run one code with several combinations, here and now.

    Parameters
    ----------
    code : FunctionCode or NotebookCode
        What to run.
    tasks : sequence of Task
        The combinations.
    wanted : mapping
        The sender's `software`.

    Returns
    -------
    list of Outcome
        One a task, in their order. A task that fails does not stop the others.

    Examples
    --------
    >>> code = FunctionCode("assurance")
    >>> beliefs = {"treatment_prior": [12.5, 3.5], "control_prior": [4, 6]}
    >>> [done] = run_tasks(code, [Task("a", {"n1": 15, "n2": 15, **beliefs})], software())
    >>> done.tables[0].name, done.tables[0].rows, done.error
    ('assurance', 1, None)
    """
    differences = [
        f"{name} {own} instead of {wanted.get(name)}"
        for name, own in software().items()
        if own != wanted.get(name)
    ]
    return [_run_task(code, task, differences) for task in tasks]


def _run_task(code, task: Task, differences: list[str]) -> Outcome:
    start = perf_counter()
    tables, error = [], None
    try:
        if differences:
            raise TaskError(f"the worker has {', '.join(differences)}")
        tables = code.run(task.settings)
    except TaskError as problem:
        error = str(problem)
    except Exception as problem:
        error = _one_line(f"{type(problem).__name__}: {problem}")
    return Outcome(task.key, tuple(tables), error, perf_counter() - start)


def as_table(result, name: str) -> pd.DataFrame:
    """Return what a planning function returned as a table.

    Parameters
    ----------
    result : DataFrame, dataclass, sequence of dataclasses or number
        A table stays as it is. A dataclass is a row, or as many rows as its arrays have
        items; a number is a row of one column.
    name : str
        The function, which a lone number's column is called by.

    Examples
    --------
    >>> as_table(planning.power_two_arm(15, 15, 0.8, [0.2, 0.4], test="fisher"), "").round(3)
       power   size
    0  0.872  0.018
    1  0.447  0.018
    """
    if isinstance(result, pd.DataFrame):
        return result
    if is_dataclass(result):
        fields = {field: np.ravel(value) for field, value in asdict(result).items()}
        rows = max(len(values) for values in fields.values())
        return pd.DataFrame({field: np.resize(values, rows) for field, values in fields.items()})
    if isinstance(result, tuple | list):
        return pd.DataFrame([asdict(each) for each in result])
    return pd.DataFrame({name: [result]})


@cache
def software() -> dict[str, str]:
    """Return the versions that results depend on: this package's sources and three libraries."""
    own = f"{__version__} ({package_digest()[:12]})"
    return {"lupuscart": own, **{name: metadata.version(name) for name in _LIBRARIES}}


def _read_table(path: Path) -> Table:
    text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    rows = sum(1 for row in csv.reader(io.StringIO(text)) if row) - 1
    return Table(path.stem, max(rows, 0), text)


def _one_line(text: str) -> str:
    return " ".join(text.split())
