"""Which reports there are: who was treated with what, and what was counted when."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from lupuscart.data.dictionary import MONTHS, search_of
from lupuscart.figures.panels import check_rows, face, key, legend_below
from lupuscart.figures.rates import by_conditioning
from lupuscart.figures.rows import FEWEST, group_lines, in_parts, name_groups, name_lines
from lupuscart.figures.style import Mark, conditioning_mark, new_figure, theme_colour
from lupuscart.reporting.finding import Finding
from lupuscart.reporting.headlines import first_that_fits
from lupuscart.reporting.parts import Parts
from lupuscart.words.labels import conditioning_words, date_words, outcome_words, window
from lupuscart.words.lexicon import current_language, join, word, word_for

if TYPE_CHECKING:  # no answer waits for what draws
    from matplotlib.axes import Axes

__all__ = [
    "evidence",
    "evidence_headline",
    "mixed_reports",
    "plot_evidence",
    "search_of",
    "search_words",
    "shared_patients",
    "study_sentences",
    "times_followed",
]

# How a follow-up is printed, and what of it is drawn.
_TIMES = ("middle", "shortest", "longest", "at_least")


def evidence(
    studies: pd.DataFrame,
    counted: pd.DataFrame,
    *,
    follow_up: pd.DataFrame,
    outcomes: pd.DataFrame,
    search: Mapping[str, str] | None = None,
) -> Parts:
    """Return the figures of the evidence: how long each report followed, and when it counted what.

    Parameters
    ----------
    studies : DataFrame
        The studies table, or rows of it, labelled.
    counted : DataFrame
        Each response endpoint that they count, at its earliest time, with the facts of its study.
    follow_up : DataFrame
        The table of follow-up.
    outcomes : DataFrame
        Rows of the trials table, which tell the reports that count other diseases too.
    search : mapping, optional
        When and how reports were searched for, from the dictionary of the collection: ``until``
        as year and month.

    Returns
    -------
    Parts
        Reports with a count of a response endpoint are drawn, all of them if none has one;
        the table has every report.
    """
    dates = counted[["study", "outcome", "week", "timing", "read_in"]]
    table = studies.merge(dates, on="study", how="left")
    table = table.merge(times_followed(follow_up), on="study", how="left")
    shown = table[table["outcome"].notna()] if len(counted) else table
    return Parts(partial(_figures, shown, studies, counted, outcomes, search))


def _figures(shown, studies, counted, outcomes, search) -> list[Finding]:
    facts = ["label", "product", "modality", "target", "cell_source", "conditioning", "n_treated"]
    headline = evidence_headline(studies, counted, mixed=mixed_reports(studies, outcomes))
    return [
        Finding(
            "evidence",
            part.drop(columns="group"),
            headline,
            [*study_sentences(part), *_not_drawn(studies, shown)],
            draw=partial(plot_evidence, part),
            rows=[counted[counted["study"].isin(part["study"])], studies],
            table=studies[[*facts, "followup"]],
            answer=_answer(studies, counted, outcomes, search),
            supports=_supports(studies, counted),
            does_not_support=_does_not_support(studies, counted),
        )
        for part in _rows_of_figures(shown)
    ]


def _rows_of_figures(shown) -> list[pd.DataFrame]:
    """The rows of each figure: reports by their conditioning, the largest first."""
    table = by_conditioning(shown.sort_values("n_treated", ascending=False, kind="stable"))
    table["group"] = [conditioning_words(each) for each in table["conditioning"]]
    reports = table.drop_duplicates("study")
    parts = in_parts(reports, reports["group"])
    return [table[table["study"].isin(part["study"])] for part in parts]


def times_followed(follow_up: pd.DataFrame) -> pd.DataFrame:
    """Return how long each report followed its patients, in months.

    Parameters
    ----------
    follow_up : DataFrame
        The table of follow-up: ``study``, ``who``, ``time_unit``, ``median``, ``mean``,
        ``minimum``, ``maximum``, ``at_least``; a report may have a row a patient.

    Returns
    -------
    DataFrame
        A row a report: ``study``, ``middle`` (median, or mean where no median is printed),
        ``shortest``, ``longest`` and ``at_least`` in months, missing where not printed. Of
        reports that print patients one by one, the shortest and the longest of these.

    Examples
    --------
    >>> table = pd.DataFrame({"study": ["a", "b", "b"], "who": ["cohort", "patient", "patient"],
    ...     "time_unit": ["years", "d", "d"], "median": [2.5, 90, 28], "mean": None,
    ...     "minimum": None, "maximum": None, "at_least": None})
    >>> times_followed(table).round(1).values.tolist()
    [['a', 30.0, nan, nan, nan], ['b', nan, 0.9, 3.0, nan]]
    """
    factor = follow_up["time_unit"].map(MONTHS).astype(float)
    names = ["median", "mean", "minimum", "maximum", "at_least"]
    months = follow_up[names].astype(float).mul(factor, axis=0)
    alone = follow_up["who"].eq("patient")
    middle = months["median"].fillna(months["mean"])
    times = pd.DataFrame(
        {
            "study": follow_up["study"],
            "middle": middle.mask(alone),
            "shortest": months["minimum"].mask(alone, middle),
            "longest": months["maximum"].mask(alone, middle),
            "at_least": months["at_least"],
        }
    )
    found = times.groupby("study", sort=False).agg(
        middle=("middle", "first"),
        shortest=("shortest", "min"),
        longest=("longest", "max"),
        at_least=("at_least", "first"),
    )
    return found.reset_index()


def mixed_reports(studies: pd.DataFrame, outcomes: pd.DataFrame) -> pd.Series:
    """Return whether the patients treated of each report have other diseases among them.

    A basket trial counts harms over all its diseases. Where none of these counts has more
    patients than the report treated, the number treated is that of all diseases as well.

    Parameters
    ----------
    studies : DataFrame
        ``study``, ``n_treated``.
    outcomes : DataFrame
        Rows of the trials table: ``study``, ``basket``, ``n``.

    Examples
    --------
    >>> studies = pd.DataFrame({"study": ["a", "b", "c"], "n_treated": [39, 8, 5]})
    >>> outcomes = pd.DataFrame({"study": ["a", "b", "c"], "basket": ["yes", "yes", "no"],
    ...                          "n": [39, 15, 5]})
    >>> mixed_reports(studies, outcomes).tolist()
    [True, False, False]
    """
    baskets = outcomes[outcomes["basket"].eq("yes")]
    largest = baskets.groupby("study")["n"].max().astype(float)
    most = studies["study"].map(largest)
    treated = studies["n_treated"].astype(float)
    return studies["study"].isin(baskets["study"]) & ~most.gt(treated) & treated.notna()


def shared_patients(studies: pd.DataFrame) -> pd.DataFrame:
    """Return which reports contain the patients of others, and which may share some.

    Parameters
    ----------
    studies : DataFrame
        Rows of the studies table, labelled: ``study``, ``label``, ``programme``,
        ``overlaps_with``, ``contains``.

    Returns
    -------
    DataFrame
        A row a report that has either: ``label``, ``contained`` and ``shared``, the names of
        reports among those given; a report may share patients with those of its programme and
        with those that one of the two names. Missing where there are none.

    Examples
    --------
    >>> studies = pd.DataFrame({"study": ["a", "b", "c"], "label": ["A", "B", "C"],
    ...     "programme": ["p", "p", "q"], "overlaps_with": [None, None, "a"],
    ...     "contains": [None, "a", None]})
    >>> shared_patients(studies).fillna("").values.tolist()
    [['A', '', 'B, C'], ['B', 'A', ''], ['C', '', 'A']]
    """
    names = dict(zip(studies["study"], studies["label"], strict=True))
    inside = {row.study: _codes(row.contains) for row in studies.itertuples()}
    beside = {row.study: _codes(row.overlaps_with) for row in studies.itertuples()}
    rows = []
    for row in studies.itertuples():
        mates = studies.loc[studies["programme"].eq(row.programme), "study"]
        near = {*mates, *beside[row.study]} | {each for each in beside if row.study in beside[each]}
        near -= {row.study, *inside[row.study]}
        rows.append(
            {
                "label": row.label,
                "contained": _named(inside[row.study], names),
                "shared": _named(near, names),
            }
        )
    table = pd.DataFrame(rows, columns=["label", "contained", "shared"])
    return table.dropna(subset=["contained", "shared"], how="all").astype(object)


def _codes(cell) -> set[str]:
    return set() if pd.isna(cell) else set(cell.split())


def _named(codes, names):
    """The names of reports among those shown, in their order; None if there are none."""
    return join(names[code] for code in names if code in codes) or None


def search_words(search: Mapping[str, str] | None, *, whole: bool = False) -> str:
    """Return until when reports were searched for, as one sentence; "" where it is not known.

    With `whole`, the sentence of the dictionary: where they were searched for and what was read.

    Examples
    --------
    >>> search_words({"until": "2026-11"})
    'Reports were searched for until November 2026.'
    """
    if not search or "until" not in search:
        return ""
    if whole:
        return search.get(f"sentence_{current_language()}", "")
    return word("answer.searched", date=date_words(search["until"]))


def evidence_headline(studies: pd.DataFrame, counted: pd.DataFrame, *, mixed=None) -> str:
    """Say how many reports there are, how few patients each has, and how many count a response.

    Parameters
    ----------
    studies : DataFrame
        One row a report: ``study``, ``label``, ``n_treated``, ``conditioning``.
    counted : DataFrame
        One row a response endpoint counted: ``study``, ``outcome``.
    mixed : Series of bool, optional
        As `mixed_reports` returns it: their numbers are not those of lupus patients.

    Examples
    --------
    >>> studies = pd.DataFrame({"study": ["a", "b"], "label": ["A 2025", "B 2025"],
    ...                         "n_treated": [15, 5], "conditioning": ["cyclophosphamide", "none"]})
    >>> evidence_headline(studies, pd.DataFrame({"study": ["a"], "outcome": ["doris"]}))
    '2 reports, at most 15 lupus patients each, none with a control group; 1 counts a response'
    """
    check_rows(studies)
    if len(studies) == 1:
        return _one_report(studies.iloc[0], counted)
    alone = studies if mixed is None else studies[~mixed]
    sizes = alone["n_treated"].dropna()
    n = studies["study"].isin(counted["study"]).sum()
    said = {
        "reports": len(studies),
        "counted": word("headline.count_one" if n == 1 else "headline.count_many", n=n),
    }
    if sizes.empty:
        return word("headline.evidence_unsized", **said)
    return word("headline.evidence", most=sizes.max(), **said)


def _one_report(report, counted):
    outcomes = counted.loc[counted["study"] == report.study, "outcome"]
    endpoints = dict.fromkeys(outcome_words(each) for each in outcomes)
    gaps = {
        "study": report.label,
        "treated": _treated(report.n_treated),
        "conditioning": conditioning_words(report.conditioning),
    }
    none = word("figure.evidence.no_response")
    said = join(endpoints) if endpoints else none
    return first_that_fits(
        word("headline.evidence_one", endpoints=said, **gaps),
        word("headline.evidence_short", **gaps),
    )


def _treated(n):
    return word("evidence.not_stated") if pd.isna(n) else word("evidence.treated", n=n)


def study_sentences(table: pd.DataFrame) -> list[str]:
    """Return one sentence a report: how many were treated with what, and what was counted when.

    Parameters
    ----------
    table : DataFrame
        One row a report and endpoint: columns ``label``, ``n_treated``, ``product``,
        ``conditioning``, ``outcome``, ``timing``, ``week``.
    """
    return [
        word(
            "sentence.study",
            study=label,
            treated=_treated(rows["n_treated"].iloc[0]),
            product=word_for("product", rows["product"].iloc[0]),
            conditioning=conditioning_words(rows["conditioning"].iloc[0]),
            endpoints=_endpoints_counted(rows),
        )
        for label, rows in table.groupby("label", sort=False)
    ]


def _endpoints_counted(rows):
    counted = [
        f"{outcome_words(row.outcome)} {window(row.timing, row.week, short=True)}"
        for row in rows.dropna(subset=["outcome"]).itertuples()
    ]
    none = word("figure.evidence.no_response")
    return join(counted) if counted else none


def _not_drawn(studies, shown) -> list[str]:
    others = len(studies) - shown["study"].nunique()
    return [word("sentence.not_drawn", n=others)] if others else []


def _answer(studies, counted, outcomes, search) -> list[str]:
    """How many reports of how few; then whom else they treated, after what, and what they count."""
    mixed = mixed_reports(studies, outcomes)
    rest = [_mixed(studies, mixed), _how_treated(studies), _how_counted(studies, counted)]
    told = word("sentence_separator").join(filter(None, [*rest, search_words(search)]))
    return [_how_many(studies, mixed), told]


def _how_many(studies, mixed):
    """How many reports, and of how few patients with lupus."""
    if len(studies) == 1:
        report = studies.iloc[0]
        code = "answer.trials.one_mixed" if mixed.iloc[0] else "answer.trials.one"
        return word(code, study=report.label, treated=_treated(report.n_treated))
    sizes = studies.loc[~mixed, "n_treated"].dropna()
    parts = [word("answer.trials.many", n=len(studies))]
    if len(sizes):
        parts.append(word("answer.trials.most", most=sizes.max()))
    return word("sentence_separator").join(parts)


def _mixed(studies, mixed):
    """The reports whose numbers include other diseases, by name; none if there is one report."""
    named = [
        word("answer.trials.of_mixed", study=row.label, n=row.n_treated)
        for row in studies[mixed].sort_values("n_treated", ascending=False).itertuples()
    ]
    several = named and len(studies) > 1
    return word("answer.trials.mixed", studies=join(named)) if several else ""


def _how_treated(studies):
    given = studies["conditioning"]
    groups = {
        "given": given.notna() & given.ne("none"),
        "none": given.eq("none"),
        "unknown": given.isna(),
    }
    parts = [
        word(f"answer.conditioning.{code}", n=rows.sum())
        for code, rows in groups.items()
        if rows.any()
    ]
    return word("answer.conditioning", parts=word("pair_separator").join(parts))


def _how_counted(studies, counted):
    n = studies["study"].isin(counted["study"]).sum()
    exact = counted[counted["timing"].isin(["at", "by"])]
    if not n:
        return word("answer.counted.none")
    if exact["week"].dropna().empty:
        return word("answer.counted.no_week", n=n)
    first, last = exact["week"].min(), exact["week"].max()
    code = "answer.counted.one_week" if first == last else "answer.counted.weeks"
    dated = exact.loc[exact["week"].notna(), "study"].nunique()
    return word(code, n=n, dated=dated, first=first, last=last)


def _supports(studies, counted) -> list[str]:
    n = studies["study"].isin(counted["study"]).sum()
    said = [word("supports.trials.exist", n=len(studies))]
    if n:
        endpoints = counted["outcome"].nunique()
        said.append(word("supports.trials.counted", n=n, endpoints=endpoints))
    return said


def _does_not_support(studies, counted) -> list[str]:
    said = [word("not.trials.control")]
    inside = _nested(studies)
    if inside:
        said.append(word("not.trials.added", n=inside))
    silent = (~studies["study"].isin(counted["study"])).sum()
    if silent:
        said.append(word("not.trials.silent", n=silent))
    return [*said, word("not.trials.abstract")]


def _nested(studies) -> int:
    """How many of the reports shown are wholly contained in another one shown."""
    if "contains" not in studies:
        return 0
    contained = studies["contains"].dropna().str.split().explode()
    return int(studies["study"].isin(contained).sum())


def plot_evidence(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how long each report followed its patients, and when it counted a response.

    Parameters
    ----------
    table : DataFrame
        One row a report and endpoint: columns ``label``, ``n_treated``, ``conditioning``,
        ``outcome``, ``week``, ``timing``, ``read_in`` and those of `times_followed`, in months.
        Reports of one conditioning stand together; ``outcome`` is missing for a report without
        a count of response.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        One line a report, under the name of its conditioning. A count "after at least" or "at a
        median follow-up of" so many weeks is at no single week: it is said in words and has no
        mark.
    """
    check_rows(table)
    ax = ax or new_figure().add_subplot()
    reports = table.drop_duplicates("label").reset_index(drop=True)
    groups = [conditioning_words(each) for each in reports["conditioning"]]
    lines, headings = group_lines(groups)
    ends = []
    for line, row in zip(lines, reports.itertuples(), strict=True):
        rows = table[table["label"] == row.label]
        ends.append(max(_bar(ax, line, row), _marks(ax, line, rows)))
    names = [_report_name(row) for row in reports.itertuples()]
    name_lines(ax, names, lines, total=max(len(lines) + len(headings), FEWEST))
    _name_conditionings(ax, headings, reports, lines)
    texts = [_said(table[table["label"] == label]) for label in reports["label"]]
    _scale(ax, lines, ends, texts)
    legend_below(ax.figure, more=_key(table))
    return ax


