"""What the search box of the site looks through.

A page opened from a file may not read other files, but may load a script: so the index is one,
which the search box loads when it is first used.

Vocabulary
----------
entry
    What stands under one heading of one page: prose, tables, sentences, figures; no code.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lupuscart.site.parts import Part, plain

__all__ = ["INDEX", "search_index"]

#: The file of the site that holds the entries.
INDEX = "search-index.js"

_HEADING = re.compile(r'(?=<h[1-6] id=")')
_ANCHOR = re.compile(r'<h[1-6] id="([^"]*)">(.*?)</h[1-6]>', re.DOTALL)


def search_index(views: Sequence[Mapping]) -> str:
    """Return the script that holds every entry of a site.

    Parameters
    ----------
    views : sequence of mapping
        Of each page: ``file``, ``title``, ``parts`` and ``figures``.
    """
    entries = [entry for view in views for entry in _entries(view) if entry["text"]]
    return f"window.searchEntries = {json.dumps(entries, ensure_ascii=False)};\n"


def _entries(view: Mapping) -> Iterator[dict[str, str]]:
    """Yield the entries of one page: its place, its heading and its text."""
    place, heading, texts = view["file"], view["title"], []
    for anchor, title, text in _pieces(view):
        if anchor:
            yield _entry(view, place, heading, texts)
            place, heading, texts = f"{view['file']}#{anchor}", title, []
        texts.append(text)
    yield _entry(view, place, heading, texts)


def _entry(view, place, heading, texts) -> dict[str, str]:
    text = " ".join(filter(None, texts))
    return {"place": place, "page": view["title"], "heading": heading, "text": text}


def _pieces(view: Mapping) -> Iterator[tuple[str, str, str]]:
    """Yield the anchor and title of each heading, if any, and the text that follows."""
    for part in view["parts"]:
        if part.kind == "prose":
            for html in _HEADING.split(part.content):
                found = _ANCHOR.match(html)
                if found is None:
                    yield "", "", plain(html)
                else:
                    yield found[1], plain(found[2]), plain(html[found.end() :])
        else:
            yield "", "", " ".join(_texts(part, view["figures"]))


def _texts(part: Part, figures: Mapping) -> Iterable[str]:
    if part.kind == "table":
        return [*part.content.columns, *(cell for row in part.content.rows for cell in row)]
    if part.kind == "lines":
        return part.content
    if part.kind == "said":
        texts = (text for _, text in part.content)
        return [" ".join(text) if isinstance(text, list) else text for text in texts]
    if part.kind == "figure":
        return [figures[part.content]["headline"], figures[part.content]["alt"]]
    return []
