"""A finding: one figure, and all that is said of it, in one object.

A page makes it, shows its table and its sentences, and saves it. Deck, site, ``figures.json`` and
screen readers take what they need from what was saved and word nothing themselves.
"""

import io
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from numbers import Integral

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lupuscart.atomic import TITLE_VARIABLE
from lupuscart.data.dictionary import current_search
from lupuscart.figures.panels import finish
from lupuscart.figures.save import save_figure
from lupuscart.figures.style import canvas, one_column
from lupuscart.words.labels import percent
from lupuscart.words.lexicon import in_words, number_words, word
from lupuscart.words.sources import (
    provenance_sentences,
    reference_lines,
    short_sources,
    source_lines,
)

__all__ = ["FigureWords", "Finding", "Picture", "Prose", "alt_text", "table_words"]

# Columns that hold proportions, and how many decimals their percentages have.
_PROPORTIONS = {
    **dict.fromkeys(
        ["rate", "low", "high", "lower", "upper", "estimate", "new_low", "new_high"], 0
    ),
    **dict.fromkeys(["p2", "power", "rate_to_exclude"], 0),
    "size": 1,
}


@dataclass(frozen=True)
class FigureWords:
    """What is said of one figure, all in the reader's language.

    Attributes
    ----------
    headline : str
        The finding in one sentence.
    alt : str
        What the figure shows, for readers who do not see it.
    source : list of str
        One line a study shown; see `lupuscart.words.sources`.
    provenance : list of str
        One sentence a reported number shown.
    references : list of str
        One a study shown, in the order of the alphabet.
    table : dict or None
        ``columns`` and ``rows`` of the table that a reader sees with the figure, all texts.
    answer : list of str
        Two or three sentences that answer the question of the page; empty if it is not its figure.
    supports, does_not_support : list of str
        What these data support, and what they do not.
    """

    headline: str
    alt: str
    source: list[str]
    provenance: list[str]
    references: list[str]
    table: dict[str, list] | None
    answer: list[str] = field(default_factory=list)
    supports: list[str] = field(default_factory=list)
    does_not_support: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Finding:
    """One figure: what it is drawn from, how it is drawn, and what is said of it.

    Attributes
    ----------
    kind : str
        The figure's code in ``words.csv``: its title is ``figure.KIND.title``.
    plotted : DataFrame
        What is drawn; saved beside the figure.
    headline : str
        What was found, in one sentence.
    sentences : list of str
        What the figure shows, one sentence a row.
    draw : callable
        Draws it and returns its Axes.
    rows : sequence of DataFrame
        The reported numbers that it shows; see `lupuscart.words.sources`. None: computed here.
    table : DataFrame, optional
        The table to read with it: columns and cells in codes, as for
        `lupuscart.words.lexicon.in_words`.
    assumed : tuple of float, optional
        The rates, with the cells and without, that a figure without reported numbers assumes.
    gaps : mapping
        What stands in the named gaps of the title.
    answer : sequence of str
        For the main figure of a page: two or three sentences that answer its question.
    supports, does_not_support : sequence of str
        What these data support, and what they do not; made from the rows, as the answer is.
    narrow : bool
        Whether one column of a journal is wide enough for it.

    Examples
    --------
    >>> found = Finding("coverage", pd.DataFrame(), "Wald fails.", ["Wald: 0.2 %."], draw=None)
    >>> found.words.alt
    'How often an interval contains the true rate. Wald: 0.2 %.'
    """

    kind: str
    plotted: pd.DataFrame
    headline: str
    sentences: list[str]
    draw: Callable[[], Axes]
    rows: Sequence[pd.DataFrame] = ()
    table: pd.DataFrame | None = None
    assumed: tuple[float, float] | None = None
    gaps: Mapping[str, object] = field(default_factory=dict)
    answer: Sequence[str] = ()
    supports: Sequence[str] = ()
    does_not_support: Sequence[str] = ()
    narrow: bool = False

    @property
    def words(self) -> FigureWords:
        """All that is said of the figure."""
        return FigureWords(
            headline=self.headline,
            alt=alt_text(self.kind, self.sentences, **self.gaps),
            source=source_lines(self.rows, assumed=self.assumed),
            provenance=provenance_sentences(self.rows),
            references=reference_lines(self.rows),
            table=None if self.table is None else table_words(self.table),
            answer=list(self.answer),
            supports=list(self.supports),
            does_not_support=list(self.does_not_support),
        )

    @property
    def opening(self) -> "Prose":
        """The answer, to be shown under the title of a page."""
        return Prose("\n\n".join(self.answer))

    @property
    def balance(self) -> "Prose":
        """What these data support and what they do not, to be shown under the figure."""
        halves = {"supports": self.supports, "does_not_support": self.does_not_support}
        return Prose(
            "\n\n".join(
                "\n".join([f"**{word(f'finding.{half}')}**", "", *(f"- {each}" for each in said)])
                for half, said in halves.items()
                if said
            )
        )

    def save(self, name: str, figures_dir: str) -> "Picture":
        """Draw the figure, save it with its table and its words, and return it to be shown.

        Inside the picture stand the source and the date of the search, which a copy keeps, and
        with ``LUPUSCART_TITLE=1`` in the environment the headline.

        Parameters
        ----------
        name : str
            The name of its files, such as ``02_response_chosen``.
        figures_dir : str
            An existing folder, or "" to save nothing.

        Raises
        ------
        ValueError
            As `lupuscart.figures.save.save_figure`.
        """
        words = self.words
        with one_column() if self.narrow else nullcontext():
            figure = self.draw().figure
            alone = os.environ.get(TITLE_VARIABLE) == "1"
            finish(figure, title=words.headline if alone else "", source=self._short_sources())
            scale = canvas().scale
            save_figure(figure, self.plotted, name, figures_dir, words=words, scale=scale)
        return Picture(figure, name, words.headline, words.alt)

    def _short_sources(self) -> list[str]:
        until = current_search().get("until")
        return short_sources(self.rows, assumed=self.assumed, until=until)


