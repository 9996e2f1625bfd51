"""Time a page as a reader opens it in JupyterLab, and the memory of its kernel.

A new kernel, not forked, runs the page cell by cell, as "Run All" does; nothing is saved. Its clock
begins when the kernel is started and stops when the answer, and then the first figure, has come.
One page at a time; each number is the median of the rounds.
"""

import json
import subprocess
import sys
import time
from collections import defaultdict
from queue import Empty
from statistics import median

from jupyter_client.manager import KernelManager

from benchmarks.collection import copied
from benchmarks.timing import effort, row
from lupuscart.kernels.environment import kernel_environment

#: Seconds from the start of the kernel, on every page.
AIMS = {"answer": 1.5, "first figure": 2.5}
KINDS = {"answer": "text/markdown", "first figure": "image/png"}
PEAK = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


def rows():
    """Yield the rows."""
    found = defaultdict(list)
    with copied() as collection:
        for _ in range(effort.rounds):
            for page in collection.pages:
                for what, value in opened(page).items():
                    found[page.stem, what].append(value)
    for what, aim in AIMS.items():
        for (page, measured), values in found.items():
            if measured == what:
                yield row(f"{page}, to its {what}", median(values), aim=aim)
    for (page, measured), values in found.items():
        if measured == "memory":
            yield row(f"{page}, memory at its peak", median(values), unit="MB")


def opened(page):
    """Return seconds to the answer and to the first figure, and the peak of memory in MB."""
    cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
    codes = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    manager = KernelManager(kernel_name="python3")
    came = {}
    start = time.perf_counter()

    def note(message):
        for what, kind in KINDS.items():
            if kind in message["content"].get("data", {}):
                came.setdefault(what, time.perf_counter() - start)

    surroundings = {"cwd": str(page.parent), "env": kernel_environment()}
    manager.start_kernel(**surroundings, stderr=subprocess.DEVNULL)
    client = manager.client()
    try:
        client.start_channels()
        _wait_until_it_speaks(client)
        for code in codes:
            _run(client, code, note)
        if missing := KINDS.keys() - came.keys():
            raise RuntimeError(f"{page.name} shows no {min(missing)}")
        return came | _memory(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _wait_until_it_speaks(client):
    """Ask again until something is heard, as JupyterLab does: what is sent earlier is lost."""
    while True:
        client.kernel_info()
        try:
            client.get_iopub_msg(timeout=0.05)
            return
        except Empty:
            continue


def _run(client, code, note):
    """Run a cell; its error is an error, not a time."""
    content = client.execute_interactive(code, output_hook=note, timeout=300)["content"]
    if content["status"] != "ok":
        raise RuntimeError(f"{content['ename']}: {content['evalue']}")


def _memory(client):
    """Return the peak of the kernel's memory, where the system tells."""
    if sys.platform == "win32":
        return {}
    texts = []
    _run(client, PEAK, lambda message: texts.append(message["content"].get("text", "")))
    # In kilobytes on Linux, in bytes on macOS.
    return {"memory": int("".join(texts)) / (2**20 if sys.platform == "darwin" else 2**10)}
