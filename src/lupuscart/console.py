"""What the command line prints reaches its reader, and does no more than that.

A console may know fewer characters than a message has, be closed, or be a pipe whose reader has
gone; and what a notebook's error or a file's name holds may be commands to a terminal.
"""

import contextlib
import io
import os
import select
import sys
import unicodedata

__all__ = ["is_anyone_reading", "plain", "prepare_streams"]

# Control characters, characters without a shape that change others, separators of lines.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})


def plain(text: str) -> str:
    r"""Return a text in which every character that is not seen, but for line ends, is spelt out.

    Examples
    --------
    >>> print(plain("a\x1b[31mb\u200bc"))
    a\x1b[31mb\u200bc
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        _spelt(each) if each not in "\n\t" and unicodedata.category(each) in _UNSEEN else each
        for each in text
    )


def _spelt(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


class _Plain(io.TextIOWrapper):
    """A stream on which a text is `plain`, and a character it does not know is spelt out."""

    def write(self, text: str) -> int:
        # A progress bar begins by going back to the start of its line.
        start = "\r" if text.startswith("\r") else ""
        super().write(start + plain(text[len(start) :]))
        return len(text)


def prepare_streams() -> None:
    """Make the three streams of this process safe to print to, for good.

    One that was closed by the caller leads nowhere; without that the next file that is opened
    would take its place, and what is printed would be written into it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
            os.set_inheritable(number, True)
            setattr(sys, name, None)
        if getattr(sys, name) is None:
            stream = open(number, "r" if number == 0 else "w", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if type(stream) is io.TextIOWrapper:
            own = {"encoding": stream.encoding, "line_buffering": stream.line_buffering}
            own["write_through"] = stream.write_through
            setattr(sys, name, _Plain(stream.buffer, errors="backslashreplace", **own))


def is_anyone_reading() -> bool:
    """Return whether the readers of both output streams are still there."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):  # no file; no poll
            poll = select.poll()
            poll.register(stream.fileno(), 0)
            if any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0)):
                return False
    return True