def _report_name(row):
    if pd.isna(row.n_treated):
        return row.label
    return word("figure.evidence.name", study=row.label, n=row.n_treated)


def _name_conditionings(ax, headings, reports, lines):
    """The name of each conditioning, its mark before it: no legend needed for them."""
    name_groups(ax, headings, left=24)
    first = dict(zip(lines, reports["conditioning"], strict=True))
    for line in headings:
        mark = conditioning_mark(first[line + 1])
        point = ax.plot(
            [11 / 72],
            [line],
            mark.shape,
            color=mark.colour,
            ms=12,
            clip_on=False,
            transform=_points_beside(ax),
        )
        point[0].set_in_layout(False)


def _points_beside(ax):
    """Inches right of the axes' left edge, and lines of the figure."""
    from matplotlib.transforms import ScaledTranslation, blended_transform_factory

    left = ScaledTranslation(0, 0, ax.transAxes)
    across = ax.figure.dpi_scale_trans + left
    return blended_transform_factory(across, ax.transData)


def _bar(ax, line, row) -> float:
    """What is printed of the follow-up of one report; how far it reaches, in months."""
    ink, quiet = theme_colour("quiet"), theme_colour("line")
    known = {name: getattr(row, name) for name in _TIMES if not pd.isna(getattr(row, name))}
    if "middle" in known:
        ax.barh(line, known["middle"], height=0.5, color=quiet, edgecolor=ink, linewidth=1)
    if "at_least" in known:
        ax.barh(line, known["at_least"], height=0.5, color=quiet, edgecolor=ink, linewidth=1)
        ax.plot(known["at_least"], line, ">", color=ink, ms=9, clip_on=False)
    if "longest" in known:
        start = known.get("shortest", 0)
        ax.plot([start, known["longest"]], [line, line], color=ink, linewidth=2)
        ends = [known["longest"], *([start] if "shortest" in known else [])]
        ax.plot(ends, [line] * len(ends), "|", color=ink, ms=11, mew=2, ls="none")
    return max(known.values(), default=0)


