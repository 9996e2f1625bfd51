"""``lupuscart explore``: the sliders of 09 as a page without code, on this machine only."""

import argparse
from typing import NoReturn

from lupuscart.commands.options import add_parameters, given_parameters, say_whose_settings

__all__ = ["add", "run"]


def add(commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "explore",
        help="show the page of sliders without code, on this machine only",
        description="Show the sliders of 09_explore as a page without code. It listens on "
        "loopback, asks no other host, and opens with the address that is printed. Ctrl-C ends it.",
    )
    parser.set_defaults(run=run, usage_error=parser.error)
    add_parameters(parser)
    parser.add_argument("--port", type=int, default=8866, help="first port to try (8866)")
    parser.add_argument(
        "--no-browser", action="store_true", help="print the address and open no browser"
    )


def run(options: argparse.Namespace) -> NoReturn:
    """Write the page and become the server of it, so that what stops one stops the other."""
    import os

    from lupuscart.explore.page import make_page, server_command, server_environment
    from lupuscart.notebooks.project import find_root

    given = given_parameters(options)
    page = make_page(find_root(), given, port=options.port, browser=not options.no_browser)
    command = server_command(page)
    say_whose_settings("the page")
    os.execve(command[0], command, server_environment())
