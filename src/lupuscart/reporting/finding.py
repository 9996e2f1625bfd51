"""A finding: one figure, and all that is said of it, in one object.

A page makes it, shows its table and its sentences, and saves it. Deck, site, ``figures.json`` and
screen readers take what they need from what was saved and word nothing themselves.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import pandas as pd

from lupuscart.atomic import SHOW_SAVED_VARIABLE, TITLE_VARIABLE
from lupuscart.data.dictionary import current_search
from lupuscart.figures.panels import finish
from lupuscart.figures.save import save_figure
from lupuscart.figures.style import canvas, drawing, one_column
from lupuscart.reporting.kept_findings import keep
from lupuscart.reporting.tables import table_words
from lupuscart.words.lexicon import word
from lupuscart.words.sources import (
    provenance_sentences,
    reference_lines,
    short_references,
    short_sources,
    source_lines,
)

if TYPE_CHECKING:  # no answer waits for what draws
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["FigureWords", "Finding", "Picture", "Prose", "alt_text"]


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
    cited : list of str
        The same in short: who, and the best identifier.
    table : dict or None
        ``columns`` and ``rows`` of the table that a reader sees with the figure, all texts.
    answer : list of str
        Two or three sentences that answer the question of the page; empty if it is not its figure.
    supports, does_not_support : list of str
        What these data support, and what they do not.
    to_explore : dict or None
        What a static page lets a reader point at or move: ``about`` and ``rows``.
    """

    headline: str
    alt: str
    source: list[str]
    provenance: list[str]
    references: list[str]
    table: dict[str, list] | None
    cited: list[str] = field(default_factory=list)
    answer: list[str] = field(default_factory=list)
    supports: list[str] = field(default_factory=list)
    does_not_support: list[str] = field(default_factory=list)
    to_explore: dict | None = None


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
        Draws it, in the style then in use, and returns its Axes; a function of this package, or a
        `functools.partial` of one, so that it can be kept (`lupuscart.reporting.kept_findings`).
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
    source : sequence of str
        Where the numbers are from, in words, if not from reports: one line a source.
    to_explore : mapping, optional
        ``about``, one of `lupuscart.reporting.marks.ABOUT`, and ``rows``, from
        `lupuscart.reporting.marks.marks`.
    narrow : bool
        Whether one column of a journal is wide enough for it.
    is_part : bool
        Whether it is one of several that are kept together, see `lupuscart.reporting.parts`.

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
    source: Sequence[str] = ()
    to_explore: Mapping | None = None
    narrow: bool = False
    is_part: bool = False

    @property
    def words(self) -> FigureWords:
        """All that is said of the figure."""
        return FigureWords(
            headline=self.headline,
            alt=alt_text(self.kind, self.sentences, **self.gaps),
            source=list(self.source) or source_lines(self.rows, assumed=self.assumed),
            provenance=provenance_sentences(self.rows),
            references=reference_lines(self.rows),
            cited=short_references(self.rows),
            table=None if self.table is None else table_words(self.table),
            answer=list(self.answer),
            supports=list(self.supports),
            does_not_support=list(self.does_not_support),
            to_explore=None if self.to_explore is None else dict(self.to_explore),
        )

    @property
    def opening(self) -> Prose:
        """The answer, to be shown under the title of a page."""
        return Prose("\n\n".join(self.answer))

    @property
    def balance(self) -> Prose:
        """What these data support and what they do not, to be shown under the figure."""
        halves = {"supports": self.supports, "does_not_support": self.does_not_support}
        return Prose(
            "\n\n".join(
                "\n".join([f"**{word(f'finding.{half}')}**", "", *(f"- {each}" for each in said)])
                for half, said in halves.items()
                if said
            )
        )

    def save(self, name: str, figures_dir: str) -> Picture:
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
        with drawing(), one_column() if self.narrow else nullcontext():
            figure = self.draw().figure
            alone = os.environ.get(TITLE_VARIABLE) == "1"
            finish(figure, title=words.headline if alone else "", source=self._short_sources())
            scale = canvas().scale
            save_figure(figure, self.plotted, name, figures_dir, words=words, scale=scale)
        if not self.is_part:
            keep(self, "save", name, [name])
        is_shown = figures_dir and os.environ.get(SHOW_SAVED_VARIABLE) == "1"
        saved = Path(figures_dir, f"{name}.png") if is_shown else None
        return Picture(figure, name, words.headline, words.alt, saved)

    def _short_sources(self) -> list[str]:
        until = current_search().get("registries" if self.source else "until")
        return short_sources(self.rows, assumed=self.assumed, given=self.source, until=until)


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
    """A figure as a page shows it, which knows its name and its alternative text.

    One that is `saved`, in the file of that name, is shown as it is there and not drawn again.
    """

    figure: Figure
    name: str
    headline: str
    alt: str
    saved: Path | None = None

    def __repr__(self) -> str:
        return f"{self.name}: {self.headline}"

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        """As JupyterLab and the site show it; the name tells which figure it is."""
        said = {"alt": self.alt, "figure": self.name}
        if self.saved:
            return self.saved.read_bytes(), said
        image = io.BytesIO()
        dpi = mpl.rcParams["figure.dpi"]
        self.figure.savefig(image, format="png", dpi=dpi, metadata={"Software": None})
        return image.getvalue(), said


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
