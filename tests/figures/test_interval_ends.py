"""An interval is drawn from its lower limit to its upper one, measured in pixels."""

import contextlib
import importlib
import inspect
import pkgutil
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from findings.test_plots import FIGURES
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection

from lupuscart import findings
from lupuscart.figures import style

PIXEL = 1.0  # what rounding to the grid of pixels can move an end by
GAP = 16  # between two dashes of the widest line

LIMITS = [("low", "high"), ("new_low", "new_high"), ("increment_low", "increment_high")]
# A one-sided limit is drawn from the observed rate.
LIMITS += [("rate", "upper")]


@contextlib.contextmanager
def _seen_tables():
    """Every table that a plot function is given meanwhile."""
    seen = []
    with contextlib.ExitStack() as stack:
        for found in pkgutil.iter_modules(findings.__path__):
            module = importlib.import_module(f"lupuscart.findings.{found.name}")
            for name, plot in inspect.getmembers(module, inspect.isfunction):
                if name.startswith("plot_") and plot.__module__ == module.__name__:
                    spy = _spy(plot, seen)
                    stack.enter_context(mock.patch.object(module, name, spy))
        yield seen


def _spy(plot, seen):
    def call(*args, **options):
        seen.extend(each for each in args if isinstance(each, pd.DataFrame))
        return plot(*args, **options)

    return call


def _printed_limits(tables):
    """Every pair of limits in tables, in percent."""
    return [
        (100 * low, 100 * high)
        for table in tables
        for names in LIMITS
        if set(names) <= set(table)
        for low, high in table[[*names]].dropna().astype(float).to_numpy()
    ]


@pytest.fixture(scope="module")
def drawn_once():
    return {}


@pytest.fixture(params=FIGURES)
def drawn(request, drawn_once, outcomes, studies):
    """A figure laid out, and the tables that it was drawn from."""
    style.use_style(context="slides")
    if request.param not in drawn_once:
        with _seen_tables() as tables:
            _, ax = FIGURES[request.param](outcomes, studies, "en")
        figure = ax.figure
        figure.draw_without_rendering()
        figure.set_layout_engine(None)
        drawn_once[request.param] = figure, tables
    return drawn_once[request.param]


def _level_lines(figure):
    """Each line along a row: its artist, and its ends as data."""
    for ax in figure.axes:
        for line in ax.get_lines():
            x, y = line.get_data()
            along = line.get_transform() == ax.transData and line.get_linestyle() != "None"
            if along and len(x) == 2 and y[0] == y[1]:
                yield ax, line, np.array([*zip(x, y, strict=True)], dtype=float)
        for bars in ax.collections:
            if isinstance(bars, LineCollection):
                for ends in bars.get_segments():
                    if len(ends) == 2 and ends[0, 1] == ends[1, 1]:
                        yield ax, bars, ends


def _ink(figure, artist):
    """Where this artist alone begins and ends, in pixels; a pixel half inked counts half."""
    hidden = [each for each in figure.findobj(Artist, include_self=False) if each.get_visible()]
    kept = {artist, artist.axes}
    marker = getattr(artist, "get_marker", lambda: None)()
    for each in hidden:
        each.set_visible(each in kept)
    if marker is not None:
        artist.set_marker("None")
    artist.axes.patch.set_visible(False)
    axis_on = artist.axes.axison
    artist.axes.set_axis_off()
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    cover = np.asarray(canvas.buffer_rgba())[..., 3].max(axis=0)
    for each in hidden:
        each.set_visible(True)
    if marker is not None:
        artist.set_marker(marker)
    if axis_on:
        artist.axes.set_axis_on()
    inked = cover / cover.max()
    (columns,) = np.nonzero(cover)
    return columns[0] + 1 - inked[columns[0]], columns[-1] + inked[columns[-1]]


def test_a_line_ends_where_its_number_is(drawn):
    figure, _ = drawn
    wrong = {}
    for ax, artist, ends in _level_lines(figure):
        (start, _), (end, _) = ax.transData.transform(ends[ends[:, 0].argsort()])
        if not np.isfinite([start, end]).all() or end - start < 2:
            continue
        left, right = _ink(figure, artist)
        # A dashed line may end in a gap: earlier, never later.
        dashed = getattr(artist, "is_dashed", lambda: False)()
        early = GAP if dashed else PIXEL
        if abs(left - start) > PIXEL or not -early <= right - end <= PIXEL:
            wrong[ends[:, 0].tolist()[0], ends[:, 1].tolist()[0]] = (left - start, right - end)
    assert wrong == {}


def test_every_drawn_interval_is_one_of_the_table(drawn):
    figure, tables = drawn
    limits = _printed_limits(tables)
    drawn_ends = [sorted(ends[:, 0]) for _, _, ends in _level_lines(figure)]
    drawn_ends = [ends for ends in drawn_ends if np.isfinite(ends).all()]
    if not limits or not drawn_ends:
        pytest.skip("draws no interval of a table")
    distance = np.abs(np.array(drawn_ends)[:, None] - np.array(limits)[None]).max(axis=2)
    assert distance.min(axis=1).max() < 1e-9


def test_the_figures_with_intervals_are_measured(outcomes, studies):
    """The check above has something to measure in each of them."""
    style.use_style()
    for name in ("response", "endpoints", "events", "methods", "tipping", "pooling", "scenario"):
        _, ax = FIGURES[name](outcomes, studies, "en")
        assert len(list(_level_lines(ax.figure))) > 2, name


def test_a_projecting_cap_would_be_found(outcomes, studies):
    style.use_style(context="slides")
    _, ax = FIGURES["pooling"](outcomes, studies, "en")
    ax.figure.draw_without_rendering()
    ax.figure.set_layout_engine(None)
    axis, line, ends = next(
        (axis, line, ends)
        for axis, line, ends in _level_lines(ax.figure)
        if line in axis.get_lines() and not line.is_dashed()
    )
    line.set_solid_capstyle("projecting")
    (start, _), _ = axis.transData.transform(ends[ends[:, 0].argsort()])
    assert start - _ink(ax.figure, line)[0] > PIXEL
