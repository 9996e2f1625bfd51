"""The answer to each question in a sentence or two, for a reader who has a minute.

The index of the site and the conclusions of the deck say the same, of the same pages.
"""

from collections.abc import Mapping, Sequence

__all__ = ["explains_a_method", "first_pages", "settles_it", "short_answer"]

# Which reports, who responded, is zero no risk, cells or chemotherapy, which trial would settle it,
# does it last: the other pages say how this is known.
_ASKED_FIRST = ("01", "02", "04", "06", "08", "10")

# How wide intervals of small samples are by each method; sliders.
_EXPLAIN_A_METHOD = ("05", "09")

# How large a trial with a control arm would have to be.
_SETTLES_IT = "08"

# In letters; a Chinese one says as much as two.
_LONGEST = 260


def first_pages(pages: Sequence[str]) -> list[str]:
    """Return the pages that answer what is asked first, at most six; any if none of these is there.

    Parameters
    ----------
    pages : sequence of str
        Names of notebooks, such as ``02_response.ipynb``.

    Examples
    --------
    >>> first_pages(["02_response.ipynb", "03_sledai.ipynb"])
    ['02_response.ipynb']
    """
    known = [page for page in pages if page[:2] in _ASKED_FIRST]
    return (known or list(pages))[: len(_ASKED_FIRST)]


def explains_a_method(page: str) -> bool:
    """Return whether a page shows how something is computed, and not what was found.

    Parameters
    ----------
    page : str
        Name of a notebook.

    Examples
    --------
    >>> explains_a_method("05_small_samples.ipynb"), explains_a_method("04_safety.ipynb")
    (True, False)
    """
    return page[:2] in _EXPLAIN_A_METHOD


def settles_it(page: str) -> bool:
    """Return whether a page plans the trial that would settle what the others leave open.

    Parameters
    ----------
    page : str
        Name of a notebook.

    Examples
    --------
    >>> settles_it("08_next_trial.ipynb"), settles_it("04_safety.ipynb")
    (True, False)
    """
    return page[:2] == _SETTLES_IT


def short_answer(record: Mapping) -> str:
    """Return the beginning of the answer that goes with a figure; if it is long, the headline.

    Parameters
    ----------
    record : mapping
        ``answer`` and ``headline``, as in ``figures.json``.

    Examples
    --------
    >>> short_answer({"answer": ["12 of 15 responded.", "More."], "headline": "12/15"})
    '12 of 15 responded.'
    >>> short_answer({"answer": ["Deaths were announced. " * 20], "headline": "Deaths: 3"})
    'Deaths: 3.'
    """
    answer, headline = (record.get("answer") or [""])[0], record.get("headline") or ""
    if answer and sum(1 + (letter > "\u2e7f") for letter in answer) <= _LONGEST:
        return answer
    stop = "" if not headline or headline[-1] in ".。" else "。" if headline[-1] > "\u2e7f" else "."
    return headline + stop if headline else answer
