"""What a cohort would show if it held other patients, or chemotherapy alone did more.

Vocabulary
----------
scenario
    A count, what is supposed on top of it, and how it is judged: everything that the
    controls of the page set.
case
    One row of the answer: the count itself (``reported``, or ``typed`` if a reader typed
    it); the count with further non-responders (``added``); and that with patients who were
    never assessed, who all failed (``all_failed``, the worst case) or all responded
    (``all_responded``, the best). Where both are supposed the name of the case says both
    (``added_all_failed``, ``added_all_responded``).
assumed rate
    The response without the cells; `lupuscart.stats.background` calls it the background rate.

Nothing here knows of controls, so every answer can be had, and tested, without them.
"""

from dataclasses import dataclass

import pandas as pd

from lupuscart.arguments import (
    check_choice,
    check_confidence_level,
    check_counts,
    check_one_rate,
    check_whole,
)
from lupuscart.evidence.endpoints import one_per_study
from lupuscart.findings.response import response_sentences
from lupuscart.reporting.finding import alt_text
from lupuscart.reporting.tables import set_table
from lupuscart.stats.background import added_response
from lupuscart.stats.proportion import METHODS, proportion_ci
from lupuscart.words.cautions import cautions
from lupuscart.words.intervals import ci_label
from lupuscart.words.labels import (
    cohort_label,
    hundredths,
    increment_words,
    interval_words,
    percent,
    percent_range,
    percentage_points,
)
from lupuscart.words.lexicon import word

__all__ = [
    "Answer",
    "Scenario",
    "answer",
    "choose_count",
    "scenario_sentences",
    "scenario_table",
]


@dataclass(frozen=True)
class Scenario:
    """A count, what is supposed on top of it, and how it is judged.

    Attributes
    ----------
    k, n : int
        Responders of evaluable patients.
    added_nonresponders : int
        Further patients, none of whom responded.
    unassessed : int
        Patients treated and never assessed, on top of those.
    background_rate : float
        The response assumed without the cells, 0 to 1.
    confidence_level, method
        As for `lupuscart.stats.proportion.proportion_ci`.

    Raises
    ------
    ValueError
        If an attribute is not possible; names it.

    Examples
    --------
    >>> Scenario(16, 15)
    Traceback (most recent call last):
    ...
    ValueError: k is 16 and n is 15; allowed: k from 0 to n
    """

    k: int
    n: int
    added_nonresponders: int = 0
    unassessed: int = 0
    background_rate: float = 0.0
    confidence_level: float = 0.95
    method: str = "clopper-pearson"

    def __post_init__(self):
        check_counts(self.k, self.n)
        check_whole("added_nonresponders", self.added_nonresponders, minimum=0)
        check_whole("unassessed", self.unassessed, minimum=0)
        check_one_rate("background_rate", self.background_rate)
        check_confidence_level(self.confidence_level)
        check_choice("method", self.method, METHODS)

    @property
    def interval(self) -> dict:
        """What the interval is computed with, as keywords."""
        return {"confidence_level": self.confidence_level, "method": self.method}


@dataclass(frozen=True)
class Answer:
    """All that a page shows of one scenario.

    Attributes
    ----------
    table : DataFrame
        From `scenario_table`, with ``conditioning`` and ``read_in`` of the count.
    shown : DataFrame
        The same as a reader sees it: text under headings in words.
    sentences, cautions : list of str
        What the table says, and what to bear in mind.
    label, interval : str
        What was counted, and what the interval is.
    alt : str
        What the figure shows, for those who do not see it.
    reported : DataFrame or None
        The one row that the count is from, as it was given.
    scenario : Scenario
        What was asked.
    """

    table: pd.DataFrame
    shown: pd.DataFrame
    sentences: list[str]
    cautions: list[str]
    label: str
    interval: str
    alt: str
    reported: pd.DataFrame | None
    scenario: Scenario


