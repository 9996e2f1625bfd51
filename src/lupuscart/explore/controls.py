"""Controls that move a scenario: sentence, table and figure follow at once.

Vocabulary
----------
scenario
    What the controls say, as `lupuscart.explore.scenarios.Scenario`.
counts
    The rows to choose from: a cohort, its endpoint and its window each.
own
    A count that belongs to no row: a reader typed it.

Whatever a table of data says is shown as text, never as markup, and nothing is written to
disk.
"""

from base64 import b64encode
from contextlib import contextmanager
from html import escape
from io import BytesIO

import ipywidgets as widgets
import pandas as pd
from IPython.display import Javascript, display
from PIL import Image

from lupuscart.explore.scenarios import Scenario, answer, choose_count
from lupuscart.figures.style import drawing
from lupuscart.findings.scenario import moving_artists, plot_scenario
from lupuscart.stats.proportion import METHODS
from lupuscart.words.labels import cohort_label
from lupuscart.words.lexicon import current_language, level_words, word

__all__ = ["Explorer"]

OWN = -1  # no row of the counts
LARGEST_COUNT = 1000
LARGEST_SUPPOSED = 20
LEVELS = (0.5, 0.8, 0.9, 0.95, 0.975, 0.99, 0.999)

# 960 x 540: fits beside the side bar of JupyterLab; its 18 points are 15 pixels.
DPI = 60

# ipywidgets names no slider for a screen reader, and makes nothing a region that is read out
# when it changes. The text of the labels is the only name there is.
NAMES = """
const name = () => {
  for (const slider of document.querySelectorAll(".lupuscart-controls .widget-inline-hbox")) {
    const label = slider.querySelector(".widget-label").textContent;
    for (const handle of slider.querySelectorAll("[role=slider], .widget-readout")) {
      if (handle.ariaLabel !== label) handle.ariaLabel = label;
    }
  }
  for (const text of document.querySelectorAll(".lupuscart-sentence .widget-html-content")) {
    if (text.role !== "status") text.role = "status";
  }
};
new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
name();
"""

# On a phone there is no room for a label beside its control.
NARROW = """
<style>
@media (max-width: 600px) {
  .lupuscart-controls .widget-inline-hbox { flex-flow: row wrap; height: auto; }
  .lupuscart-controls .widget-label {
    flex: 1 0 100%; width: 100% !important; max-width: none; text-align: left;
  }
  /* High enough for a finger. */
  .lupuscart-controls select { min-height: 2.5em; }
}
</style>
"""

# The longest label of each language, with nothing cut off.
_LABELS = {"en": {"description_width": "24em"}, "zh": {"description_width": "19em"}}


