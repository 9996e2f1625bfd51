"""What the reports leave unsaid: which facts are in the tables, report by report.

Vocabulary: a *fact*, its *state* and what makes it *complete* are those of
`lupuscart.evidence.reports.reported_facts`. Complete says that a fact is there for all treated
patients, not that it is true or well measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap, to_hex, to_rgb

from lupuscart.arguments import check_choice
from lupuscart.evidence.reports.reported_facts import FACTS, STATES, WHOLE
from lupuscart.figures.fitting import fitted, text_width
from lupuscart.figures.panels import check_rows, legend_below
from lupuscart.figures.rows import columns_beside, inches_for, name_lines
from lupuscart.figures.style import new_figure, theme_colour
from lupuscart.findings.trials import search_words
from lupuscart.reporting.finding import Finding, Prose
from lupuscart.reporting.headlines import first_that_fits
from lupuscart.reporting.parts import Parts
from lupuscart.words.lexicon import join, word, word_for

if TYPE_CHECKING:  # no answer waits for what draws
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

__all__ = [
    "by_report",
    "chosen",
    "completeness",
    "facts_headline",
    "letter",
    "plot_facts",
    "questions",
    "rules",
    "unsaid",
]

# Columns that a figure has room for, fewer beside the counts over all reports, and up to how
# many in each figure their names stand upright.
_COLUMNS, _BESIDE_COUNTS, _UPRIGHT = 14, 10, 3

# The names of columns: points of type, and of each of at most two lines.
_TYPE, _NAME, _LINES = 20, 190, 2

# Points: all columns together, where their names stand upright; between names and cells; and
# lines of the legend.
_ACROSS, _PAD, _LEGEND = 450, 8, 2

# Facts that a sentence names; more are counted.
_NAMED = 3

# How much of a state's cell has the theme's colour, and its mark: each has a shape of its own.
_TINTS = {"primary": 0.5, "secondary": 0.3, "unrecorded": 0.3, "part": 0.12, "not_found": 0.0}
_MARKS = {
    "primary": {"marker": "o", "fillstyle": "full"},
    "secondary": {"marker": "o", "fillstyle": "none"},
    "unrecorded": {"marker": "D", "fillstyle": "none"},
    "part": {"marker": "o", "fillstyle": "left"},
    "not_found": {"marker": "_", "fillstyle": "none"},
}


# How a report gives a fact, as tables count it.
_KINDS = {"complete": WHOLE, "in_part": ("part",), "not_found": ("not_found",)}


def unsaid(
    states: pd.DataFrame, studies: pd.DataFrame, *, search: Mapping[str, str] | None = None
) -> Parts:
    """Return the matrix of reports by facts, in as many figures as the reports take.

    Parameters
    ----------
    states : DataFrame
        From `lupuscart.evidence.reports.reported_facts.reported_facts`.
    studies : DataFrame
        The same reports, labelled, with ``role``.
    search : mapping, optional
        When and how reports were looked for; see `lupuscart.findings.trials.search_of`.

    Returns
    -------
    Parts
        The first figure has the core reports, or the most complete ones where none is core,
        beside the counts over all reports; the others have the rest, the most complete first.
    """
    check_rows(states)
    totals = completeness(states).set_index("fact")
    table = states[totals.index]
    first, *others = [table.loc[names] for names in _parts(table, studies)]
    # As in the figure of most reports, so that all figures have them alike.
    upright = max(len(part) for part in (first, *others)) <= _UPRIGHT
    answering = _one_figure(
        first,
        studies,
        facts_headline(states, studies),
        totals=totals,
        upright=upright,
        answer=_answer(states, studies, search),
        supports=_supports(states),
        does_not_support=[word(f"unsaid.against.{each}") for each in _AGAINST],
    )
    rest = [
        _one_figure(part, studies, facts_headline(part, studies), upright=upright)
        for part in others
    ]
    return Parts(partial(list, [answering, *rest]))


_AGAINST = ("not_reported", "quality", "ranking", "weights")


def _one_figure(states, studies, headline, *, upright, totals=None, **said) -> Finding:
    rows = studies[studies["study"].isin(states.index)]
    labels = studies.set_index("study")["label"]
    long = states.reset_index().melt("study", var_name="fact", value_name="state")
    return Finding(
        "facts",
        long.assign(label=long["study"].map(labels))[["label", "study", "fact", "state"]],
        headline,
        _sentences(states, labels),
        draw=partial(plot_facts, states.rename(index=labels), totals=totals, upright=upright),
        rows=[rows],
        table=_table(states.rename(index=labels)),
        **said,
    )


def _parts(states, studies) -> list[list[str]]:
    """The reports of each figure: core reports, then the others, the most complete first."""
    order = sorted(states.index, key=lambda study: _rank(states.loc[study]), reverse=True)
    is_core = studies.set_index("study")["role"].eq("core")
    core = [study for study in order if is_core[study]]
    others = [study for study in order if not is_core[study]]
    groups = [group for group in (core, others) if group]
    rooms = [_BESIDE_COUNTS, _COLUMNS]
    return [part for group, room in zip(groups, rooms, strict=False) for part in _even(group, room)]


def _rank(cells) -> tuple[int, int]:
    return int(cells.isin(WHOLE).sum()), int(cells.eq("part").sum())


def _even(names: Sequence[str], room: int) -> list[list[str]]:
    """Names in as few parts of so many as there can be, about equally many each."""
    parts = -(-len(names) // room)
    ends = [round(part * len(names) / parts) for part in range(1, parts + 1)]
    return [list(names[start:end]) for start, end in zip([0, *ends], ends, strict=False)]


def chosen(studies: pd.DataFrame, *, study: str = "", role: str = "") -> pd.DataFrame:
    """Return the reports of one study or role; "" keeps all.

    Raises
    ------
    ValueError
        If no report is left; says what there is.

    Examples
    --------
    >>> studies = pd.DataFrame({"study": ["a", "b"], "role": ["core", "context"]})
    >>> chosen(studies, role="core")["study"].tolist()
    ['a']
    """
    for name, wanted in (("study", study), ("role", role)):
        if wanted:
            check_choice(name, wanted, studies[name])
            studies = studies[studies[name].eq(wanted)]
    return studies


def completeness(states: pd.DataFrame) -> pd.DataFrame:
    """Return in how many reports each fact is complete, in part and not found.

    Parameters
    ----------
    states : DataFrame
        One row a report, one column a fact.

    Returns
    -------
    DataFrame
        ``fact``, ``complete``, ``in_part``, ``not_found``; the most complete first.

    Examples
    --------
    >>> states = pd.DataFrame({"deaths": ["part", "not_found"], "treated": ["primary"] * 2})
    >>> completeness(states)
          fact  complete  in_part  not_found
    0  treated         2        0          0
    1   deaths         0        1          1
    """
    counts = pd.DataFrame(
        {
            "fact": states.columns,
            "complete": states.isin(WHOLE).to_numpy().sum(axis=0),
            "in_part": states.eq("part").to_numpy().sum(axis=0),
            "not_found": states.eq("not_found").to_numpy().sum(axis=0),
        }
    )
    return counts.sort_values(
        ["complete", "in_part"], ascending=False, kind="stable", ignore_index=True
    )


def facts_headline(states: pd.DataFrame, studies: pd.DataFrame) -> str:
    """Say which fact the fewest reports give, or what one report gives.

    Parameters
    ----------
    states : DataFrame
        One row a report, one column a fact.
    studies : DataFrame
        The same reports: ``study``, ``label``.

    Examples
    --------
    >>> states = pd.DataFrame({"treated": ["primary"] * 2, "deaths": ["part", "not_found"]},
    ...                       index=["a", "b"])
    >>> studies = pd.DataFrame({"study": ["a", "b"], "label": ["A 2025", "B 2025"]})
    >>> facts_headline(states, studies)
    'Complete in none of 2 reports: deaths from any cause'
    >>> facts_headline(states.head(1), studies)
    'A 2025: 1 of 2 facts complete, 1 in part, 0 not found'
    """
    check_rows(states)
    if len(states) == 1:
        label = studies.set_index("study")["label"][states.index[0]]
        gaps = _sums(states)
        long, short = (word(f"unsaid.headline.{each}", study=label, **gaps) for each in _ONE)
        return first_that_fits(long, short)
    fewest, facts = _at_end(states, "min")
    gaps = {"k": fewest, "reports": len(states), "facts": len(facts), "of": states.shape[1]}
    if fewest == len(states):
        return word("unsaid.headline.all", **gaps)
    none = f"unsaid.headline.{'none' if fewest == 0 else 'some'}"
    named = [word(none, names=_some(facts, most), **gaps) for most in range(len(facts), 0, -1)]
    return first_that_fits(*named, word(f"{none}_short", **gaps))


_ONE = ("one", "one_short")


def _sums(states) -> dict[str, int]:
    return {
        "of": states.size,
        "complete": int(states.isin(WHOLE).to_numpy().sum()),
        "part": int(states.eq("part").to_numpy().sum()),
        "none": int(states.eq("not_found").to_numpy().sum()),
    }


def _at_end(states, end) -> tuple[int, list[str]]:
    """In how many reports the least or the most complete facts are complete, and which they are."""
    counts = completeness(states).set_index("fact")["complete"]
    bound = int(getattr(counts, end)())
    facts = counts.index[counts.eq(bound)].tolist()
    # The least of all first: that which the fewest reports give even in part.
    return bound, facts[::-1] if end == "min" else facts


def _names(facts) -> list[str]:
    return [word(f"fact.{fact}") for fact in facts]


def _some(facts, most=_NAMED) -> str:
    """The names of facts; of many the first, and how many more."""
    more = len(facts) - most
    named = join(_names(facts[:most]))
    return named if more <= 0 else word("unsaid.and_more", names=named, count=more)


def _answer(states, studies, search) -> list[str]:
    reports = len(states)
    if reports == 1:
        first = facts_headline(states, studies) + word("unsaid.stop")
    else:
        (fewest, least), (most, best) = _at_end(states, "min"), _at_end(states, "max")
        first = word(
            "unsaid.answer.ends" if fewest < most else "unsaid.answer.alike",
            least=_some(least),
            k=fewest,
            best=_some(best),
            m=most,
            reports=reports,
        )
    gaps = _sums(states) | {"primary": int(states.eq("primary").to_numpy().sum())}
    sums = word(f"unsaid.answer.sums{_one(states)}", **gaps)
    read = [word("unsaid.answer.read"), search_words(search, whole=True)]
    return [first, sums, word("sentence_separator").join(filter(None, read))]


def _supports(states) -> list[str]:
    counts, sums = completeness(states).set_index("fact"), _sums(states)
    nowhere = counts.index[counts["not_found"].eq(len(states))].tolist()
    in_part = counts.index[counts["complete"].eq(0) & counts["in_part"].gt(0)].tolist()
    return [
        word("unsaid.supports.ask", count=sums["of"] - sums["complete"]),
        *_named(nowhere, "nowhere", states),
        *_named(in_part, "part", states),
    ]


def _named(facts, code, states) -> list[str]:
    """The facts of one kind, of these reports and of no others."""
    gaps = {} if len(states) == 1 else {"reports": len(states)}
    named = f"unsaid.supports.{code}{_one(states)}"
    return [word(named, facts=join(_names(facts)), **gaps)] if facts else []


def _one(states) -> str:
    """The ending of a word for a single report."""
    return "_one" if len(states) == 1 else ""


def _sentences(states, labels) -> list[str]:
    """One sentence a report: what is complete, what in part; all else was not found."""
    return [_sentence(labels[study], cells) for study, cells in states.iterrows()]


def _sentence(label, cells):
    complete, part = _given(cells, WHOLE), _given(cells, ("part",))
    nothing = word("unsaid.nothing")
    return word(
        "unsaid.sentence",
        study=label,
        complete=join(_names(complete)) or nothing,
        part=join(_names(part)) or nothing,
    )


def _given(cells, wanted) -> list[str]:
    return cells.index[cells.isin(wanted)].tolist()


def _table(states) -> pd.DataFrame:
    """A row a report: which facts are complete, which are there in part, and which are not."""
    nothing = word("unsaid.nothing")
    given = {
        f"given_{name}": [
            join(_names(_given(cells, kinds))) or nothing for _, cells in states.iterrows()
        ]
        for name, kinds in _KINDS.items()
    }
    return pd.DataFrame({"label": states.index.tolist()} | given)


def rules(states: pd.DataFrame) -> pd.DataFrame:
    """Return what makes each fact complete, and in how many reports it is, as a table to read."""
    table = completeness(states)
    table.insert(1, "fact_rule", [word(f"fact_rule.{fact}") for fact in table["fact"]])
    return table


def by_report(states: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """Return how many facts each report gives, as a table to read.

    Parameters
    ----------
    states, studies
        As for `questions`.
    """
    rows = studies.set_index("study")
    order = [study for part in _parts(states, studies) for study in part]
    return pd.DataFrame(
        {
            "label": rows.loc[order, "label"].tolist(),
            "publication": rows.loc[order, "publication"].tolist(),
            **{
                f"facts_{name}": [int(states.loc[study].isin(kinds).sum()) for study in order]
                for name, kinds in _KINDS.items()
            },
        }
    )


def questions(states: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """Return what to ask the authors of each report: one paragraph a report, to be copied.

    Parameters
    ----------
    states : DataFrame
        One row a report, one column a fact.
    studies : DataFrame
        The same reports, labelled.

    Returns
    -------
    DataFrame
        ``label`` and ``ask``, the numbered questions on every fact that is not complete, in the
        order in which a reader asks.
    """
    labels = studies.set_index("study")["label"]
    asked = {labels[study]: _asked(cells) for study, cells in states.iterrows()}
    texts = [
        word("sentence_separator").join(f"({n}) {each}" for n, each in enumerate(said, 1))
        or word("unsaid.nothing_to_ask")
        for said in asked.values()
    ]
    return pd.DataFrame({"label": list(asked), "ask": texts})


def _asked(cells) -> list[str]:
    return [word(f"fact_ask.{fact}") for fact in FACTS if cells[fact] not in WHOLE]


def letter(states: pd.DataFrame, studies: pd.DataFrame) -> Prose:
    """Return what to ask the authors as lists, one a report, to be copied into a letter.

    Parameters
    ----------
    states, studies
        As for `questions`.
    """
    rows = studies.set_index("study")
    parts = []
    for study, cells in states.iterrows():
        asked = _asked(cells) or [word("unsaid.nothing_to_ask")]
        product = word_for("product", rows.loc[study, "product"])
        opening = word("unsaid.letter", study=rows.loc[study, "label"], product=product)
        lines = [f"{number}. {question}" for number, question in enumerate(asked, 1)]
        parts.append("\n".join([f"**{opening}**", "", *lines]))
    return Prose("\n\n".join(parts))


def plot_facts(
    states: pd.DataFrame,
    *,
    totals: pd.DataFrame | None = None,
    upright: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw the matrix of facts by reports, each cell with the mark of its state.

    Parameters
    ----------
    states : DataFrame
        One row a report, named by its label; one column a fact, in the order of the lines.
    totals : DataFrame, optional
        Index ``fact``; ``complete``, ``in_part`` and ``not_found`` over all reports, written at
        the right.
    upright : bool
        Whether the names of the reports are read without turning the head.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        Facts down, reports across.
    """
    check_rows(states)
    names = _column_names(states.index, upright)
    ax = ax or new_figure(tall=_tall(states, names, upright)).add_subplot()
    _draw_cells(ax, states)
    name_lines(ax, _names(states.columns), pad=8)
    ax.set_ylim(states.shape[1] - 0.5, -0.5)
    ax.set_xlim(-0.5, len(states) - 0.5)
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.tick_params(axis="x", top=False, bottom=False, labeltop=True, labelbottom=False, pad=_PAD)
    ax.set_xticks(range(len(states)), names)
    ax.tick_params(axis="x", labelrotation=0 if upright else 90)
    if totals is not None:
        _write_totals(ax, totals.loc[states.columns])
    present = [state for state in STATES if states.eq(state).to_numpy().any()]
    legend_below(ax.figure, more=[_mark_key(state) for state in present])
    return ax