@dataclass(frozen=True)
class Prose:
    """Sentences as a page shows them: Markdown, and the same as plain text."""

    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return self.text


@dataclass(frozen=True)
class Picture:
    """A figure as a page shows it, which knows its name and its alternative text."""

    figure: Figure
    name: str
    headline: str
    alt: str

    def __repr__(self) -> str:
        return f"{self.name}: {self.headline}"

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        """As JupyterLab and the site show it; the name tells which figure it is."""
        image = io.BytesIO()
        dpi = mpl.rcParams["figure.dpi"]
        self.figure.savefig(image, format="png", dpi=dpi, metadata={"Software": None})
        return image.getvalue(), {"alt": self.alt, "figure": self.name}


def alt_text(figure: str, sentences: list[str], **gaps) -> str:
    """Return a figure's alternative text: its title and what it shows, in words.

    Parameters
    ----------
    figure : str
        The figure's code in ``words.csv``: its title is ``figure.CODE.title``.
    sentences : list of str
        What it shows.
    **gaps
        What stands in the named gaps of the title.

    Examples
    --------
    >>> alt_text("response", ["A: 1 of 2.", "B: 2 of 2."])
    'Patients with each outcome, of those evaluable. A: 1 of 2. B: 2 of 2.'
    """
    title = word(f"figure.{figure}.title", **gaps)
    rows = word("sentence_separator").join(sentences)
    return word("alt.figure", title=title, rows=rows)


def table_words(table: pd.DataFrame) -> dict[str, list]:
    """Return a table as texts, for a slide or a page: proportions as percentages.

    A column named by a whole number is a size of cohort, and holds proportions.

    Parameters
    ----------
    table : DataFrame
        Columns and cells in codes.

    Returns
    -------
    dict
        ``columns``: list of str; ``rows``: list of lists of str.

    Examples
    --------
    >>> table_words(pd.DataFrame({"timing": ["by"], "n": [15], "rate": [0.8]}))
    {'columns': ['timing', 'evaluable', 'rate'], 'rows': [['within the weeks', '15', '80 %']]}
    """
    texts = {name: _texts(name, cells) for name, cells in table.items()}
    shown = in_words(pd.DataFrame(texts, columns=table.columns))
    return {
        "columns": [_heading(name) for name in shown.columns],
        "rows": shown.to_numpy(dtype=object).tolist(),
    }


def _texts(column, cells: pd.Series) -> Iterable:
    """The cells of a column of numbers as texts; other cells as they are, for `in_words`."""
    types = pd.api.types
    if types.is_bool_dtype(cells) or not types.is_numeric_dtype(cells):
        return list(cells)
    return [_number(column, value) for value in cells]


def _number(column, value):
    decimals = 0 if isinstance(column, Integral) else _PROPORTIONS.get(column)
    if decimals is None or pd.isna(value):
        return number_words(column, value).replace("-", "−")
    return percent(value, decimals=decimals)


def _heading(name):
    return word("scores.n", n=name) if isinstance(name, Integral) else name
