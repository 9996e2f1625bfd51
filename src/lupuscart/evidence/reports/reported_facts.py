"""Which facts each report gives, read off the tables: nobody's rating.

Vocabulary
----------
fact
    what a reader needs to know of a report, a key of `FACTS`.
need
    rows that tell a fact, or a part of it: a row tells it *whole* or *in part*. A count of fewer
    patients than were treated, of patients with other diseases among them, or of a number that
    nobody gave tells it in part.
state
    how a report gives a fact: ``primary`` (whole, in the authors' words), ``secondary`` (whole,
    second-hand), ``unrecorded`` (whole; the tables do not say in whose words), ``part`` or
    ``not_found``.

A fact with several needs is whole where all of them are, and read as the worst of them was.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from lupuscart.data import outcomes
from lupuscart.evidence.endpoints import CYTOPENIAS, response_endpoints

__all__ = ["FACTS", "STATES", "WHOLE", "Told", "reported_facts"]

#: How a report gives a fact, the best first.
STATES = ("primary", "secondary", "unrecorded", "part", "not_found")

#: The states of a fact that is there for all patients.
WHOLE = STATES[:3]


@dataclass(frozen=True)
class Told:
    """The tables that facts are read off, of the reports of `studies`.

    Attributes
    ----------
    studies, follow_up : DataFrame
        As `lupuscart.data.tables` loads them; `follow_up` may have no rows.
    trials : DataFrame
        The same, with ``of_all``: whether a row is about all treated patients and no others.
    """

    studies: pd.DataFrame
    trials: pd.DataFrame
    follow_up: pd.DataFrame


Need = Callable[[Told], pd.DataFrame]


def _column(name: str, holds: Callable[[pd.Series], pd.Series] = pd.notna) -> Need:
    """A column of the studies table; it does not say in whose words it was read."""

    def rows(told: Told) -> pd.DataFrame:
        if name not in told.studies:
            return _none()
        given = told.studies[holds(told.studies[name])]
        read = _how_read(told)
        read_in = [read.get(study, "unrecorded") for study in given["study"]]
        return _rows(given, whole=True, read_in=read_in)

    return rows


def _counted(*codes: str, timed: bool = False, part: tuple[str, ...] = ()) -> Need:
    """A count of one of these outcomes; `timed` at or by a week; those of `part` tell less."""

    def rows(told: Told) -> pd.DataFrame:
        found = told.trials[_tell(told.trials, {*codes, *part})]
        whole = found["statistic"].eq("count") & found["of_all"]
        whole &= ~found["outcome"].isin(part)
        if timed:
            at_a_week = found["timing"].isin(["at", "by"]) & found["week"].notna()
            # Its name says that it is late.
            whole &= at_a_week | found["outcome"].eq("prolonged_cytopenia")
        return _rows(found, whole=whole)

    return rows


def _score(*, baseline: bool) -> Need:
    """A score of disease activity at week 0, or later; whole with its spread or both ends."""

    def rows(told: Told) -> pd.DataFrame:
        trials = told.trials
        found = trials[
            trials["outcome"].isin(outcomes.codes_of(domain="activity_score"))
            & ~trials["statistic"].isin(["mean_change", "median_change", "largest_fall"])
            & (trials["week"].eq(0).fillna(value=False) == baseline)
        ]
        keys = ["study", "cohort", "outcome", "week", "timing"]
        ends = found.groupby(keys, dropna=False)["statistic"].transform(
            lambda kinds: {"minimum", "maximum"} <= set(kinds)
        )
        spread = found["spread"].notna() | ends.astype(bool)
        spread |= found["statistic"].isin(["individual", "all_equal"])
        return _rows(found, whole=spread & found["of_all"])

    return rows


def _response_counted() -> Need:
    def rows(told: Told) -> pd.DataFrame:
        return _counted(*response_endpoints(), timed=True)(told)

    return rows


def _followed() -> Need:
    """How long patients were followed; whole with both ends, or patient by patient."""

    def rows(told: Told) -> pd.DataFrame:
        lengths = ["median", "minimum", "maximum", "mean", "range_width", "at_least"]
        found = told.follow_up[told.follow_up[lengths].notna().any(axis=1)]
        ends = found["minimum"].notna() & found["maximum"].notna()
        ends |= found["range_width"].notna() | found["who"].eq("patient")
        return _rows(found, whole=ends & _all_patients(found, told.studies))

    return rows


def _relapses() -> Need:
    def rows(told: Told) -> pd.DataFrame:
        found = told.follow_up[told.follow_up["relapses"].notna()]
        counted = _counted("flare")(told)
        return pd.concat([counted, _rows(found, whole=_all_patients(found, told.studies))])

    return rows


def _deaths() -> Need:
    """Deaths from any cause; those that a report ascribes to one cause tell a part."""

    def rows(told: Told) -> pd.DataFrame:
        ascribed = _counted(part=("treatment_related_death", "fatal_infection"))(told)
        found = told.follow_up[told.follow_up["deaths"].notna()]
        # Where a report counts deaths by their cause, the table of follow-up repeats that count.
        whole = _all_patients(found, told.studies) & ~found["study"].isin(ascribed["study"])
        return pd.concat([ascribed, _rows(found, whole=whole)])

    return rows


def _everyone_counted() -> Need:
    """An efficacy count of every treated patient, or a count of those who left."""

    def rows(told: Told) -> pd.DataFrame:
        efficacy = outcomes.codes_of(domain="efficacy")
        return _counted(*efficacy, "withdrawal")(told)

    return rows


def _drugs_named(conditioning: pd.Series) -> pd.Series:
    return conditioning.notna() & ~conditioning.astype(str).str.contains("drugs not reported")


def _dose_or_none() -> Need:
    """A dose of the conditioning, or that there was none."""

    def rows(told: Told) -> pd.DataFrame:
        dosed = _column("conditioning_detail", lambda cells: cells.str.contains(_DOSE, na=False))
        none = _column("conditioning", lambda cells: cells.eq("none"))
        return pd.concat([dosed(told), none(told)])

    return rows


# 25 mg/m2, 1000 mg/m2/d, 50 mg/kg: doses of chemotherapy, not of cells.
_DOSE = r"[0-9] ?m?g/(?:m2|m²|kg)"

_INFECTIONS = (
    "infection_grade3plus",
    "infection_hospital",
    "severe_infection",
    "serious_infection",
)
_CYTOPENIAS = ("cytopenia_any", *CYTOPENIAS, "prolonged_cytopenia")

#: Per fact what tells it, in the order in which a reader asks. ``fact_rule.NAME`` of
#: ``words.csv`` says the same to people.
FACTS: Mapping[str, tuple[Need, ...]] = {
    "enrolled": (_column("n_enrolled"),),
    "treated": (_column("n_treated"),),
    "left_out": (_everyone_counted(),),
    "drugs": (_column("conditioning", _drugs_named),),
    "doses": (_dose_or_none(),),
    "follow_up": (_followed(),),
    "endpoint": (_response_counted(),),
    "baseline": (_score(baseline=True),),
    "later_score": (_score(baseline=False),),
    "flares": (_relapses(),),
    "deaths": (_deaths(),),
    "crs": (_counted("crs_any"), _counted("crs_grade3plus")),
    "icans": (_counted("icans_any"), _counted("icans_grade3plus")),
    "infections": (
        _counted("infection_any", part=("pneumonia_grade2",)),
        _counted(*_INFECTIONS, part=("fatal_infection",)),
    ),
    "cytopenia": (_counted(*_CYTOPENIAS, timed=True),),
    "b_cells": (_counted("b_cells_back"),),
    "glucocorticoids": (
        _counted("glucocorticoids_stopped", "glucocorticoids_5mg", "drug_free_remission"),
    ),
    "drugs_stopped": (_counted("off_immunosuppression", "drug_free_remission"),),
}


def reported_facts(
    studies: pd.DataFrame, trials: pd.DataFrame, follow_up: pd.DataFrame
) -> pd.DataFrame:
    """Return how each report gives each fact.

    Parameters
    ----------
    studies : DataFrame
        The reports, one row each: ``study``, ``n_treated``, ``conditioning``,
        ``conditioning_detail`` and, where the folder has it, ``n_enrolled``.
    trials : DataFrame
        Their outcomes; rows of other reports are passed over.
    follow_up : DataFrame
        Their follow-up; may have no rows.

    Returns
    -------
    DataFrame
        One row a report, one column a fact of `FACTS`, each cell one of `STATES`; its index is
        ``study``, in the order of `studies`.

    Examples
    --------
    >>> from lupuscart.data.tables import load_follow_up, load_studies, load_trials
    >>> where = "data/trials.csv"
    >>> facts = reported_facts(load_studies(where), load_trials(where), load_follow_up(where))
    >>> facts.loc["feng_2025", ["treated", "doses", "deaths", "crs"]].tolist()
    ['primary', 'not_found', 'part', 'primary']
    """
    names = studies["study"].tolist()
    trials = trials[trials["study"].isin(names)]
    trials = trials.assign(of_all=_all_patients(trials, studies))
    told = Told(studies, trials, follow_up[follow_up["study"].isin(names)])
    states = {fact: _states(needs, told, names) for fact, needs in FACTS.items()}
    return pd.DataFrame(states, index=pd.Index(names, name="study"))


def _states(needs, told, names) -> list[str]:
    """Of each report the state of a fact with these needs."""
    found = [_by_study(need(told), names) for need in needs]
    return [_together([states[study] for states in found]) for study in names]


def _together(states) -> str:
    if all(state in WHOLE for state in states):
        return max(states, key=STATES.index)
    return "not_found" if set(states) == {"not_found"} else "part"


def _by_study(rows, names) -> dict[str, str]:
    """Of each report the best state that a row gives it."""
    rank = rows["state"].map(STATES.index)
    best = rank.groupby(rows["study"]).min()
    return {study: STATES[int(best.get(study, len(STATES) - 1))] for study in names}


def _rows(found, *, whole, read_in=None) -> pd.DataFrame:
    read = found["read_in"] if read_in is None else pd.Series(read_in, found.index, dtype=object)
    whole = pd.Series(whole, found.index, dtype=bool)
    state = read.astype(object).fillna("unrecorded").where(whole, "part")
    return pd.DataFrame({"study": found["study"].astype(object), "state": state})


def _none() -> pd.DataFrame:
    return pd.DataFrame({"study": [], "state": []}, dtype=object)


def _tell(trials, codes) -> pd.Series:
    """Rows of these outcomes, or a zero of what contains one: no event is no severe event."""
    wholes = {whole for code in codes for whole in outcomes.current().wholes.get(code, ())}
    zero = trials["events"].eq(0).fillna(value=False) & trials["n"].notna()
    return trials["outcome"].isin(codes) | (zero & trials["outcome"].isin(wholes))


def _all_patients(rows, studies) -> pd.Series:
    """Whether a row is about all treated patients of its report, and about no others.

    Rows of one thing whose cohorts add up to the number treated are about all of them together.
    """
    treated = rows["study"].map(studies.set_index("study")["n_treated"]).astype("float64")
    n = rows["n"].astype("float64")
    window = [name for name in ("study", "outcome", "week", "timing", "statistic") if name in rows]
    once = n.mask(rows.duplicated([*window, "cohort"]))
    together = once.groupby([rows[name] for name in window], dropna=False).transform("sum")
    whole = n.ge(treated) | together.eq(treated)
    # How many were treated may not be known: then the name of the cohort says who is meant.
    whole = whole.where(treated.notna(), rows["cohort"].eq("all") & n.notna())
    return whole.astype(bool) & ~_others_counted(rows)


def _others_counted(rows) -> pd.Series:
    """Whether patients without lupus are in the denominator."""
    mixed = pd.Series(data=False, index=rows.index)
    if "basket" in rows:
        mixed |= rows["basket"].eq("yes").fillna(value=False).astype(bool)
    if "n_followed" in rows:
        mixed |= rows["n_followed"].notna()
    return mixed


def _how_read(told) -> Mapping[str, str]:
    """Of each report how its rows were read, where all were read in one way."""
    read = pd.concat([table[["study", "read_in"]] for table in (told.trials, told.follow_up)])
    ways = read.dropna().drop_duplicates().groupby("study")["read_in"].agg(list)
    return {study: each[0] for study, each in ways.items() if len(each) == 1}
