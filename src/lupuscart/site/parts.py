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

from lupuscart.site.links import link_identifiers

__all__ = [
    "LAB_ONLY",
    "Part",
    "Prose",
    "Table",
    "in_clauses",
    "page_parts",
    "plain",
    "read_table",
    "short_alt",
    "title_and_summary",
]

#: A cell with this tag is for whoever runs the page: the site leaves it out.
LAB_ONLY = "lab"

#: Letters of the text that a screen reader reads for a figure; the whole of it stands below.
LONGEST_ALT = 250

WIDGET = "application/vnd.jupyter.widget-view+json"
SCRIPT = "application/javascript"

_SENTENCE_END = re.compile(r"\.(?=\s|$)|。")

# Where a line of a Chinese title may end.
_CLAUSE_END = re.compile(r"(?<=[，、：；。？！])")

# In letters of LaTeX: about what a phone has room for.
LONG_FORMULA = 40

_FORMULA = re.compile(r"<math.*?</math>", re.DOTALL)
_FORMULA_AND_COMMA = re.compile(r"<math((?!</math>).)*</math>[,.;:)]+")

# A number, with a sign, a unit or neither; or the dash where there is none.
_NUMBER = re.compile(r"([-−<>≤≥]?\s?[\d.,]+(e[-+]\d+)?( ?%)?|[–-]|)")


@dataclass(frozen=True)
class Part:
    """One piece of a page.

    Attributes
    ----------
    kind : str
        ``prose``, ``settings``, ``code``, ``table``, ``said``, ``lines``, ``text``, ``figure``
        or ``widget``.
    content : object
        HTML for prose, a `Table`, pairs of kind and text for what a finding says, a list of
        lines, a figure's name, else text.
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
    caption : str
        What the table is; empty where its page does not say.
    """

    columns: list[str]
    rows: list[list[str]]
    kinds: list[str]
    caption: str = ""


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
            said = "" if LAB_ONLY in tags else cell.source.strip()
            if said:
                yield Part("prose", prose.html(said))
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
            yield Part("figure", _shown_figure(output, cell.source, figures))
        elif table is not None:
            yield Part("table", table)
        elif "text/markdown" in data:
            yield Part("said", _blocks(data["text/markdown"]))
        elif "text/plain" in data:
            yield Part("text", data["text/plain"])


def _printed(text: str) -> Part:
    """Return sentences as lines to be set as prose; columns keep their spaces."""
    if "  " in text:
        return Part("text", text.rstrip("\n"))
    return Part("lines", [line for line in text.splitlines() if line])


def _shown_figure(output: NotebookNode, source: str, figures: Mapping) -> str:
    """Return the name of the figure that an output shows: the output says it itself."""
    name = output.get("metadata", {}).get("image/png", {}).get("figure")
    if name in figures:
        return name
    raise ValueError(
        "a cell shows a picture that it does not save, so nothing says what is on it; "
        f"allowed: what Finding.save returns, which knows its name and its alt text:\n{source}"
    )


def _blocks(markdown: str) -> list[tuple[str, object]]:
    """Return what a finding says as blocks of plain text: paragraphs, headings and lists.

    It is Markdown of a few forms only, and may quote somebody's CSV: whatever else looks like
    markup is text.
    """
    blocks = []
    for lines in (block.splitlines() for block in re.split(r"\n\s*\n", markdown) if block.strip()):
        heading = re.fullmatch(r"\*\*(.+)\*\*", lines[0])
        if heading:
            blocks.append(("heading", heading[1]))
            lines = lines[1:]
        if lines and all(line.startswith("- ") for line in lines):
            blocks.append(("list", [line[2:] for line in lines]))
        elif lines:
            blocks.append(("paragraph", " ".join(lines)))
    return blocks


def short_alt(text: str) -> str:
    """Return the beginning of a description, in whole sentences where there is one short enough.

    Examples
    --------
    >>> short_alt("Counts. 12 of 15.")
    'Counts. 12 of 15.'
    >>> len(short_alt("One row. " * 100)), len(short_alt("a" * 1000))
    (244, 250)
    """
    if len(text) <= LONGEST_ALT:
        return text
    room = text[: LONGEST_ALT - 2]
    ends = [match.end() for match in _SENTENCE_END.finditer(text) if match.end() <= len(room)]
    return f"{room[: ends[-1]]} …" if ends else f"{room} …"


def in_clauses(title: str) -> Markup:
    """Return a title whose Chinese clauses break apart between them, and inside only if too long.

    Examples
    --------
    >>> in_clauses("谁有应答，多少？")
    Markup('<span class="clause">谁有应答，</span><span class="clause">多少？</span>')
    >>> in_clauses("Who responded, and how sure?")
    Markup('Who responded, and how sure?')
    """
    if "<" in title or not _CLAUSE_END.search(title):
        return Markup(title)
    clauses = [clause for clause in _CLAUSE_END.split(title) if clause]
    return Markup("".join(f'<span class="clause">{clause}</span>' for clause in clauses))


