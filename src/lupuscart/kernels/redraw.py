"""Draw figures in another theme or on another canvas from what a run found: no page is executed.

Several processes that have matplotlib loaded take the pages in turn. A page that cannot be drawn
so is run instead. None of the processes is left over: their input ends with the one that started
them, however that ended, and they with their input.
"""

import ast
import contextlib
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from lupuscart.kernels.beside import ask, end, start
from lupuscart.kernels.environment import kernel_environment

__all__ = ["STYLE", "Drawing", "differs_in_style_alone", "draw_all"]

#: The parameters that decide how a figure looks, and nothing of what it says.
STYLE = ("theme", "context")


@dataclass(frozen=True, eq=False)
class Drawing:
    """The figures of one page, to be drawn.

    Attributes
    ----------
    kept : Path
        What the page left when it was run, see `lupuscart.reporting.kept_findings`.
    digest : str
        Its SHA-256.
    names : tuple of str
        The figures that the run made.
    folder : Path
        An empty folder for those that are drawn.
    style : dict
        ``theme`` and ``context``.
    """

    kept: Path
    digest: str
    names: tuple[str, ...]
    folder: Path
    style: Mapping[str, str]


def differs_in_style_alone(code: str) -> bool:
    r"""Return whether theme and context of a page decide nothing but the style of its figures.

    They are handed to its one call of ``use_style``, and used nowhere else.

    Parameters
    ----------
    code : str
        The source of its cells, that of its parameters among them.

    Examples
    --------
    >>> declared = "theme = 'light'\ncontext = 'notebook'\n"
    >>> styled = declared + "use_style(theme=theme, context=context)\n"
    >>> for code in (declared, styled, styled + "print(theme)"):
    ...     differs_in_style_alone(code)
    False
    True
    False
    """
    lines = code.splitlines()
    try:
        tree = ast.parse("\n".join(line for line in lines if not line.startswith(("%", "!"))))
    except SyntaxError:
        return False
    nodes = list(ast.walk(tree))
    calls = [each for each in nodes if isinstance(each, ast.Call) and _is_use_style(each.func)]
    handed = [
        each.arg
        for call in calls
        for each in call.keywords
        if isinstance(each.value, ast.Name) and each.value.id == each.arg
    ]
    # Once declared and once handed on.
    used = [each.id for each in nodes if isinstance(each, ast.Name) and each.id in STYLE]
    return len(calls) == 1 and set(STYLE) <= set(handed) and sorted(used) == sorted(2 * STYLE)


def _is_use_style(function: ast.expr) -> bool:
    return "use_style" in (getattr(function, "id", ""), getattr(function, "attr", ""))


def draw_all(
    drawings: Sequence[Drawing], workers: int, environment: Mapping[str, str]
) -> Iterator[tuple[Drawing, bool]]:
    """Draw the figures of several pages, and yield each page's with whether all are there.

    Parameters
    ----------
    drawings : sequence of Drawing
        A page each; their folders exist.
    workers : int
        How many processes draw.
    environment : mapping
        What their environment holds beside `kernel_environment`, by name.

    Yields
    ------
    tuple of Drawing and bool
        As they end.
    """
    environment = {**kernel_environment(), **environment}
    # The page of most figures first, or it would be drawn alone at the end.
    drawings = sorted(drawings, key=lambda each: len(each.names), reverse=True)
    idle: SimpleQueue = SimpleQueue()

    def draw(drawing: Drawing) -> bool:
        process = idle.get()
        try:
            return _ask(process, drawing)
        finally:
            idle.put(process)

    with ExitStack() as stack:
        # Left last: once the processes are ended, no thread waits for one any more.
        executor = stack.enter_context(ThreadPoolExecutor(workers))
        for _ in range(min(workers, len(drawings))):
            idle.put(stack.enter_context(_process(environment)))
        pending = {executor.submit(draw, drawing): drawing for drawing in drawings}
        while pending:
            # On Windows a wait without end cannot be interrupted by Ctrl-C.
            done, _ = wait(pending, timeout=1, return_when=FIRST_COMPLETED)
            for future in done:
                yield pending.pop(future), future.result()


@contextlib.contextmanager
def _process(environment: Mapping[str, str]) -> Iterator[subprocess.Popen]:
    """A process that draws; it is killed in the end, so that whoever waits for it need not."""
    process = start("lupuscart.reporting.kept_findings", environment=environment)
    try:
        yield process
    finally:
        end(process)


def _ask(process: subprocess.Popen, drawing: Drawing) -> bool:
    request = {
        "path": str(drawing.kept),
        "digest": drawing.digest,
        "names": drawing.names,
        "figures_dir": str(drawing.folder),
        **drawing.style,
    }
    try:
        return ask(process, request) == b"true\n"
    except (OSError, ValueError):  # it has ended
        return False
