"""``lupuscart lab``: JupyterLab on this machine only, by the collection's own settings."""

import argparse
import os
import sys
from importlib.util import find_spec
from typing import NoReturn

from lupuscart.commands.options import say_whose_settings
from lupuscart.kernels.environment import as_given, kernel_environment

__all__ = ["add", "lab_command", "run"]


def add(commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "lab",
        help="open the pages in JupyterLab, on this machine only",
        description="Open the pages in JupyterLab. It listens on loopback, with a token and a "
        "check of where requests come from, whatever your own settings of Jupyter say. Ctrl-C "
        "ends it.",
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "--language", metavar="CODE", help="en, or zh for the pages as notebooks in Chinese"
    )
    parser.add_argument("--port", type=int, default=8888, help="first port to try (8888)")
    parser.add_argument(
        "--no-browser", action="store_true", help="print the address and open no browser"
    )
    parser.add_argument(
        "--allow-root", action="store_true", help="run as root, such as in a container"
    )


def run(options: argparse.Namespace) -> NoReturn:
    """Become the server, so that what stops one stops the other."""
    from lupuscart.notebooks.project import find_root

    root = find_root()
    settings = root / "lab" / "settings.py"
    if not settings.is_file():
        raise ValueError(f"{settings} is missing; allowed: a clone of the repository")
    if find_spec("jupyterlab") is None:
        raise ValueError("jupyterlab is not installed; allowed: pip install jupyterlab")
    if hasattr(os, "geteuid") and os.geteuid() == 0 and not options.allow_root:
        raise ValueError(
            "JupyterLab does not run as root unless asked to; allowed: make lab "
            "OPTIONS=--allow-root (lupuscart lab --allow-root), or another user"
        )
    start = _edition(root, options.language) if options.language else None
    say_whose_settings("JupyterLab")
    os.chdir(root)
    command = lab_command(options, start)
    environment = kernel_environment()
    if token := as_given("JUPYTER_TOKEN"):
        environment["JUPYTER_TOKEN"] = token
    os.execve(command[0], command, environment)


def _edition(root, language: str) -> str | None:
    """Write the pages in a language and return the file to begin with, or None for English."""
    from lupuscart.arguments import check_choice
    from lupuscart.notebooks.edition import CONTENTS, write_notebooks
    from lupuscart.words.lexicon import LANGUAGES

    check_choice("language", language, LANGUAGES)
    if language == LANGUAGES[0]:
        return None
    # What a reader does with them is his own: beside figures of his own, and not in build/.
    folder = f"my-notebooks-{language}"
    write_notebooks(root / folder, language=language, root=root, report=print)
    return f"{folder}/{CONTENTS}"


def lab_command(options: argparse.Namespace, start: str | None = None) -> list[str]:
    """Return the command that serves the collection in the working folder.

    Parameters
    ----------
    options : Namespace
        The options of the command line.
    start : str, optional
        The file that is opened first; that of lab/settings.py by default.
    """
    # -P: a file in the working folder must not pass for a package.
    command = [sys.executable, "-P", "-m", "jupyterlab", "--config", "lab/settings.py"]
    command += [f"--ServerApp.port={options.port}"]
    command += [f"--LabApp.default_url=/lab/tree/{start}"] * bool(start)
    command += ["--no-browser"] * options.no_browser + ["--allow-root"] * options.allow_root
    return command