def _marks(ax, line, rows) -> float:
    """A mark at each week at or by which a response was counted; the last of them in months."""
    dated = rows[rows["timing"].isin(["at", "by"]) & rows["week"].notna()]
    mark = conditioning_mark(rows["conditioning"].iloc[0])
    for week, there in dated.groupby("week"):
        colour = face(mark.colour, there["read_in"].max())
        place = float(week) * MONTHS["weeks"]
        ax.plot(place, line, mark.shape, color=mark.colour, mfc=colour, ms=12, zorder=3)
    return float(dated["week"].max()) * MONTHS["weeks"] if len(dated) else 0


def _said(rows) -> str:
    """The endpoints of one report; those at no single week with what is said of their time."""
    counted = rows.dropna(subset=["outcome"])
    if counted.empty:
        return word("figure.evidence.no_response")
    dated = counted["timing"].isin(["at", "by"]) & counted["week"].notna()
    parts = [join(map(outcome_words, counted.loc[dated, "outcome"]))] if dated.any() else []
    for (timing, week), there in counted[~dated].groupby(
        ["timing", "week"], dropna=False, sort=False
    ):
        names = join(map(outcome_words, there["outcome"]))
        when = window(timing, week, short=True)
        parts.append(word("in_brackets", text=names, inside=when))
    return word("pair_separator").join(parts)