def choose_count(counts: pd.DataFrame, *, study: str = "", outcome: str = "") -> pd.DataFrame:
    """Return the one row that a page starts with.

    Parameters
    ----------
    counts : DataFrame
        From `lupuscart.evidence.endpoints.choose_reports`: ``study``, ``outcome``, ``week``,
        ``events``, ``is_response``.
    study, outcome : str
        Codes; empty for the first study, and for its earliest response endpoint or, of
        several at that time, what fewest reached.

    Raises
    ------
    ValueError
        If nothing is counted, or not that; says what is.

    Examples
    --------
    >>> counts = pd.DataFrame({"study": ["a", "a", "b"], "outcome": ["sri4", "doris", "doris"],
    ...                        "week": 24, "events": [10, 5, 7], "is_response": True})
    >>> choose_count(counts)["events"].item(), choose_count(counts, study="b")["events"].item()
    (5, 7)
    """
    rows = counts
    for column, wanted in (("study", study), ("outcome", outcome)):
        if wanted:
            check_choice(column, wanted, dict.fromkeys(rows[column]))
            rows = rows[rows[column] == wanted]
    return (one_per_study(rows) if rows["is_response"].any() else rows).head(1)


def answer(scenario: Scenario, *, reported: pd.DataFrame | None = None) -> Answer:
    """Return the finished table, sentences and words of a scenario.

    Parameters
    ----------
    scenario : Scenario
        What is asked.
    reported : DataFrame, optional
        The one row that the count is from, labelled by `lupuscart.words.labels.add_labels` and with
        the facts of its study; none if the count was typed in.

    Examples
    --------
    >>> answer(Scenario(5, 5, background_rate=0.4)).cautions[0]
    'Few patients: 5 in the cohort. Read the interval before the percentage.'
    """
    start = "typed" if reported is None else "reported"
    table = scenario_table(scenario, start=start)
    facts = {"conditioning": pd.NA, "read_in": "primary"}
    if reported is not None:
        facts = {name: reported[name].iloc[0] for name in facts}
    sentences = scenario_sentences(scenario, table, reported=reported)
    return Answer(
        table=table.assign(**facts),
        shown=_shown(table),
        sentences=sentences,
        cautions=_cautions(scenario, reported),
        label=_label(reported),
        interval=ci_label(**scenario.interval),
        alt=alt_text("scenarios", sentences),
        reported=reported,
        scenario=scenario,
    )


def _shown(table):
    rows = table.itertuples()
    text = pd.DataFrame(
        [
            {
                "case": row.case,
                "events": f"{row.events}",
                "n": f"{row.n}",
                "rate": percent(row.rate),
                "interval": percent_range(row.low, row.high),
                "increment": increment_words(row),
            }
            for row in rows
        ]
    )
    return set_table(text, "scenario")


def _cautions(scenario, reported):
    few = word("caution.few_one", smallest=scenario.n)
    own = [few, word("caution.typed")]
    said = own if reported is None else cautions(reported)
    if reported is not None and not reported["is_response"].item():
        said = [word("caution.no_response"), *said]
    warned = [word("caution.wald")] if scenario.method == "wald" else []
    return [*said, *warned]


def _label(reported):
    if reported is None:
        return word("explore.own_count")
    (row,) = reported.itertuples()
    comma = word("clause_separator")
    endpoint = comma.join([cohort_label(row), row.endpoint, row.window])
    if row.is_response:
        return endpoint
    return word("explore.other_endpoint", endpoint=endpoint)