class Explorer(widgets.VBox):
    """Controls above the sentences, the table and the figure that follow from them.

    Parameters
    ----------
    counts : DataFrame
        The rows to choose from: as from `lupuscart.evidence.endpoints.choose_reports`, with the
        facts of their studies, and labelled by `lupuscart.words.labels.add_labels`.
    study, outcome : str
        Where to start, as for `lupuscart.explore.scenarios.choose_count`.
    confidence_level, method, background_rate, added_nonresponders, unassessed
        Where to start, as for `lupuscart.explore.scenarios.Scenario`.

    Attributes
    ----------
    answer : Answer or None
        What is shown now; none while more responders than patients are typed in.
    start : Answer
        What was shown first.

    Raises
    ------
    ValueError
        If a study, an outcome or a setting is not possible; says what is.
    """

    def __init__(
        self,
        counts: pd.DataFrame,
        *,
        study: str = "",
        outcome: str = "",
        confidence_level: float = 0.95,
        method: str = "clopper-pearson",
        background_rate: float = 0.5,
        added_nonresponders: int = 0,
        unassessed: int = 0,
    ):
        row = choose_count(counts, study=study, outcome=outcome)
        first = Scenario(
            int(row["events"].iloc[0]),
            int(row["n"].iloc[0]),
            added_nonresponders=added_nonresponders,
            unassessed=unassessed,
            background_rate=background_rate,
            confidence_level=confidence_level,
            method=method,
        )
        self._counts = counts
        self._picture = _Picture()
        self._bounds, self._limited = {}, []
        self._make_controls(first, row)
        parts = ("sentence", "figure", "table", "cautions")
        self.parts = {name: _part(name) for name in parts}
        controls = widgets.VBox(
            list(self.controls.values()), layout=widgets.Layout(flex="1 1 38em", max_width="46em")
        )
        controls.add_class("lupuscart-controls")
        self.parts["sentence"].layout.flex = "1 1 24em"
        # Side by side where there is room, so that the figure is seen while a control moves.
        first_row = widgets.Box(
            [controls, self.parts["sentence"]],
            layout=widgets.Layout(flex_flow="row wrap", width="100%", grid_gap="0 2em"),
        )
        others = [self.parts[name] for name in parts[1:]]
        super().__init__([widgets.HTML(NARROW), first_row, *others])
        self._waiting = False
        for control in self.controls.values():
            control.observe(self._moved, "value")
        self._show()
        self.start = self.answer

    def _repr_mimebundle_(self, **kwargs):
        """Offer text where no controls can be, such as in a notebook that only lies there."""
        bundle = super()._repr_mimebundle_(**kwargs)
        return {**bundle, "text/plain": word("explore.static")}

    def _ipython_display_(self, **kwargs):
        display(self._repr_mimebundle_(), raw=True)
        display(Javascript(NAMES))

    def _make_controls(self, first, row):
        cohorts = self._counts.drop_duplicates(["study", "cohort"])
        names = [cohort_label(each) for each in cohorts.itertuples()]
        own = self._word("explore.own")
        levels = sorted({*LEVELS, first.confidence_level})
        self.controls = {
            "cohort": self._control(
                widgets.Dropdown,
                "cohort",
                options=[*zip(names, range(len(cohorts)), strict=True), (own, OWN)],
                value=self._cohort_of(row.index[0]),
            ),
            "endpoint": self._control(widgets.Dropdown, "endpoint"),
            "k": self._typed("k", first.k, 0),
            "n": self._typed("n", first.n, 1),
            "added_nonresponders": self._slider("added_nonresponders", first.added_nonresponders),
            "unassessed": self._slider("unassessed", first.unassessed),
            "background": self._control(
                widgets.FloatSlider,
                "background",
                value=100 * first.background_rate,
                min=0,
                max=100,
                step=1,
                readout_format=".1f",
            ),
            "method": self._control(
                widgets.Dropdown,
                "method",
                options=[(self._word(f"method.{name}"), name) for name in METHODS],
                value=first.method,
            ),
            "confidence_level": self._control(
                widgets.SelectionSlider,
                "confidence_level",
                options=[(level_words(each), each) for each in levels],
                value=first.confidence_level,
            ),
        }
        self._offer_endpoints()
        self.controls["endpoint"].value = row.index[0]

    def _typed(self, name, value, smallest):
        # Without bounds of its own: those of ipywidgets change a number without a word.
        self._bounds[name] = smallest, max(LARGEST_COUNT, value)
        return self._control(widgets.IntText, name, value=value)

    def _slider(self, name, value):
        return self._control(
            widgets.IntSlider, name, value=value, min=0, max=max(LARGEST_SUPPOSED, value)
        )

    def _control(self, kind, name, **options):
        layout = widgets.Layout(width="calc(100% - 4px)")
        description = self._word(f"explore.{name}")
        return kind(
            description=description, style=_LABELS[current_language()], layout=layout, **options
        )

    def _word(self, code, **gaps):
        return word(code, **gaps)

    def _cohort_of(self, index):
        keys = list(zip(self._counts["study"], self._counts["cohort"], strict=True))
        return list(dict.fromkeys(keys)).index(keys[self._counts.index.get_loc(index)])

    def _rows_of(self, cohort):
        found = [index for index in self._counts.index if self._cohort_of(index) == cohort]
        return self._counts.loc[found]

    def _offer_endpoints(self):
        rows = self._rows_of(self.controls["cohort"].value)
        comma = self._word("clause_separator")
        options = [
            (self._endpoint_words(comma.join([row.endpoint, row.window]), row), row.Index)
            for row in rows.itertuples()
        ]
        endpoint = self.controls["endpoint"]
        endpoint.options = options or [("–", OWN)]
        endpoint.disabled = not options
        endpoint.value = endpoint.options[0][1]

    def _endpoint_words(self, words, row):
        if row.is_response:
            return words
        return self._word("explore.other_endpoint", endpoint=words)

    @property
    def _reported(self) -> pd.DataFrame | None:
        index = self.controls["endpoint"].value
        return None if index == OWN else self._counts.loc[[index]]

    @property
    def scenario(self) -> Scenario:
        """What the controls say."""
        value = {name: control.value for name, control in self.controls.items()}
        return Scenario(
            value["k"],
            value["n"],
            added_nonresponders=value["added_nonresponders"],
            unassessed=value["unassessed"],
            background_rate=value["background"] / 100,
            confidence_level=value["confidence_level"],
            method=value["method"],
        )

    def _moved(self, change):
        if self._waiting:
            return
        name = next(name for name, each in self.controls.items() if each is change["owner"])
        with self._wait():
            self._limited = self._limit(name)
            if name in ("k", "n"):
                self.controls["cohort"].value = OWN
            if name in ("cohort", "k", "n"):
                self._offer_endpoints()
            if name in ("cohort", "endpoint"):
                self._take_count()
        self._show()

    def _limit(self, name) -> list[str]:
        """Bring a number that was typed between its bounds, and say so."""
        if name not in self._bounds:
            return []
        (smallest, largest), control = self._bounds[name], self.controls[name]
        typed, control.value = control.value, min(max(control.value, smallest), largest)
        if control.value == typed:
            return []
        code = "explore.too_many" if typed > largest else "explore.too_few"
        return [self._word(code, typed=typed, taken=control.value)]

    @contextmanager
    def _wait(self):
        """What one control moves in others is one move."""
        self._waiting = True
        try:
            yield
        finally:
            self._waiting = False

    def _take_count(self):
        reported = self._reported
        if reported is not None:
            self.controls["k"].value = int(reported["events"].iloc[0])
            self.controls["n"].value = int(reported["n"].iloc[0])

    def _show(self):
        k, n = self.controls["k"].value, self.controls["n"].value
        if k > n:
            self.answer = None
            told = [*self._limited, self._word("explore.impossible", k=k, n=n)]
            shown = {"sentence": _paragraphs(told)}
        else:
            self.answer = answer(self.scenario, reported=self._reported)
            shown = {
                "sentence": _paragraphs([*self._limited, *self.answer.sentences]),
                "figure": self._image(),
                "table": _table(self.answer.shown),
                "cautions": _list(self.answer.cautions),
            }
        # All at once, when the slowest is made.
        for name, part in self.parts.items():
            part.value = shown.get(name, "")

    def _image(self):
        source = b64encode(self._picture.png(self.answer)).decode("ascii")
        return (
            f'<img alt="{escape(self.answer.alt)}" style="max-width: 100%; height: auto" '
            f'src="data:image/png;base64,{source}">'
        )


