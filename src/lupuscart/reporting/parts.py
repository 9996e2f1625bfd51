"""A finding whose rows do not fit one figure: several figures, one answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd
from IPython.display import display

from lupuscart.figures.style import drawing
from lupuscart.reporting.finding import Finding, Picture, Prose
from lupuscart.reporting.headlines import first_that_fits
from lupuscart.reporting.kept_findings import keep
from lupuscart.words.lexicon import word

__all__ = ["Parts", "Pictures", "told_apart"]


def told_apart(figures: Sequence[Finding]) -> list[Finding]:
    """Return the figures of one finding, a headline that was said before with its part's number.

    Where the number leaves no room for the headline, the title of the figure stands for it.

    Examples
    --------
    >>> figures = [Finding("coverage", pd.DataFrame(), "None seen.", [], draw=None)] * 2
    >>> [figure.headline for figure in told_apart(figures)]
    ['None seen.', 'Part 2 of 2: None seen.']
    """
    told: list[Finding] = []
    for part, figure in enumerate(figures, 1):
        if figure.headline in {before.headline for before in told}:
            title = word(f"figure.{figure.kind}.title", **figure.gaps)
            numbered, titled = (
                word("headline.part", part=part, parts=len(figures), headline=said)
                for said in (figure.headline, title)
            )
            figure = replace(figure, headline=first_that_fits(numbered, titled, numbered))
        told.append(figure)
    return told


@dataclass(frozen=True)
class Parts:
    """The figures of one finding, in the order of their rows.

    Attributes
    ----------
    make : callable
        Returns the figures, as many as the rows take on the canvas in use; none where the rows
        have nothing to draw. Another canvas has other figures: pickled and read again there, this
        object has those.
    instead : str
        What a page says where there are none.
    nothing : DataFrame
        The table without rows that it has then.
    figures : list of Finding
        No two have the same headline (`told_apart`). Only the first keeps the answer and what
        the data support and do not, so that a deck or a site that shows them all says these
        once.
    """

    make: Callable[[], Sequence[Finding]]
    instead: str = ""
    nothing: pd.DataFrame = field(default_factory=pd.DataFrame)
    figures: list[Finding] = field(init=False)

    def __post_init__(self) -> None:
        said_once = {"answer": [], "supports": [], "does_not_support": []}
        with drawing():
            first_and_others = enumerate(self.make())
        figures = [
            replace(figure, is_part=True, **(said_once if number else {}))
            for number, figure in first_and_others
        ]
        object.__setattr__(self, "figures", told_apart(figures))

    def __reduce__(self):
        return Parts, (self.make, self.instead, self.nothing)

    @property
    def opening(self) -> Prose:
        """The answer, to be shown under the title of a page."""
        return self.figures[0].opening if self.figures else Prose("")

    @property
    def balance(self) -> Prose:
        """What these data support and what they do not; nothing without figures."""
        return self.figures[0].balance if self.figures else Prose("")

    @property
    def headline(self) -> str:
        """What the first figure shows, in one sentence."""
        return self.figures[0].headline

    @property
    def sentences(self) -> list[str]:
        """What all the figures show, one sentence a row."""
        return [sentence for figure in self.figures for sentence in figure.sentences]

    @property
    def plotted(self) -> pd.DataFrame:
        """What all the figures draw."""
        if not self.figures:
            return self.nothing
        return pd.concat([figure.plotted for figure in self.figures])

    def save(self, name: str, figures_dir: str) -> "Picture | Pictures | Prose":
        """Draw, save and return the figures: the first as NAME, the others as NAME_2 and so on.

        Parameters
        ----------
        name : str
            The name of the files of the first figure.
        figures_dir : str
            An existing folder, or "" to save nothing.
        """
        if not self.figures:
            return Prose(self.instead)
        shown = self._save(name, figures_dir, slice(None), "save")
        return shown.pictures[0] if len(shown.pictures) == 1 else shown

    def save_first(self, name: str, figures_dir: str) -> "Picture | Prose":
        """Do so with the first figure alone, where a page shows the others further down."""
        if not self.figures:
            return Prose(self.instead)
        return self._save(name, figures_dir, slice(1), "save_first").pictures[0]

    def save_others(self, name: str, figures_dir: str) -> "Pictures":
        """Do so with the others alone, if there are any; NAME is the name of the first."""
        return self._save(name, figures_dir, slice(1, None), "save_others")

    def _save(self, name: str, figures_dir: str, which: slice, how: str) -> "Pictures":
        numbers = range(1, len(self.figures) + 1)
        names = [name if number == 1 else f"{name}_{number}" for number in numbers]
        pairs = list(zip(self.figures, names, strict=True))[which]
        pictures = [figure.save(each, figures_dir) for figure, each in pairs]
        keep(self, how, name, [each for _, each in pairs])
        return Pictures(pictures)


@dataclass(frozen=True)
class Pictures:
    """Several figures as a page shows them: one below the other, each under its own name."""

    pictures: Sequence[Picture]

    def _ipython_display_(self) -> None:
        for picture in self.pictures:
            display(picture)
