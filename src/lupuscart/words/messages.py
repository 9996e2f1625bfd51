"""Messages: sentences with gaps, English as they stand, told in the reader's language.

Whoever makes one needs no language: a catalogue has the sentences, ``allowed: at most {n}``, with
what they are in another language, and the gaps are filled there again. What stands in a gap may
be a message itself.
"""

from collections.abc import Mapping
from functools import cache
from string import Formatter

from lupuscart.words.catalogue import catalogue
from lupuscart.words.lexicon import LANGUAGES, current_language

__all__ = ["Message", "told"]


class Message(str):
    """A sentence whose gaps are filled: as text it is the English one.

    Parameters
    ----------
    sentence : str
        With its gaps in braces; or a message, more of whose gaps are to be filled.
    **gaps
        What stands in them, texts or numbers; a gap that is not named stays, to be `filled`.

    Examples
    --------
    >>> Message("allowed: {most} or less, since week is {week}", most=5)
    'allowed: 5 or less, since week is {week}'
    """

    sentence: str
    gaps: Mapping[str, object]

    def __new__(cls, sentence: str, /, **gaps):
        if isinstance(sentence, Message):
            return sentence.filled(**gaps)
        gaps = {name: gaps[name] for name in _names(sentence) if name in gaps}
        message = super().__new__(cls, sentence.format_map(_Gaps(gaps)))
        message.sentence, message.gaps = sentence, gaps
        return message

    def __reduce__(self):
        return _made, (self.sentence, dict(self.gaps))

    def filled(self, **gaps) -> "Message":
        """Return the message with more of its gaps filled, and those of the messages in it.

        Examples
        --------
        >>> since = Message("since week is {week}")
        >>> Message("allowed: 5, {since}", since=since).filled(week=12)
        'allowed: 5, since week is 12'
        """
        inner = {
            name: value.filled(**gaps) if isinstance(value, Message) else value
            for name, value in self.gaps.items()
        }
        return Message(self.sentence, **(gaps | inner))


def told(message: str, name: str) -> str:
    """Return a message in the reader's language, as far as the catalogue has its sentences.

    Parameters
    ----------
    message : str
        A `Message`, or a sentence without gaps.
    name : str
        The catalogue.

    Examples
    --------
    >>> from lupuscart.words.lexicon import using
    >>> since = Message("since {column} is empty", column="week")
    >>> with using("zh"):
    ...     told(Message("allowed: an empty cell, {since}", since=since), "check_data")
    '应为：空单元格，since week is empty'
    """
    language = current_language()
    if language == LANGUAGES[0]:
        return str(message)
    return _told(message, catalogue(name, language))


def _told(message: str, known: Mapping[str, str]) -> str:
    if not isinstance(message, Message):
        return known.get(message, message)
    gaps = {
        name: _told(value, known) if isinstance(value, str) else value
        for name, value in message.gaps.items()
    }
    return known.get(message.sentence, message.sentence).format_map(_Gaps(gaps))


@cache
def _names(sentence: str) -> tuple[str, ...]:
    """The names of the gaps of a sentence."""
    return tuple(dict.fromkeys(name for _, name, _, _ in Formatter().parse(sentence) if name))


def _made(sentence: str, gaps: dict) -> Message:
    return Message(sentence, **gaps)


class _Gaps(dict):
    """What stands in gaps; one that is not known stays in its braces."""

    def __missing__(self, name):
        return _Left(name)


class _Left(str):
    """The name of a gap that is left as it is."""

    def __format__(self, spec):
        return "{" + self + "}"

    def __repr__(self):
        return _Left(self + "!r")