def scenario_table(scenario: Scenario, *, start: str = "reported") -> pd.DataFrame:
    """Return one row a case: its count, its interval, and what the cells would add.

    Parameters
    ----------
    scenario : Scenario
        What is asked.
    start : {"reported", "typed"}
        Where the count is from.

    Returns
    -------
    pandas.DataFrame
        ``case`` (words), ``supposed`` (not reported, or typed in), ``events``, ``n``,
        ``rate``, ``low``, ``high``, ``background_rate``, ``increment``, ``increment_low``,
        ``increment_high``; rates on 0 to 1. A case that supposes nobody has no row.

    Examples
    --------
    >>> table = scenario_table(Scenario(12, 15, added_nonresponders=1, background_rate=0.5))
    >>> table[["case", "events", "n", "low", "increment_low"]].round(3)
                            case  events   n    low  increment_low
    0                as reported      12  15  0.519          0.019
    1  1 more without a response      12  16  0.476         -0.024
    """
    rows = pd.DataFrame(_counts(scenario, start), columns=["code", "number", "events", "n"])
    low, high = proportion_ci(rows["events"], rows["n"], **scenario.interval)
    added = added_response(rows["events"], rows["n"], scenario.background_rate, **scenario.interval)
    case = [
        word(f"case.{row.code}", number=row.number, added=scenario.added_nonresponders)
        for row in rows.itertuples()
    ]
    return pd.DataFrame(
        {
            "case": case,
            "supposed": rows["code"] != start,
            "events": rows["events"],
            "n": rows["n"],
            "rate": rows["events"] / rows["n"],
            "low": low,
            "high": high,
            "background_rate": scenario.background_rate,
            "increment": added.increment,
            "increment_low": added.low,
            "increment_high": added.high,
        }
    )


def _counts(scenario, start):
    """The count of each case, and how many patients it supposes."""
    k, added, unassessed = scenario.k, scenario.added_nonresponders, scenario.unassessed
    n = scenario.n + added
    cases = [(start, 0, k, scenario.n)]
    if added:
        cases.append(("added", added, k, n))
    if unassessed:
        on_top = "added_" if added else ""
        cases.append((f"{on_top}all_failed", unassessed, k, n + unassessed))
        cases.append((f"{on_top}all_responded", unassessed, k + unassessed, n + unassessed))
    return cases


def scenario_sentences(
    scenario: Scenario, table: pd.DataFrame, *, reported: pd.DataFrame | None = None
) -> list[str]:
    r"""Return what the table says: the count, each supposed case, and what the cells would add.

    Parameters
    ----------
    scenario : Scenario
        What was asked.
    table : DataFrame
        From `scenario_table`.
    reported : DataFrame, optional
        The one row that the count is from, with the columns that
        `lupuscart.findings.response.response_sentences` names except rate, low and high;
        none if the count was typed in.

    Examples
    --------
    >>> scenario = Scenario(5, 5, added_nonresponders=1, background_rate=0.4)
    >>> table = scenario_table(scenario, start="typed")
    >>> print(*scenario_sentences(scenario, table), sep="\n")  # doctest: +NORMALIZE_WHITESPACE
    Typed in: 5 of 5 (100 %; exact 95 % CI 48 to 100 %).
    With “1 more without a response”: 5 of 6 (83 %; 36 to 99.6 %).
    If 40 %, taken as exact, had responded without the cells, the added response would be: 60
    points (8 to 60) for “as typed in”; 43 points (−4 to 60) for “1 more without a response”.
    """
    if reported is None:
        first = _typed(scenario, table)
    else:
        limits = {name: table[name].iloc[0] for name in ("rate", "low", "high")}
        counted = reported.assign(**limits)
        (first,) = response_sentences(counted, **scenario.interval)
    supposed = [_supposed(row) for row in table[table["supposed"]].itertuples()]
    return [first, *supposed, _adds(scenario, table)]


def _typed(scenario, table):
    interval = interval_words(scenario.confidence_level, scenario.method)
    numbers = _numbers(next(table.itertuples()))
    return word("sentence.typed", interval=interval, **numbers)


def _supposed(row):
    return word("sentence.suppose", case=row.case, **_numbers(row))


def _numbers(row):
    return {
        "k": row.events,
        "n": row.n,
        "rate": percent(row.rate),
        "low": hundredths(row.low),
        "high": percent(row.high),
    }


def _adds(scenario, table):
    cases = [
        word(
            "sentence.adds_case",
            case=row.case,
            increment=percentage_points(row.increment),
            low=percentage_points(row.increment_low),
            high=percentage_points(row.increment_high),
        )
        for row in table.itertuples()
    ]
    rate = percent(scenario.background_rate)
    listed = word("pair_separator").join(cases)
    return word("sentence.adds", rate=rate, cases=listed)