def _scale(ax, lines, ends, texts):
    """Write the endpoints after the end of each row, on an axis with room for the longest."""
    latest = max(6.0, *ends)
    made = [
        ax.annotate(
            text,
            (end, line),
            xytext=(14, 0),
            textcoords="offset points",
            va="center_baseline",
            bbox={"fc": theme_colour("paper"), "ec": "none", "pad": 1},
            annotation_clip=False,
        )
        for line, end, text in zip(lines, ends, texts, strict=True)
    ]
    for text in made:
        text.set_in_layout(False)
    ticks = [month for month in range(0, 121, 6 if latest <= 60 else 12) if month <= latest + 3]
    ax.set_xlim(0, latest)
    ax.set_xticks(ticks)
    ax.set_xlabel(word("figure.evidence.x"), loc="left")
    ax.figure.draw_without_rendering()
    wide = ax.bbox.width
    needs = [text.get_window_extent().width + 20 * ax.figure.dpi / 72 for text in made]
    reach = [
        end * wide / (wide - need) if need < 0.8 * wide else end + latest
        for end, need in zip(ends, needs, strict=True)
    ]
    ax.set_xlim(0, max(latest * 1.02, *reach))


def _key(table) -> list:
    """What bars, lines and marks are, of what is drawn."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    quiet, ink = theme_colour("line"), theme_colour("quiet")
    keys = []
    if table["middle"].notna().any() or table["at_least"].notna().any():
        keys.append(Patch(fc=quiet, ec=ink, label=word("figure.evidence.bar")))
    if table["longest"].notna().any():
        keys.append(Line2D([], [], color=ink, lw=2, label=word("figure.evidence.range")))
    if table["at_least"].notna().any():
        keys.append(key(Mark(">", ink, ink), word("figure.evidence.at_least")))
        keys[-1].set_markersize(9)
    dated = table[table["timing"].isin(["at", "by"]) & table["week"].notna()]
    read = {"primary": "figure.evidence.counted", "secondary": "figure.evidence.counted_second"}
    for code, words in read.items():
        if dated["read_in"].eq(code).any():
            keys.append(key(Mark("h", ink, ink), word(words)))
            keys[-1].set_markersize(12)
            keys[-1].set_markerfacecolor(face(ink, code))
    return keys
