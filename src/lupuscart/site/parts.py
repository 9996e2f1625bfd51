"""A notebook that has run, taken apart into what a static page shows.

Vocabulary
----------
part
    One piece of a page, from the top down: prose, the code of a cell, a table, what a
    cell printed, a figure.
address
    A file of the collection, as its path from the collection's folder, such as
    ``notebooks/02_response.ipynb``; `Prose` turns it into the page it became.

Prose is Markdown written here. Everything else may hold text from somebody's CSV and
is kept as plain text: the template escapes it, and no markup of a table survives but
its rows and cells.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from latex2mathml.converter import convert
from markupsafe import Markup, escape
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

__all__ = ["Part", "Prose", "Table", "page_parts", "read_table", "title_and_summary"]

WIDGET = "application/vnd.jupyter.widget-view+json"
SCRIPT = "application/javascript"

# In letters of LaTeX: about what a phone has room for.
LONG_FORMULA = 40

_FORMULA_AND_COMMA = re.compile(r"<math((?!</math>).)*</math>[,.;:)]+")

# A number, with a sign, a unit or neither; or the dash where there is none.
_NUMBER = re.compile(r"([-−<>≤≥]?\s?[\d.,]+(e[-+]\d+)?( ?%)?|[–-]|)")


@dataclass(frozen=True)
class Part:
    """One piece of a page.

    Attributes
    ----------
    kind : str
        ``prose``, ``settings``, ``code``, ``table``, ``lines``, ``text``, ``figure`` or
        ``widget``.
    content : object
        HTML for prose, a `Table`, a list of lines, a figure's name, else text.
    number : int
        Of the code cell, the table or the figure, counted from 1; 0 for other kinds.
    section : str
        The heading it stands under.
    """

    kind: str
    content: object = ""
    number: int = 0
    section: str = ""


@dataclass(frozen=True)
class Table:
    """A table as plain text.

    Attributes
    ----------
    columns : list of str
        The headings.
    rows : list of list of str
        The cells; the first of each row is its heading.
    kinds : list of str
        ``number``, ``long`` or ``text`` for each column.
    """

    columns: list[str]
    rows: list[list[str]]
    kinds: list[str]


def title_and_summary(notebook: NotebookNode) -> tuple[str, str]:
    """Return the title of a notebook and the Markdown of the paragraph below it.

    Raises
    ------
    ValueError
        If the notebook does not open with a title.
    """
    opening = notebook.cells[0].source if notebook.cells else ""
    title, _, rest = opening.partition("\n")
    if not title.startswith("# "):
        raise ValueError(f"the first cell begins with {title!r}; allowed: '# ' and a title")
    return title.removeprefix("# ").strip(), rest.strip().partition("\n\n")[0]


def page_parts(notebook: NotebookNode, prose: "Prose", figures: Mapping) -> Iterator[Part]:
    """Yield the parts of a page, in order.

    Parameters
    ----------
    notebook : NotebookNode
        As it ran.
    prose : Prose
        Renders the Markdown of this page.
    figures : mapping
        The figures that the notebook saved, by name.

    Raises
    ------
    ValueError
        If a cell shows a picture that it did not save: nothing says what is on it.
    """
    counts = {"code": 0, "table": 0, "figure": 0}
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", ())
        # papermill's copy of the settings names folders of this machine.
        if "injected-parameters" in tags:
            continue
        if cell.cell_type == "markdown":
            yield Part("prose", prose.html(cell.source))
        if cell.cell_type != "code":
            continue
        kind = "settings" if "parameters" in tags else "code"
        for part in [Part(kind, cell.source), *_outputs(cell, figures)]:
            counter = "code" if part.kind == "settings" else part.kind
            if counter in counts:
                counts[counter] += 1
            yield Part(part.kind, part.content, counts.get(counter, 0), prose.section)


def _outputs(cell: NotebookNode, figures: Mapping) -> Iterator[Part]:
    for output in cell.outputs:
        if output.output_type == "stream":
            # What is printed on the error stream is about the machine, not the evidence.
            if output.name == "stdout":
                yield _printed(output.text)
            continue
        data = output.get("data", {})
        # A program for JupyterLab: its text is only the name of an object.
        if SCRIPT in data:
            continue
        table = read_table(data.get("text/html", ""))
        if WIDGET in data:
            yield Part("widget")
        elif "image/png" in data:
            yield Part("figure", _saved_name(cell.source, figures))
        elif table is not None:
            yield Part("table", table)
        elif "text/plain" in data:
            yield Part("text", data["text/plain"])


def _printed(text: str) -> Part:
    """Return sentences as lines to be set as prose; columns keep their spaces."""
    if "  " in text:
        return Part("text", text.rstrip("\n"))
    return Part("lines", [line for line in text.splitlines() if line])


def _saved_name(source: str, figures: Mapping) -> str:
    for name in figures:
        if f'"{name}"' in source:
            return name
    raise ValueError(
        "a cell shows a picture that it does not save, so nothing says what is on it; "
        f"allowed: save_figure with an alt text, in the cell that shows it:\n{source}"
    )


def read_table(html: str) -> Table | None:
    """Return the table in the HTML that pandas writes, or ``None`` if there is none.

    Row numbers without a heading are left out: they say nothing of the evidence.

    Examples
    --------
    >>> import pandas as pd
    >>> table = read_table(pd.DataFrame({"study": ["<b>A</b>"], "n": [5]}).to_html())
    >>> table.columns, table.rows, table.kinds
    (['study', 'n'], [['<b>A</b>', '5']], ['text', 'number'])
    """
    try:
        start, end = html.index("<table"), html.rindex("</table>")
        table = ElementTree.fromstring(html[start:end] + "</table>")
    except (ValueError, ElementTree.ParseError):
        return None
    head, *rows = ([_text(cell) for cell in row] for row in table.iter("tr"))
    # Headings of several floors have no simple form; their text output has.
    if not rows or {len(row) for row in rows} != {len(head)}:
        return None
    if head[0] == "" and all(row[0].isdigit() for row in rows):
        head, rows = head[1:], [row[1:] for row in rows]
    return Table(head, rows, [_kind(column) for column in zip(*rows, strict=True)])


def _text(cell: ElementTree.Element) -> str:
    return "".join(cell.itertext()).strip()


def _kind(cells: tuple[str, ...]) -> str:
    if all(_NUMBER.fullmatch(cell) for cell in cells):
        return "number"
    return "long" if max(map(len, cells)) > 28 else "text"


class Prose:
    """The Markdown of one page as HTML: formulas drawn, headings in order, links that lead.

    Parameters
    ----------
    folder : str
        Where the Markdown lies in the collection, such as ``notebooks``.
    pages : mapping
        Address to page, such as ``notebooks/02_response.ipynb`` to ``02_response.html``.

    Examples
    --------
    >>> prose = Prose("notebooks", {"notebooks/b.ipynb": "b.html"})
    >>> print(prose.html("See [b](b.ipynb), [c](c.ipynb) and <script>."))
    <p>See <a href="b.html">b</a>, c and &lt;script&gt;.</p>
    <BLANKLINE>
    """

    def __init__(self, folder: str, pages: Mapping[str, str]):
        self._renderer = _Renderer(folder, pages)
        self._markdown = MarkdownWithMath(renderer=self._renderer)

    @property
    def section(self) -> str:
        """The heading that was rendered last."""
        return self._renderer.section

    def html(self, markdown: str) -> Markup:
        """Return `markdown` as HTML; headings continue those of earlier calls."""
        # No line may begin with the comma after a formula.
        html = self._markdown.render(markdown)
        return Markup(_FORMULA_AND_COMMA.sub(r'<span class="together">\g<0></span>', html))


class _Renderer(IPythonRenderer):
    """What differs from a notebook's usual HTML."""

    def __init__(self, folder: str, pages: Mapping[str, str]):
        super().__init__(escape=True, allow_harmful_protocols=False)
        self.folder = folder
        self.pages = pages
        self.level = 0
        self.section = ""

    def heading(self, text: str, level: int, **attributes) -> str:
        """Number headings without a gap, the first one alone on top."""
        self.level = min(max(level, 2), self.level + 1) if self.level else 1
        self.section = Markup(text).striptags()
        anchor = re.sub(r"[^\w\- ]", "", self.section.lower()).replace(" ", "-")
        return f'<h{self.level} id="{anchor}">{text}</h{self.level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Lead to the page that a file became; a file without a page is only its name."""
        if urlsplit(url).scheme or url.startswith("#"):
            return super().link(text, url, title)
        path, hash_sign, anchor = url.partition("#")
        page = self.pages.get(posixpath.normpath(posixpath.join(self.folder, unquote(path))))
        return super().link(text, page + hash_sign + anchor, title) if page else text

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Say what is on a picture: a page carries no pictures but its figures."""
        return f"<em>{text}</em>"

    def block_code(self, code: str, info: str | None = None) -> str:
        """Show code as it is; it scrolls by itself."""
        return f'<pre tabindex="0"><code>{escape(code)}</code></pre>\n'

    def inline_math(self, body: str) -> str:
        """Draw a formula in the line; one too wide for a phone scrolls by itself."""
        formula = convert(body)
        if len(body) < LONG_FORMULA:
            return formula
        return f'<span class="formula" tabindex="0">{formula}</span>'

    def block_math(self, body: str) -> str:
        """Draw a formula on a line of its own."""
        return f'<div class="formula" tabindex="0">{convert(body, display="block")}</div>'

    def table(self, text: str) -> str:
        """Let a wide table scroll by itself."""
        label = escape(self.section)
        return (
            f'<div class="scroll" role="region" tabindex="0" aria-label="{label}">'
            f"<table>\n{text}</table></div>\n"
        )

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        """Mark a heading as that of its column."""
        return f'<th scope="col">{text}</th>\n' if head else f"<td>{text}</td>\n"
