"""Do the links of a static site lead somewhere, and does it ask nobody else for anything?"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["broken_links"]

# What a browser fetches by itself, against what a reader may follow.
_ADDRESSES = ("href", "src", "srcset", "action", "poster", "data")


def broken_links(folder) -> list[str]:
    """Return what is wrong with the links of a site, a line each.

    Every address has to be a file inside `folder`, and its anchor a place in that file.
    A link that a reader may follow may lead to another host; nothing a browser fetches
    by itself may.

    Parameters
    ----------
    folder : path
        Holds the pages, ``*.html``.

    Returns
    -------
    list of str
        Empty if all is well.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.html").write_text('<a href="b.html">b</a><img src="//host/c">')
    ...     broken_links(folder)
    ['a.html: b.html does not exist', 'a.html: //host/c is fetched from another host']
    """
    folder = Path(folder).resolve()
    pages = {path: _read(path) for path in sorted(folder.rglob("*.html"))}
    return [
        f"{path.relative_to(folder).as_posix()}: {link} {problem}"
        for path, page in pages.items()
        for tag, link in page.links
        if (problem := _problem(folder, path, pages, tag, link))
    ]


@dataclass
class _Page(HTMLParser):
    """The places of a page and the addresses it names."""

    anchors: set[str] = field(default_factory=set)
    links: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self):
        super().__init__()

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id":
                self.anchors.add(value)
            elif name in _ADDRESSES:
                self.links.append((tag, value or ""))


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def _problem(folder: Path, path: Path, pages: dict, tag: str, link: str) -> str | None:
    address = urlsplit(link)
    if address.scheme or address.netloc:
        followed = tag == "a" and address.scheme in ("http", "https")
        return None if followed else "is fetched from another host"
    target = (path.parent / unquote(address.path)).resolve() if address.path else path
    if not target.is_relative_to(folder):
        return "leads out of the site"
    if not target.is_file():
        return "does not exist"
    if address.fragment and not _has_place(pages.get(target), unquote(address.fragment)):
        return "names no place in that page"
    return None


def _has_place(page: _Page | None, anchor: str) -> bool:
    return page is not None and anchor in page.anchors
