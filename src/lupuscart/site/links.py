"""Make identifiers of reports into links: a link asks no host until it is followed."""

import re

from markupsafe import Markup, escape

__all__ = ["link_identifiers", "linked", "unbroken"]

_PAGES = {
    "doi": "https://doi.org/{}",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "trial": "https://clinicaltrials.gov/study/{}",
}

# What ends a sentence or a bracket is not part of a DOI, though it may stand in one.
_IDENTIFIER = re.compile(
    r"""(?P<doi>10\.\d{4,9}/(?:[^\s"<>&;,()（），；、。]|\([^\s()]*\))*[^\s"<>&;,.:()（），；、。])
    |\bPMID[:\s]\s?(?P<pmid>\d{5,9})\b
    |\b(?P<trial>NCT\d{8})\b""",
    re.VERBOSE,
)
# Spaces at which no line may end: 95 %, n = 5, 100 × 10⁶.
_UNBROKEN = re.compile(r"(?<=\d) (?=[%×])|(?<=\d ×) (?=\d)|(?<=\b\w) (?== \d)|(?<=\b\w =) (?=\d)")
_TAG = re.compile(r"(<[^>]*>)")
# Text that stays as it is.
_CLOSED = ("a", "code", "pre", "math")


def linked(text: object) -> Markup:
    """Return plain text as HTML in which every identifier is a link.

    Examples
    --------
    >>> linked("Feng J 2025, doi 10.1038/s41591-025-03937-8, n < 16.")
    Markup('Feng J 2025, doi <a href="https://doi.org/10.1038/s41591-025-03937-8">10.1038/s41591-025-03937-8</a>, n &lt; 16.')
    """  # noqa: E501
    return Markup(_with_links(str(escape(text))))


def link_identifiers(html: str) -> str:
    """Return HTML in which the identifiers of its text are links; those in links or code stay.

    Examples
    --------
    >>> print(link_identifiers("<p>NCT06333483, <code>NCT06333483</code></p>"))
    <p><a href="https://clinicaltrials.gov/study/NCT06333483">NCT06333483</a>, <code>NCT06333483</code></p>
    """  # noqa: E501
    pieces, closed = [], 0
    for piece in _TAG.split(html):
        if piece.startswith("<"):
            name = re.match(r"</?([a-zA-Z0-9]*)", piece)[1].lower()
            if name in _CLOSED and not piece.endswith("/>"):
                closed += -1 if piece.startswith("</") else 1
        elif not closed:
            piece = _with_links(piece)
        pieces.append(piece)
    return "".join(pieces)


def _with_links(text: str) -> str:
    return _IDENTIFIER.sub(_link, unbroken(text))


def unbroken(text: str) -> str:
    r"""Return text in which no line begins with the sign of per cent or the number of n = 5.

    Examples
    --------
    >>> unbroken("48–100 % (n = 5)").replace("\u00a0", "_")
    '48–100_% (n_=_5)'
    """
    return _UNBROKEN.sub("\u00a0", text)


def _link(match: re.Match) -> str:
    kind, value = match.lastgroup, match[match.lastgroup]
    link = f'<a href="{_PAGES[kind].format(value)}">{value}</a>'
    return match[0].replace(value, link)
