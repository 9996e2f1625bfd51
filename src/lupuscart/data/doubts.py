"""What is odd in a table and may be right: a warning, never a refusal.

Each doubt is told in one line and stops nothing. Who has looked again answers it in the note of
the row, ``checked week: the abstract prints both``: the word ``checked`` (in Chinese 已核对), the
column that the warning names, a colon and the reason.
"""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from lupuscart.data.contradictions import treated_patients
from lupuscart.data.dictionary import WEEKS
from lupuscart.data.rules import OUTCOME_KEYS, cohort_column
from lupuscart.data.sheet import Sheet
from lupuscart.data.text.signs import skeleton

__all__ = ["find_doubts", "find_doubts_between"]

#: More patients than any trial of engineered cells has treated.
MANY_TREATED = 2000

_UNIT = r"(d|days?|w|weeks?|wk|m|months?|mo|y|years?|天|日|周|週|个月|月|年)\b"
# The unit of a word, by its first letter.
_UNITS = {
    **dict.fromkeys("d天日", "d"),
    **dict.fromkeys("w周週", "weeks"),
    **dict.fromkeys("m个月", "months"),
    **dict.fromkeys("y年", "years"),
}
_LENGTHS = re.compile(
    rf"([0-9.]+(?:(?: ?(?:-|–|to|and|or|,|至|到|和) ?)[0-9.]+)*) ?{_UNIT}", re.IGNORECASE
)
# Words after which a length is no upper end of anyone's follow-up.
_OPEN = re.compile(
    r"least|more|over|median|mean|first|ongoing|one|two|三|两|至少|超过|中位|平均|>|≥|\+",
    re.IGNORECASE,
)


def find_doubts(table: str, sheet: Sheet) -> None:
    """Report in `sheet` what is odd in a table by itself.

    Parameters
    ----------
    table : str
        Its name.
    sheet : Sheet
        The table, once its rules have been checked: what is a problem is no doubt as well.
    """
    if table in OUTCOME_KEYS:
        _doubt_fraction(sheet)
        _doubt_decimals(sheet)
        _doubt_twice(sheet)
        _doubt_response_at_baseline(sheet)
    if table in ("studies", "benchmark_studies"):
        _doubt_year(sheet)
        _doubt_names(sheet)
    if table == "studies":
        _doubt_conditioning(sheet)
        _doubt_treated(sheet)


def find_doubts_between(sheets: Mapping[str, Sheet]) -> None:
    """Report what is odd in the trials of a folder beside its studies, per name of a table."""
    if {"trials", "studies"} <= set(sheets):
        _doubt_denominator(sheets["trials"], sheets["studies"])
        _doubt_followup(sheets["trials"], sheets["studies"])
        _doubt_other_cohort(sheets["trials"], sheets["studies"])


def _doubt_fraction(sheet: Sheet) -> None:
    """A percentage below one, of so few patients that it is less than half of one of them."""
    t = sheet.typed
    if not {"statistic", "value", "n"} <= set(t):
        return
    patients = (t.value / 100 * t.n.astype("float64")).fillna(0)
    odd = t.statistic.eq("percent") & t.value.gt(0) & t.value.le(1) & patients.lt(0.5)
    message = "less than 1 %: is it a share, such as 0.92 for 92 %?"
    sheet.doubt(odd, ["value", "statistic", "n"], message)


def _doubt_decimals(sheet: Sheet) -> None:
    """A mean with fewer decimals than its source prints: 31.3 may have been 31.30.

    Whether a mean can be one of whole points depends on its decimals.
    """
    t = sheet.typed
    column = cohort_column(sheet)
    if column is None or not {"study", "outcome", "statistic", "value"} <= set(t):
        return
    mean = t.value.notna() & t.statistic.isin(["mean", "mean_change"])
    decimals = sheet.text.value.astype("str").str.partition(".")[2].str.len()
    # A whole number and a half may well stand side by side: 0 and 1.5, 16 and 2.
    entered = mean & decimals.gt(0)
    keys = ["study", column, "outcome", "statistic"]
    names = t[keys].astype(object)[entered]
    most = decimals[entered].groupby([names[key] for key in keys]).transform("max")
    fewer = decimals[entered].lt(most).reindex(t.index, fill_value=False)
    message = "fewer decimals than another {statistic} of the same patients: was a zero lost?"
    sheet.doubt(fewer, ["value", "statistic"], message)
    if {"spread", "spread_kind"} <= set(t):
        # A mean and its standard deviation are printed alike.
        of_spread = sheet.text.spread.astype("str").str.partition(".")[2].str.len()
        shorter = mean & t.spread_kind.eq("sd").fillna(False) & decimals.lt(of_spread) & ~fewer
        message = "fewer decimals than its standard deviation: was a zero lost?"
        sheet.doubt(shorter, ["value", "spread"], message)
        fewer |= shorter
    message = (
        "stored as a number, which has no zeros at its end: are these all decimals of the source? "
        "As a text, 31.30 keeps its zero."
    )
    sheet.doubt(mean & sheet.holds_number("value") & ~fewer, ["value", "statistic"], message)


def _doubt_twice(sheet: Sheet) -> None:
    """One result entered as ``at`` a week and again as ``by`` that week."""
    t = sheet.typed
    column = cohort_column(sheet)
    keys = ["study", column, "outcome", "week", "statistic", "events", "n", "value"]
    if column is None or not {*keys, "timing"} <= set(t):
        return
    rows = t[t.timing.isin(["at", "by"]) & t.week.notna() & t.outcome.notna()]
    again = rows.duplicated(keys)
    message = "the same numbers stand at and by this week: is it one result?"
    sheet.doubt(again, ["timing", "week", "events", "value"], message)


