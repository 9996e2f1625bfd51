"""A Python process beside this one that answers requests: a line of JSON in, a line out."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Mapping

__all__ = ["ask", "end", "start"]


def start(module: str, *arguments: str, environment: Mapping[str, str]) -> subprocess.Popen:
    """Start ``python -P -m MODULE ARGUMENT ...`` in the environment of a kernel."""
    return subprocess.Popen(
        # -P: a file in the working folder must not pass for a package.
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(environment),
        # As for a kernel: where no file matplotlibrc lies.
        cwd=environment.get("MPLCONFIGDIR"),
        # Ctrl-C is for the owner, which then ends this one.
        start_new_session=True,
    )


def ask(process: subprocess.Popen, request: Mapping) -> bytes:
    """Return the line that answers a request; empty if the process has ended.

    Raises
    ------
    OSError, ValueError
        If the process has ended, or is being ended, before the request is written.
    """
    process.stdin.write(json.dumps(request).encode() + b"\n")
    process.stdin.flush()
    return process.stdout.readline()


def end(process: subprocess.Popen) -> None:
    """Kill the process, so that whoever waits for it need not."""
    process.kill()
    process.wait()
    process.stdout.close()
    with contextlib.suppress(OSError):  # of what it had not read
        process.stdin.close()