def _draw_cells(ax, states):
    # Its import takes seconds, which only this drawing pays.
    import seaborn as sns
    from matplotlib.transforms import Affine2D

    codes = states.T.map(STATES.index).to_numpy()
    palette = ListedColormap([_tint(_TINTS[state]) for state in STATES])
    limits = {"vmin": -0.5, "vmax": len(STATES) - 0.5}
    look = {"linewidths": 3, "linecolor": theme_colour("paper"), "cbar": False}
    sns.heatmap(codes, cmap=palette, xticklabels=False, yticklabels=False, ax=ax, **limits, **look)
    # seaborn puts the first cell between 0 and 1; lines and columns of ours are whole numbers.
    (cells,) = ax.collections
    cells.set_transform(Affine2D().translate(-0.5, -0.5) + ax.transData)
    for number, state in enumerate(STATES):
        lines, columns = np.nonzero(codes == number)
        ax.plot(columns, lines, **_mark(state), linestyle="", zorder=3)


def _mark(state) -> dict:
    ink = theme_colour("quiet" if state == "not_found" else "ink")
    look = {"color": ink, "markerfacecoloralt": "none", "markersize": 12, "markeredgewidth": 2}
    return look | _MARKS[state]


def _tall(states, names, upright) -> float:
    """Inches: every fact has a row, and the names of the reports stand over them."""
    from matplotlib.font_manager import FontProperties

    lines = [line for name in names for line in name.split("\n")]
    longest = max(text_width(line, FontProperties(size=_TYPE)) for line in lines)
    over = _LINES * 1.2 * _TYPE if upright else longest
    return inches_for(states.shape[1], over=over + _PAD, legend_lines=_LEGEND)


def _mark_key(state) -> Line2D:
    from matplotlib.lines import Line2D

    return Line2D([], [], linestyle="", label=word(f"fact_state.{state}"), **_mark(state))


def _tint(share) -> str:
    """The theme's strong colour on its paper, by the share that it has."""
    strong, paper = (
        np.array(to_rgb(theme_colour("strong"))),
        np.array(to_rgb(theme_colour("paper"))),
    )
    return to_hex(share * strong + (1 - share) * paper)


def _column_names(labels, upright) -> list[str]:
    """The names of the columns, broken into two lines and shortened where these do not suffice."""
    from matplotlib.font_manager import FontProperties

    width = _ACROSS / len(labels) if upright else _NAME
    font = FontProperties(size=_TYPE)
    return [fitted(label, width=width, lines=_LINES, font=font) for label in labels]


def _write_totals(ax, totals):
    columns = ["complete", "in_part", "not_found"]
    texts = [[totals[name].astype(str).tolist()] for name in columns]
    reports = int(totals.iloc[0].sum())
    heads = [word(f"unsaid.head.{name}", reports=reports) for name in columns]
    columns_beside([ax], texts, heads, first=40)