def _doubt_response_at_baseline(sheet: Sheet) -> None:
    t = sheet.typed
    if sheet.outcomes is None or not {"outcome", "week", "events"} <= set(t):
        return
    domain = t.outcome.astype(object).map(sheet.outcomes.domains)
    odd = t.week.eq(0) & t.events.gt(0) & domain.isin(["efficacy", "safety"])
    sheet.doubt(odd, ["week", "outcome"], "{outcome} before the treatment: is the week right?")


def _doubt_year(sheet: Sheet) -> None:
    t = sheet.typed
    if not {"study", "year"} <= set(t):
        return
    said = t.study.astype("str").str.extract(r"_((?:19|20)[0-9]{2})(?:_|$)")[0].astype("float64")
    odd = said.notna() & t.year.notna() & said.ne(t.year.astype("float64"))
    sheet.doubt(odd, ["year", "study"], "another year than {study} has: which is right?")


def _doubt_names(sheet: Sheet) -> None:
    """Two reports that a figure could not tell apart: one author, one year, one product."""
    t = sheet.typed
    shown = [name for name in ("first_author", "year", "product") if name in sheet.text]
    if len(shown) < 2:
        return
    looks = t[shown].astype(object).apply(lambda cells: cells.map(str).map(skeleton))
    message = "the same author and year as another report: can a reader tell them apart?"
    sheet.doubt(looks.duplicated(), ["first_author", *shown[1:]], message)


def _doubt_conditioning(sheet: Sheet) -> None:
    t = sheet.typed
    if not {"conditioning", "conditioning_detail"} <= set(t):
        return
    detail = t.conditioning_detail.astype("str").str.casefold()
    drugs = detail.str.contains(r"flu|cyclo|benda|mg/m|not found|氟达|环磷|苯达", na=False)
    message = "{conditioning_detail!r} speaks of drugs: was there no conditioning?"
    sheet.doubt(t.conditioning.eq("none") & drugs, ["conditioning", "conditioning_detail"], message)


def _doubt_treated(sheet: Sheet) -> None:
    if "n_treated" not in sheet.text:
        return
    many = sheet.typed.n_treated.gt(MANY_TREATED)
    sheet.doubt(many, ["n_treated"], "more patients than any trial of engineered cells treated")


def _doubt_denominator(trials: Sheet, studies: Sheet) -> None:
    """More patients than were treated, where it is not said who else was counted."""
    t = trials.typed
    if not {"study", "n"} <= set(t) or not {"study", "n_treated"} <= set(studies.typed):
        return
    treated = t.study.astype(object).map(treated_patients(studies)).astype("Int64")
    unknown = t["basket"].isna() if "basket" in t else pd.Series(data=True, index=t.index)
    message = "more than the {treated} that {study} treated: were other diseases counted (basket)?"
    trials.doubt(unknown & (t.n > treated), ["n", "study"], message, also={"treated": treated})


def _doubt_followup(trials: Sheet, studies: Sheet) -> None:
    """A week beyond the follow-up that the table of studies states."""
    t, s = trials.typed, studies.typed
    if not {"study", "week"} <= set(t) or not {"study", "followup"} <= set(s):
        return
    ends = s.followup.astype(object).map(_longest_followup, na_action="ignore")
    ends = ends.set_axis(s.study.astype(object)).astype("float64")
    ends = ends[~ends.index.duplicated()]
    end = t.study.astype(object).map(ends).astype("float64")
    # A month more or less is a way of counting.
    odd = t.week.astype("float64") > end + 5
    message = "after the end of follow-up, {end} weeks in the table of studies: which is right?"
    trials.doubt(odd, ["week", "study"], message, also={"end": end.map("{:.0f}".format)})


def _longest_followup(text: str) -> float:
    """Return the weeks of a follow-up whose end is stated, such as 6 months; else missing."""
    if _OPEN.search(text):
        return np.nan
    lengths = [
        float(number) * WEEKS[_UNITS[unit[0].lower()]]
        for numbers, unit in _LENGTHS.findall(text)
        for number in re.findall(r"[0-9]+(?:\.[0-9]+)?", numbers)
    ]
    return max(lengths, default=np.nan)


def _doubt_other_cohort(trials: Sheet, studies: Sheet) -> None:
    """One result under two names of a cohort that cannot both be there: too few were treated."""
    t = trials.typed
    keys = ["study", "outcome", "week", "timing", "statistic", "events", "n", "value"]
    if not {"cohort", *keys} <= set(t) or not {"study", "n_treated"} <= set(studies.typed):
        return
    treated = t.study.astype(object).map(treated_patients(studies)).astype("Int64")
    known = t.n.notna() & t.outcome.notna() & t.study.notna()
    rows = t[known].astype({"study": object})
    again = rows.duplicated(keys) & ~rows.duplicated([*keys, "cohort"])
    # Two cohorts of eight may both have none with an event, where sixteen were treated.
    shared = (2 * rows.n > treated[known]).fillna(value=True)
    message = "the same result as of another cohort of {study}: are they the same patients?"
    trials.doubt(again & shared, ["cohort", "study", "events", "n", "value"], message)
