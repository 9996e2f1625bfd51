"""Reference pages of the statistics, made from their docstrings: ``make docs``.

python -m lupuscart.site.reference [FOLDER]

Part of the site too, where pdoc is installed (``pip install 'lupuscart[docs]'``); a site without
it has all its other pages.
"""

import pkgutil
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from lupuscart.figures.style import THEMES

__all__ = ["is_installed", "reference_modules", "write_reference"]

#: Where the first page is, in the folder of the reference.
FIRST_PAGE = "lupuscart/stats.html"


def is_installed() -> bool:
    """Whether pdoc is there, which makes the pages."""
    return find_spec("pdoc") is not None


def reference_modules() -> list[str]:
    """Return the modules that have a page: each public one of the statistics.

    Examples
    --------
    >>> reference_modules()[:2]
    ['lupuscart.stats', 'lupuscart.stats.background']
    """
    from lupuscart import stats

    found = pkgutil.walk_packages(stats.__path__, f"{stats.__name__}.")
    names = [each.name for each in found if "._" not in each.name]
    return [stats.__name__, *sorted(names)]


def write_reference(folder, *, site: str | None = None) -> None:
    """Write the reference pages into a folder.

    Parameters
    ----------
    folder : path
        Made if it does not exist.
    site : str, optional
        The page that the reference belongs to, seen from `folder`.
    """
    for path, content in _pages(site).items():
        page = Path(folder, path)
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_bytes(content)


@cache
def _pages(site: str | None) -> dict[str, bytes]:
    """Return the content of each file: of one process, which loads each module once, the same."""
    from pdoc import pdoc, render

    templates = Path(__file__).parent / "templates" / "reference"
    render.configure(
        docformat="numpy", search=False, show_source=False, template_directory=templates
    )
    render.env.globals.update(site=site, themes=THEMES)
    with TemporaryDirectory() as folder:
        pdoc(*reference_modules(), output_directory=Path(folder))
        files = [path for path in Path(folder).rglob("*") if path.is_file()]
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}


if __name__ == "__main__":
    place = Path(sys.argv[1] if len(sys.argv) > 1 else "build/reference")
    write_reference(place)
    print(f"reference: {place / FIRST_PAGE}")
