"""Refuse bad input by name.

Each function returns its input in a clean type, or raises one ``ValueError``
that says which argument was wrong, what it was, and what is allowed. The
statistics call these and nothing else, so an error reads the same everywhere.
"""

import difflib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from numbers import Real

import numpy as np

__all__ = [
    "check_choice",
    "check_confidence_level",
    "check_counts",
    "check_figure_words",
    "check_numbers",
    "check_one_rate",
    "check_open_unit",
    "check_positive",
    "check_rate",
    "check_same_index",
    "check_whole",
    "check_whole_numbers",
    "raise_together",
    "shown",
]

# Above it a float no longer tells neighbouring whole numbers apart.
_LARGEST_WHOLE = 2**53 - 1

# So much of a value is repeated in an error; the rest is cut out of its middle.
_LONGEST = 120

#: The parts of what is said of a figure.
FIGURE_WORDS = ("headline", "alt", "source", "provenance", "references", "table")
#: Further parts, which a figure may lack.
PAGE_WORDS = ("cited", "answer", "supports", "does_not_support", "to_explore")


def check_choice(name: str, value, allowed: Iterable[str]) -> str:
    """Return `value` if it is one of `allowed`; suggest the nearest if it is not.

    Examples
    --------
    >>> check_choice("method", "wilsn", ["wilson", "blaker"])
    Traceback (most recent call last):
    ...
    ValueError: method is 'wilsn'; did you mean 'wilson'? Allowed: wilson, blaker
    """
    allowed = list(allowed)
    if isinstance(value, str) and value in allowed:
        return value
    near = difflib.get_close_matches(str(value), allowed, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise ValueError(
        f"{name} is {shown(value)}; {hint}{'A' if hint else 'a'}llowed: {', '.join(allowed)}"
    )


def check_open_unit(name: str, value) -> float:
    """Return `value` as a float if it lies strictly between 0 and 1.

    Examples
    --------
    >>> check_open_unit("alpha", 0.05)
    0.05
    """
    number = _real(name, value, "a number between 0 and 1, both excluded")
    if not 0 < number < 1:
        raise ValueError(f"{name} is {value!r}; allowed: a number between 0 and 1, both excluded")
    return number


def check_confidence_level(value) -> float:
    """Return the confidence level as a float in (0, 1); 95 % is written 0.95.

    Examples
    --------
    >>> check_confidence_level(95)
    Traceback (most recent call last):
    ...
    ValueError: confidence_level is 95; allowed: a number between 0 and 1, such as 0.95 for 95 %
    """
    allowed = "a number between 0 and 1, such as 0.95 for 95 %"
    level = _real("confidence_level", value, allowed)
    if not 0 < level < 1:
        raise ValueError(f"confidence_level is {value!r}; allowed: {allowed}")
    return level


def check_rate(name: str, value) -> np.ndarray:
    """Return `value` as a float array if every entry is a proportion, 0 to 1 included.

    Examples
    --------
    >>> check_rate("background_rate", [0, 0.4, 1])
    array([0. , 0.4, 1. ])
    """
    rates = _numbers(name, value, "proportions from 0 to 1")
    wrong = ~((rates >= 0) & (rates <= 1))
    if wrong.any():
        raise ValueError(f"{name} is {_first(rates, wrong)}; allowed: proportions from 0 to 1")
    return rates


def check_one_rate(name: str, value) -> float:
    """Return `value` as a float if it is one proportion, 0 and 1 included.

    Examples
    --------
    >>> check_one_rate("p1", 0.8)
    0.8
    """
    rate = check_rate(name, value)
    if rate.ndim:
        raise ValueError(f"{name} is {shown(value)}; allowed: one proportion from 0 to 1")
    return float(rate)


def check_figure_words(name: str, words) -> dict:
    """Return the parts of what is said of a figure; each must be there, the sentences not empty.

    Parameters
    ----------
    name : str
        What the words are of, for the error.
    words : object or mapping
        With the parts as attributes or as keys.

    Examples
    --------
    >>> check_figure_words("figure one", {"headline": "", "alt": "An empty figure."})
    Traceback (most recent call last):
    ...
    ValueError: figure one has no headline, source, provenance, references, table; allowed: what FigureWords holds
    """  # noqa: E501
    given = words if isinstance(words, Mapping) else getattr(words, "__dict__", {})
    sentences = ("headline", "alt")
    missing = [
        part
        for part in FIGURE_WORDS
        if part not in given or (part in sentences and not str(given[part]).strip())
    ]
    if missing:
        raise ValueError(f"{name} has no {', '.join(missing)}; allowed: what FigureWords holds")
    more = [part for part in PAGE_WORDS if given.get(part)]
    return {part: given[part] for part in (*FIGURE_WORDS, *more)}


def check_positive(name: str, value) -> float:
    """Return `value` as a float if it is finite and greater than 0.

    Examples
    --------
    >>> check_positive("tau_scale", 0.5)
    0.5
    """
    number = _real(name, value, "a number greater than 0")
    if not 0 < number < np.inf:
        raise ValueError(f"{name} is {shown(value)}; allowed: a number greater than 0")
    return number


def check_whole(name: str, value, *, minimum: int, maximum: int | None = None) -> int:
    """Return `value` as an int if it is whole and within the limits.

    Examples
    --------
    >>> check_whole("n", 15, minimum=1)
    15
    """
    allowed = f"a whole number of at least {minimum}"
    allowed += "" if maximum is None else f" and at most {maximum}"
    number = _real(name, value, allowed)
    largest = _LARGEST_WHOLE if maximum is None else maximum
    if not minimum <= number <= largest or number != np.floor(number):
        raise ValueError(f"{name} is {shown(value)}; allowed: {_limited(allowed, number, maximum)}")
    return int(number)


def check_whole_numbers(
    name: str, value, *, minimum: int = 0, maximum: int | None = None, allowed: str | None = None
) -> np.ndarray:
    """Return `value` as an ``int64`` array if every entry is whole and within the limits.

    Whole numbers in floating-point form (``12.0``) are accepted, since pandas stores a
    column of counts with a gap so; the gap itself is not.

    Examples
    --------
    >>> check_whole_numbers("n_fell", [5, 0.5])
    Traceback (most recent call last):
    ...
    ValueError: n_fell is 0.5; allowed: whole numbers of at least 0
    """
    if allowed is None:
        allowed = f"whole numbers of at least {minimum}"
        allowed += "" if maximum is None else f" and at most {maximum}"
    numbers = check_numbers(name, value, allowed)
    largest = _LARGEST_WHOLE if maximum is None else maximum
    wrong = ~((numbers >= minimum) & (numbers == np.floor(numbers)) & (numbers <= largest))
    if wrong.any():
        number = numbers[wrong].flat[0]
        raise ValueError(
            f"{name} is {_first(numbers, wrong)}; allowed: {_limited(allowed, number, maximum)}"
        )
    return numbers.astype(np.int64)


def check_numbers(
    name: str, value, allowed: str, *, low: float | None = None, high: float | None = None
) -> np.ndarray:
    """Return `value` as a float array if every entry is a number, from `low` to `high`.

    Text is no number, whatever it spells, and neither is a truth value, a date or a masked
    entry; it does not matter whether they come alone, in a list, an array or a column.

    Parameters
    ----------
    name, allowed : str
        What the error calls the value, and what it says is allowed.
    value : array-like
        A number, a list, an array or a column of a table.
    low, high : float, optional
        Limits, both allowed; with either given nan is refused.

    Examples
    --------
    >>> check_numbers("sd", [5, "3"], "numbers of at least 0", low=0)
    Traceback (most recent call last):
    ...
    ValueError: sd holds '3'; allowed: numbers of at least 0
    """
    numbers = _numbers(name, value, allowed)
    if low is None and high is None:
        return numbers
    smallest, largest = (-np.inf if low is None else low), (np.inf if high is None else high)
    wrong = ~((numbers >= smallest) & (numbers <= largest))
    if wrong.any():
        raise ValueError(f"{name} is {_first(numbers, wrong)}; allowed: {allowed}")
    return numbers


def check_same_index(**values) -> None:
    """Refuse columns of tables whose rows do not belong together, as their index says.

    Numbers are paired by position here; pandas pairs by index. Where the two could differ,
    nothing is paired.

    Examples
    --------
    >>> import pandas as pd
    >>> check_same_index(k=pd.Series([5], index=["a"]), n=pd.Series([5], index=["b"]))
    Traceback (most recent call last):
    ...
    ValueError: k and n are columns with different indexes; allowed: one index in one order, \
such as two columns of one table, or .to_numpy() of each to pair by position
    """
    columns = [(name, value) for name, value in values.items() if hasattr(value, "iloc")]
    for name, value in columns[1:]:
        if not value.index.equals(columns[0][1].index):
            raise ValueError(
                f"{columns[0][0]} and {name} are columns with different indexes; allowed: one "
                "index in one order, such as two columns of one table, or .to_numpy() of each to "
                "pair by position"
            )


def shown(value) -> str:
    """Return how an error shows a value: as Python writes it, cut in the middle if that is long.

    Examples
    --------
    >>> shown("12"), len(shown("9" * 5000))
    ("'12'", 120)
    """
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # Python writes out no whole number of more than 4300 digits
        return "a number of more than 4300 digits"
    half = (_LONGEST - 5) // 2
    return text if len(text) <= _LONGEST else f"{text[:half]} ... {text[len(text) - half - 1 :]}"


def check_counts(k, n, *, names: tuple[str, str] = ("k", "n")) -> tuple[np.ndarray, np.ndarray]:
    """Return `k` of `n` as two ``int64`` arrays of one shape.

    Every n is at least 1 and every k lies between 0 and its n. Whole numbers in
    floating-point form (``12.0``) are accepted, since pandas stores a column of
    counts with a gap so.

    Examples
    --------
    >>> check_counts([12, 5], [15, 5])
    (array([12,  5]), array([15,  5]))
    """
    k_name, n_name = names
    check_same_index(**{k_name: k, n_name: n})
    n_array = check_whole_numbers(n_name, n, minimum=1)
    k_array = check_whole_numbers(k_name, k, allowed=f"whole numbers from 0 to {n_name}")
    try:
        k_array, n_array = np.broadcast_arrays(k_array, n_array)
    except ValueError:
        raise ValueError(
            f"{k_name} has shape {k_array.shape} and {n_name} has shape {n_array.shape}; "
            "allowed: one shape, or a single number for either"
        ) from None
    wrong = k_array > n_array
    if wrong.any():
        raise ValueError(
            f"{k_name} is {_first(k_array, wrong)} and {n_name} is {_first(n_array, wrong)}; "
            f"allowed: {k_name} from 0 to {n_name}"
        )
    return k_array, n_array


def raise_together(problems: Iterable[Exception]) -> None:
    """Raise what was collected, if anything: one as it is, several as one, each text once.

    Examples
    --------
    >>> raise_together([ValueError("k is 5"), ValueError("n is 0"), ValueError("k is 5")])
    Traceback (most recent call last):
    ...
    ValueError: k is 5
    n is 0
    """
    distinct = list({str(problem): problem for problem in problems}.values())
    if len(distinct) == 1:
        raise distinct[0]
    if distinct:
        raise ValueError("\n".join(map(str, distinct)))


def _numbers(name, value, allowed) -> np.ndarray:
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise ValueError(f"{name} has masked entries; allowed: {allowed}")
    try:
        array = np.asarray(value, dtype=object if isinstance(value, list | tuple) else None)
    except ValueError:  # rows of unlike lengths
        raise ValueError(f"{name} is {shown(value)}; allowed: {allowed}") from None
    if array.dtype.kind in "iuf":
        return array.astype(float)
    # Columns and lists may hold what numpy would read as a number: look at every entry.
    for entry in array.astype(object).flat:
        entry = entry.item() if isinstance(entry, np.ndarray) and entry.ndim == 0 else entry
        # To Python a truth value is a whole number, and so is numpy's duration.
        misleading = isinstance(entry, bool | np.bool | np.timedelta64)
        if misleading or not isinstance(entry, Real | Decimal):
            verb = "is" if array.ndim == 0 else "holds"
            raise ValueError(f"{name} {verb} {shown(entry)}; allowed: {allowed}")
    try:
        return array.astype(float)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} is {shown(value)}; allowed: {allowed}") from None


def _limited(allowed, number, maximum) -> str:
    """What is allowed, with the largest whole number where it was passed."""
    if maximum is None and number > _LARGEST_WHOLE:
        return f"{allowed} and at most {_LARGEST_WHOLE} (2**53 - 1)"
    return allowed


def _real(name, value, allowed) -> float:
    number = _numbers(name, value, allowed)
    if number.ndim:
        raise ValueError(f"{name} is {shown(value)}; allowed: {allowed}")
    return float(number)


def _first(array, mask):
    value = array[mask].flat[0]
    return int(value) if value == np.floor(value) and np.isfinite(value) else float(value)