def plain(html: str) -> str:
    r"""Return the text of HTML on one line, without its formulas.

    Examples
    --------
    >>> plain("<p>5 &lt; 15 <b>of</b>\n<math><mi>n</mi></math> them</p>")
    '5 < 15 of them'
    """
    return " ".join(Markup(_FORMULA.sub(" ", html)).striptags().split())


def read_table(html: str) -> Table | None:
    """Return the table in the HTML of a page's output, or ``None`` if there is none.

    The tables of a page say which of their columns are set right; in those that pandas writes,
    columns of numbers are. Row numbers without a heading are left out.

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
    sides = [cell.get("style", "") for cell in next(table.iter("tr"))]
    if head[0] == "" and all(row[0].isdigit() for row in rows):
        head, rows, sides = head[1:], [row[1:] for row in rows], sides[1:]
    columns = zip(zip(*rows, strict=True), sides, strict=True)
    caption = table.find("caption")
    said = "" if caption is None else _text(caption)
    return Table(head, rows, [_kind(cells, side) for cells, side in columns], said)


def _text(cell: ElementTree.Element) -> str:
    return "".join(cell.itertext()).strip()


def _kind(cells: tuple[str, ...], side: str) -> str:
    if "right" in side or (not side and all(_NUMBER.fullmatch(cell) for cell in cells)):
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
    titles : mapping, optional
        Page to its title, which stands in place of a link's text that only names a file.

    Attributes
    ----------
    headings : list of tuple
        Level, anchor and text of every heading so far.

    Examples
    --------
    >>> prose = Prose("notebooks", {"notebooks/b.ipynb": "b.html"})
    >>> print(prose.html("See [b](b.ipynb), [c](c.ipynb) and <script>."))
    <p>See <a href="b.html">b</a>, c and &lt;script&gt;.</p>
    <BLANKLINE>
    """

    def __init__(
        self, folder: str, pages: Mapping[str, str], titles: Mapping[str, str] | None = None
    ):
        self._renderer = _Renderer(folder, pages, titles or {})
        self._markdown = MarkdownWithMath(renderer=self._renderer)

    @property
    def section(self) -> str:
        """The heading that was rendered last."""
        return self.headings[-1][2] if self.headings else ""

    @property
    def headings(self) -> list[tuple[int, str, str]]:
        """Level, anchor and text of every heading so far."""
        return self._renderer.headings

    def html(self, markdown: str) -> Markup:
        """Return `markdown` as HTML; headings continue those of earlier calls."""
        # No line may begin with the comma after a formula.
        html = link_identifiers(self._markdown.render(markdown))
        return Markup(_FORMULA_AND_COMMA.sub(r'<span class="together">\g<0></span>', html))


class _Renderer(IPythonRenderer):
    """What differs from a notebook's usual HTML."""

    def __init__(self, folder: str, pages: Mapping[str, str], titles: Mapping[str, str]):
        super().__init__(escape=True, allow_harmful_protocols=False)
        self.folder = folder
        self.pages = pages
        self.titles = titles
        self.headings: list[tuple[int, str, str]] = []

    def heading(self, text: str, level: int, **attributes) -> str:
        """Number headings without a gap, the first one alone on top."""
        above = self.headings[-1][0] if self.headings else 0
        level = min(max(level, 2), above + 1) if above else 1
        title = Markup(text).striptags()
        anchor = self._free(re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-"))
        self.headings.append((level, anchor, title))
        if level == 1:
            text = in_clauses(text)
        # A heading that holds a link already cannot be one.
        if level > 1 and "<a" not in text:
            text = f'<a class="self" href="#{anchor}">{text}</a>'
        return f'<h{level} id="{anchor}">{text}</h{level}>\n'

    def _free(self, anchor: str) -> str:
        """Return an anchor that no heading of the page has yet."""
        taken = {each[1] for each in self.headings}
        numbers = (f"{anchor}-{number}" for number in range(2, len(taken) + 3))
        return anchor if anchor not in taken else next(n for n in numbers if n not in taken)

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Lead to the page that a file became; a file without a page is only its name."""
        if urlsplit(url).scheme or url.startswith("#"):
            return super().link(text, url, title)
        path, hash_sign, anchor = url.partition("#")
        address = posixpath.normpath(posixpath.join(self.folder, unquote(path)))
        page = self.pages.get(address)
        if page is None:
            return text
        # A file's name says nothing on a site.
        if page in self.titles and Markup(text).striptags() in _names_of(address):
            text = f"<cite>{escape(self.titles[page])}</cite>"
        return super().link(text, page + hash_sign + anchor, title)

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
        label = escape(self.headings[-1][2] if self.headings else "")
        return (
            f'<div class="scroll" role="region" tabindex="0" aria-label="{label}">'
            f"<table>\n{text}</table></div>\n"
        )

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        """Mark a heading as that of its column."""
        return f'<th scope="col">{text}</th>\n' if head else f"<td>{text}</td>\n"


def _names_of(address: str) -> set[str]:
    """Return what a link to a file may call it."""
    name = posixpath.basename(address)
    return {address, name, posixpath.splitext(name)[0]}