class _Picture:
    """The figure as PNG; of one with the same axes before, only what moves is drawn again."""

    def __init__(self):
        self._ax = self._still = self._limits = None

    @drawing()
    def png(self, shown) -> bytes:
        self._ax = plot_scenario(
            shown.table, label=shown.label, interval=shown.interval, ax=self._ax
        )
        figure, moving = self._ax.figure, moving_artists(self._ax)
        limits = [axis.get_xlim() for axis in figure.axes]
        if limits != self._limits:
            self._still, self._limits = self._draw_still(figure, moving), limits
        figure.canvas.restore_region(self._still)
        for artist in moving:
            figure.draw_artist(artist)
        pixels = BytesIO()
        # Its size hardly matters to a page on the same machine; the time does.
        size, drawn = figure.canvas.get_width_height(), figure.canvas.buffer_rgba()
        Image.frombuffer("RGBA", size, drawn).save(pixels, "png", compress_level=1)
        return pixels.getvalue()

    @staticmethod
    def _draw_still(figure, moving):
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        figure.set_dpi(DPI)
        canvas = FigureCanvasAgg(figure)
        for artist in moving:
            artist.set_visible(False)
        canvas.draw()
        for artist in moving:
            artist.set_visible(True)
        return canvas.copy_from_bbox(figure.bbox)


def _part(name):
    part = widgets.HTML(layout=widgets.Layout(max_width="100%"))
    part.add_class(f"lupuscart-{name}")
    return part


def _paragraphs(sentences):
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)


def _list(notes):
    return "<ul>" + "".join(f"<li>{escape(note)}</li>" for note in notes) + "</ul>"


def _table(shown):
    rows = [_row("td", values) for values in shown.itertuples(index=False)]
    return f"<table>{_row('th scope=col', shown.columns)}{''.join(rows)}</table>"


def _row(tag, values):
    look = 'style="text-align: left; padding: 0.1em 1.2em 0.1em 0"'
    return f"<tr>{''.join(f'<{tag} {look}>{escape(value)}' for value in values)}"
