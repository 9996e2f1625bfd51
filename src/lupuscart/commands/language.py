"""The command line in the reader's language: what ``--help`` and a misspelt option answer.

The commands are written in English; here every text of the finished parser is exchanged for that
of the catalogue ``command_line``. Nothing but this reads catalogues before a command runs, and
English reads none.
"""

import argparse
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from lupuscart.words.catalogue import catalogue

__all__ = ["OWN_TEXTS", "parser_texts", "reader_language", "speaking"]

CATALOGUE = "command_line"

#: What argparse says by itself, and may be asked to say in another language.
OWN_TEXTS = (
    *("usage: ", "positional arguments", "options", "show this help message and exit"),
    *("show program's version number and exit", "%(prog)s: error: %(message)s\n"),
    *("the following arguments are required: %s", "unrecognized arguments: %s"),
    *("argument %(argument_name)s: %(message)s", "invalid %(type)s value: %(value)r"),
    *("expected one argument", "invalid choice: %(value)r (choose from %(choices)s)"),
)


def reader_language(
    arguments: Sequence[str] = (), environment: Mapping[str, str] = os.environ
) -> str:
    """Return the language to answer in: what ``--language`` names, or that of the system.

    Parameters
    ----------
    arguments : sequence of str
        The command line.
    environment : mapping
        Whose LC_ALL, LC_MESSAGES and LANG say what the system speaks.

    Examples
    --------
    >>> reader_language(["pages", "--language", "zh"], {})
    'zh'
    >>> reader_language([], {"LANG": "zh_CN.UTF-8"}), reader_language([], {"LANG": "de_DE.UTF-8"})
    ('zh', 'en')
    """
    joined = "=".join(arguments)
    asked = joined.rpartition("--language=")[2].partition("=")[0] if "--language=" in joined else ""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    system = next((environment[name] for name in names if environment.get(name)), "")
    return "zh" if (asked or system).lower().startswith("zh") else "en"


@contextmanager
def speaking(language: str) -> Iterator[Callable[[argparse.ArgumentParser], None]]:
    """Let argparse speak a language for the lines below.

    Yields
    ------
    callable
        Puts the texts of a parser and of its commands into the language.
    """
    known = catalogue(CATALOGUE, language)

    def say(text: str) -> str:
        return known.get(text, text)

    # The one way to reach what argparse says by itself: it looks `_` up at every message.
    before, argparse._ = argparse._, say
    try:
        yield lambda parser: _exchange(parser, say)
    finally:
        argparse._ = before


def parser_texts(parser: argparse.ArgumentParser) -> list[str]:
    """Return every text of a parser and its commands, in the order of ``--help``."""
    found: dict[str, None] = {}

    def note(text: str) -> str:
        found[text] = None
        return text

    _exchange(parser, note)
    return list(found)


def _exchange(parser: argparse.ArgumentParser, say: Callable[[str], str]) -> None:
    """Call `say` with every text of a parser, and put what it returns in its place."""
    for name in ("description", "epilog"):
        if text := getattr(parser, name):
            setattr(parser, name, say(text))
    for group in parser._action_groups:
        if group.title:
            group.title = say(group.title)
    for action in parser._actions:
        commands = getattr(action, "_choices_actions", ())
        for each in (action, *commands):
            if each.help:
                each.help = say(each.help)
        if commands:
            for command in action.choices.values():
                _exchange(command, say)
