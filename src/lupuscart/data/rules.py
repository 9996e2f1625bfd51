"""Rules that join several columns of a table, which a Table Schema cannot say.

Vocabulary
----------
count row
    a row whose `statistic` is ``count`` (`events` of `n` patients) or ``events_only``
    (`events` of an unknown number).
value row
    any other row: `statistic` says what `value` is.
timed, untimed
    a `timing` that has no meaning without a week (``at``), or none with one
    (``during_followup``).

Each rule marks rows of a `Sheet`; a cell that has been reported already is not
reported again. A rule whose columns the header does not have is passed over. What is odd
and may be right is not here but in `lupuscart.data.doubts`.
"""

import re

import pandas as pd

from lupuscart.data.dictionary import DAY, WEEKS
from lupuscart.data.sheet import Sheet
from lupuscart.stats.printed import ImpossibleSummaryError, PersonTime, person_time_bounds
from lupuscart.words.messages import Message

__all__ = ["OUTCOME_KEYS", "check_rules", "cohort_column", "person_time"]

COUNTS = ["count", "events_only"]
CHANGES = ["mean_change", "median_change", "largest_fall"]
TIMED = ["at", "after_at_least", "median_followup"]
UNTIMED = ["during_followup", "last_visit", "not_reported"]
PAIRS = ["range", "iqr"]

# A row reports one thing, and no other row the same thing.
OUTCOME_KEYS = {
    "trials": ["study", "cohort", "outcome", "week", "timing", "statistic"],
    "benchmarks": ["study", "arm", "outcome", "week", "timing", "statistic"],
}

_BRACKETED_PERCENT = r"\(([0-9]{1,3}(?:\.([0-9]{1,9}))?) ?%\)"
_PAIR = r"^(-?[0-9]+(?:\.[0-9]+)?)-(-?[0-9]+(?:\.[0-9]+)?)$"
_SINGLE = r"[0-9]+(\.[0-9]+)?"


def check_rules(table: str, sheet: Sheet) -> None:
    r"""Report in `sheet` what breaks a rule of `table`.

    Examples
    --------
    >>> header = "review,pmid,doi,k_studies,n_patients,outcome,events,n,method"
    >>> sheet = Sheet("reviews", "reviews.csv", f"{header}\na,,,2,9,doris,8,7,sum".encode())
    >>> check_rules("reviews", sheet)
    >>> print(sheet.problems[0])
    reviews.csv, row 2, column events: '8'; allowed: at most n, which is 7
    """
    if table in OUTCOME_KEYS:
        rules = (_check_numbers, _check_outcome, _check_time, _check_spread, _check_percent)
        for rule in rules:
            rule(sheet)
        sheet.check_unique(OUTCOME_KEYS[table])
        _check_limits(sheet)
    elif table in ("studies", "benchmark_studies"):
        for rule in (_check_overlaps, _check_registration, _check_source, _check_enrolled):
            rule(sheet)
    elif table == "reviews":
        _check_pooled(sheet)
    elif table == "outcomes":
        _check_definitions(sheet)
    elif table == "follow_up":
        _check_follow_up(sheet)
    elif table == "patient_times":
        _check_patient_times(sheet)
    elif table == "registrations":
        for rule in (_check_registration, _check_planned, _check_order_of_days):
            rule(sheet)
    for field in sheet.schema["fields"]:
        if field.get("constraints", {}).get("pattern") == DAY:
            _check_day(sheet, field["name"])


def _check_numbers(sheet: Sheet) -> None:
    """A count row has events and n and no value; a value row the reverse."""
    t = sheet.typed
    if not {"statistic", "events", "n", "value"} <= set(t):
        return
    counted, valued = t.statistic.isin(COUNTS), ~t.statistic.isin(COUNTS)
    since = Message("since statistic is {statistic}")
    filled = Message("the cell is empty; allowed: a number, {since}", since=since)
    blank = Message("allowed: an empty cell, {since}", since=since)
    sheet.flag(counted & t.events.isna(), ["events", "statistic"], filled)
    sheet.flag(t.statistic.eq("count") & t.n.isna(), ["n", "statistic"], filled)
    sheet.flag(t.statistic.eq("events_only") & t.n.notna(), ["n", "statistic"], blank)
    sheet.flag(counted & t.value.notna(), ["value", "statistic"], blank)
    sheet.flag(valued & t.events.notna(), ["events", "statistic"], blank)
    sheet.flag(valued & t.value.isna(), ["value", "statistic"], filled)
    sheet.flag(t.events > t.n, ["events", "n"], "allowed: at most n, which is {n}")
    alone = t.statistic.eq("individual") & t.n.ne(1).fillna(True)
    sheet.flag(alone, ["n", "statistic"], "allowed: 1, {since}", since=since)
    share = t.statistic.eq("percent") & ~t.value.between(0, 100)
    sheet.flag(share, ["value", "statistic"], "allowed: 0 to 100, {since}", since=since)
    below = (t.value < 0) & ~t.statistic.isin(CHANGES)
    sheet.flag(below, ["value", "statistic"], "allowed: 0 or more, {since}, no change", since=since)
    rise = t.statistic.eq("largest_fall") & (t.value > 0)
    sheet.flag(
        rise, ["value", "statistic"], "allowed: 0 or less, {since}: a fall is negative", since=since
    )


def _check_outcome(sheet: Sheet) -> None:
    """An outcome belongs to one domain; activity scores have values, the others counts."""
    t = sheet.typed
    if sheet.outcomes is None or not {"outcome", "statistic", "events", "value"} <= set(t):
        return
    domain = t.outcome.map(sheet.outcomes.domains)
    score, rate = domain.eq("activity_score"), t.statistic.isin([*COUNTS, "percent"])
    columns = ["statistic", "outcome", "events", "value"]
    sheet.flag(score & rate, columns, "allowed: a mean or another value, {outcome} is a score")
    sheet.flag(
        ~score & ~rate & domain.notna(),
        columns,
        "allowed: count, events_only, percent: {outcome} is counted",
    )
    if "domain" in sheet.text:
        own = {"own": domain.astype(object)}
        message = "allowed: {own}, since outcome is {outcome}"
        wrong = domain.notna() & t.domain.astype(object).ne(domain.astype(object))
        sheet.flag(wrong, ["domain", "outcome", "statistic"], message, also=own)


def _check_time(sheet: Sheet) -> None:
    """A week stands where `timing` speaks of one; baseline is at week 0."""
    t = sheet.typed
    if not {"week", "timing"} <= set(t):
        return
    since = Message("since timing is {timing}")
    timed = t.timing.isin(TIMED) & t.week.isna()
    sheet.flag(
        timed, ["week", "timing"], "the cell is empty; allowed: a week, {since}", since=since
    )
    untimed = t.timing.isin(UNTIMED) & t.week.notna()
    sheet.flag(untimed, ["week", "timing"], "allowed: an empty cell, {since}", since=since)
    baseline = t.week.eq(0) & t.timing.ne("at")
    sheet.flag(baseline, ["timing", "week"], "allowed: at, since week is 0")
    if "statistic" in t:
        changed = t.week.eq(0) & t.statistic.isin(CHANGES)
        message = "allowed: a week after the baseline, since statistic is {statistic}"
        sheet.flag(changed, ["week", "statistic"], message)


def _check_spread(sheet: Sheet) -> None:
    """A spread and its kind stand together, can be read, and hold the value."""
    t = sheet.typed
    if not {"statistic", "value", "spread_kind", "spread"} <= set(t):
        return
    since = Message("since spread_kind is {spread_kind}")
    nameless = t.spread.notna() & t.spread_kind.isna()
    sheet.flag(nameless, ["spread_kind", "spread"], "the cell is empty; allowed: what spread is")
    without = t.spread_kind.notna() & t.spread.isna()
    sheet.flag(
        without,
        ["spread", "spread_kind"],
        "the cell is empty; allowed: a spread, {since}",
        since=since,
    )
    t = t[t.spread.notna() & t.spread_kind.notna()]
    counted = t.statistic.isin(COUNTS)
    sheet.flag(
        counted, ["spread", "statistic"], "allowed: an empty cell, since statistic is a count"
    )
    spread = t.spread.astype("str")
    single = spread.str.fullmatch(_SINGLE)
    allowed = Message("allowed: one number of 0 or more, {since}", since=since)
    sheet.flag(~t.spread_kind.isin(PAIRS) & ~single, ["spread", "spread_kind"], allowed)
    pair = spread.str.extract(_PAIR).astype("float64")
    unpaired = t.spread_kind.isin(PAIRS) & ~(pair[0] <= pair[1])
    allowed = Message(
        "allowed: the lower and the higher number, such as 10-22, {since}", since=since
    )
    sheet.flag(unpaired, ["spread", "spread_kind"], allowed)
    outside = t.spread_kind.eq("range") & ~t.value.between(pair[0], pair[1])
    columns = ["value", "spread", "spread_kind", "statistic"]
    sheet.flag(outside, columns, "allowed: a number within spread, which is {spread}")


def _check_percent(sheet: Sheet) -> None:
    """A count derived from a percentage is the only one that rounds to it."""
    t = sheet.typed
    if not {"statistic", "basis", "locator", "events", "n"} <= set(t):
        return
    t = t[t.basis.eq("derived_from_percent")]
    since = Message("since basis is derived_from_percent")
    columns = ["basis", "statistic", "events", "n"]
    sheet.flag(t.statistic.ne("count"), columns, "allowed: for a count only")
    printed = t.locator.astype("str").str.extract(_BRACKETED_PERCENT)
    allowed = Message(
        "allowed: the printed percentage in brackets, such as abstract (86.7%), {since}",
        since=since,
    )
    sheet.flag(printed[0].isna(), ["locator", "basis"], allowed)
    # A percentage printed with d decimals stands for anything within half a unit of the last.
    half_unit = 0.5 * 10.0 ** -printed[1].str.len().fillna(0)
    percent, n = printed[0].astype("float64"), t.n.astype("float64")

    def rounds(events):
        near = (100 * events / n - percent).abs() <= half_unit + 1e-9
        return near & events.between(0, n)

    events = t.events.astype("float64")
    only = rounds(events) & ~rounds(events - 1) & ~rounds(events + 1)
    allowed = Message(
        "allowed: the only count of {n} that rounds to the percentage in {locator}, {since}",
        since=since,
    )
    sheet.flag(~only, ["events", "n", "locator", "basis", "statistic"], allowed)


def _check_limits(sheet: Sheet) -> None:
    """A score lies within its instrument, and is whole where the instrument adds up wholes."""
    t = sheet.typed
    if sheet.outcomes is None or not {"outcome", "statistic", "value"} <= set(t):
        return
    limits = sheet.outcomes.limits.reindex(t.outcome.astype(object)).set_axis(t.index)
    low, high = limits["minimum"], limits["maximum"]
    whole = t.outcome.isin(sheet.outcomes.whole_numbers)
    change = t.statistic.isin(CHANGES)
    bounds = {"low": low.map("{:g}".format), "high": high.map("{:g}".format)}
    columns = ["value", "outcome", "statistic"]
    message = "allowed: {low} to {high}, as the instrument of {outcome} goes"
    outside = ~change & ((t.value < low) | (t.value > high))
    sheet.flag(outside, columns, message, also=bounds)
    width = high - low
    message = "allowed: a change of at most {width}, as the instrument of {outcome} goes"
    beyond = change & (t.value.abs() > width)
    sheet.flag(beyond, columns, message, also={"width": width.map("{:g}".format)})
    # Of one patient, or a difference of one patient's scores; a median may lie between two.
    single = t.statistic.isin(["minimum", "maximum", "individual", "all_equal", "largest_fall"])
    message = "allowed: a whole number, since {outcome} adds up whole points"
    sheet.flag(whole & single & (t.value % 1 != 0), columns, message)
    middle = t.statistic.isin(["median", "median_change"])
    message = "allowed: a whole number or one and a half, since {outcome} adds up whole points"
    sheet.flag(whole & middle & (t.value % 0.5 != 0), columns, message)
    if {"spread", "spread_kind"} <= set(t):
        _check_spread_limits(sheet, low, high, whole, bounds)


def _check_spread_limits(sheet, low, high, whole, bounds) -> None:
    t = sheet.typed
    spread = t.spread.astype("str")
    pair = spread.str.extract(_PAIR).astype("float64")
    change = t.statistic.isin(CHANGES)
    outside = t.spread_kind.isin(PAIRS) & ~change & ((pair[0] < low) | (pair[1] > high))
    columns = ["spread", "spread_kind", "value", "outcome", "statistic"]
    message = "allowed: {low} to {high}, as the instrument of {outcome} goes"
    sheet.flag(outside, columns, message, also=bounds)
    ranged = t.spread_kind.isin(["range", "range_width"])
    broken = spread.str.contains(r"\.[0-9]*[1-9]", regex=True, na=False)
    message = "allowed: whole numbers, since {outcome} adds up whole points"
    sheet.flag(ranged & whole & broken, columns, message)
    width = pd.to_numeric(spread.where(~t.spread_kind.isin(PAIRS)), errors="coerce")
    # The largest standard deviation of scores: half of them at each end, two patients.
    most = (high - low).where(t.spread_kind.eq("range_width"), (high - low) / 2**0.5)
    message = "allowed: at most {most}, as the instrument of {outcome} goes"
    sheet.flag(width > most, columns, message, also={"most": most.map("{:.4g}".format)})


def cohort_column(sheet: Sheet) -> str | None:
    """Return the column that names the patients of a row."""
    return next((name for name in ("cohort", "arm") if name in sheet.text), None)


def _check_overlaps(sheet: Sheet) -> None:
    """`overlaps_with` and `contains` name other studies of the table."""
    message = "allowed: other studies of this table, separated by spaces"
    for column in ("overlaps_with", "contains"):
        if not {"study", column} <= set(sheet.text):
            continue
        known = set(sheet.text["study"])
        pairs = zip(sheet.text["study"], sheet.text[column], strict=True)
        wrong = [bool(set(others.split()) - (known - {study})) for study, others in pairs]
        sheet.flag(pd.Series(wrong), [column, "study"], message)
        if column == "contains":
            _check_no_circle(sheet, "study", column)


def _check_no_circle(sheet: Sheet, name: str, column: str) -> None:
    """Nothing is a part of its own part, by however many steps."""
    named = {
        own: set(others.split())
        for own, others in zip(sheet.text[name], sheet.text[column], strict=True)
    }

    def reached(start: str) -> set[str]:
        found, waiting = set(), list(named[start])
        while waiting:
            other = waiting.pop()
            if other not in found:
                found.add(other)
                waiting += named.get(other, ())
        return found

    within_itself = [own in reached(own) for own in sheet.text[name]]
    message = "a circle, by which it would be a part of itself; allowed: parts without it"
    sheet.flag(pd.Series(within_itself), [column, name], message)


def _check_pooled(sheet: Sheet) -> None:
    """Events are among n, and n among the patients of the review."""
    t = sheet.typed
    if not {"events", "n", "n_patients"} <= set(t):
        return
    sheet.flag(t.events > t.n, ["events", "n"], "allowed: at most n, which is {n}")
    message = "allowed: at most n_patients, which is {n_patients}"
    sheet.flag(t.n > t.n_patients, ["n", "n_patients"], message)
    message = "allowed: at most n_patients, which is {n_patients}: a study has a patient"
    sheet.flag(t.k_studies > t.n_patients, ["k_studies", "n_patients"], message)
    for column in ("k_studies", "n_patients", "pmid", "doi"):
        if not {"review", column} <= set(sheet.text):
            continue
        first = sheet.text[column].astype(object).groupby(sheet.text.review.astype(object))
        first = first.transform("first")
        differs = sheet.text[column].astype(object).ne(first)
        message = "allowed: {first!r}, as in the other rows of {review}"
        sheet.flag(differs, [column, "review"], message, also={"first": first})


def _check_registration(sheet: Sheet) -> None:
    """A registration is the number of a registry, or several where the table allows that."""
    (field,) = [each for each in sheet.schema["fields"] if each["name"] == "registration"] or [{}]
    if "registries" not in field or "registration" not in sheet.text:
        return
    forms = [re.compile(form) for form in field["registries"]]
    registered = sheet.typed.registration.astype(object)

    def is_number(text):
        # "EudraCT 2022-001366-35" is one number: a registry's name may stand before it.
        rest, numbers = text, 0
        while rest:
            numbers += 1
            found = next((match for form in forms if (match := form.match(rest))), None)
            if found is None:
                return False
            following = rest[found.end() :]
            rest = following.lstrip(" ;,/")
            if following and rest == following:
                return False
        return numbers == 1 or not field.get("single")

    wrong = registered.dropna().map(is_number).eq(False)
    sheet.flag(wrong, ["registration"], "allowed: {form}", form=field["form"])


def _check_source(sheet: Sheet) -> None:
    """Cells made in the body come from nobody's blood, and from no donor's."""
    t = sheet.typed
    if not {"modality", "cell_source"} <= set(t):
        return
    inside = t.modality.astype("str").str.startswith("in vivo")
    wrong = inside & t.cell_source.isin(["autologous", "allogeneic"])
    message = "allowed: in vivo, since modality is {modality}"
    sheet.flag(wrong, ["cell_source", "modality"], message)
    outside = t.cell_source.eq("in vivo") & ~inside & t.modality.ne("other")
    message = "allowed: where the cells come from, since modality is {modality}"
    sheet.flag(outside, ["cell_source", "modality"], message)


def _check_enrolled(sheet: Sheet) -> None:
    """Whoever is treated was enrolled."""
    t = sheet.typed
    if {"n_enrolled", "n_treated"} <= set(t):
        message = "allowed: at least n_treated, which is {n_treated}"
        sheet.flag(t.n_enrolled < t.n_treated, ["n_enrolled", "n_treated"], message)


def _check_planned(sheet: Sheet) -> None:
    """A trial plans a patient at least, and what belongs to another column stands beside it."""
    t = sheet.typed
    if {"planned_n", "status"} <= set(t):
        nobody = t.planned_n.eq(0) & t.status.astype(object).ne("WITHDRAWN")
        message = "allowed: 1 or more, or an empty cell if not known; 0 where status is WITHDRAWN"
        sheet.flag(nobody, ["planned_n", "status"], message)
    for column, other in {"n_type": "planned_n", "endpoint_week": "endpoint"}.items():
        if {column, other} <= set(t):
            message = Message("allowed: an empty cell, since {other} is empty", other=other)
            sheet.flag(t[column].notna() & t[other].isna(), [column, other], message)
    if {"control", "control_arm"} <= set(t):
        without = t.control_arm.notna() & ~t.control.isin(["yes", "with_cells", "former"])
        message = "allowed: an empty cell, unless control is yes, with_cells or former"
        sheet.flag(without, ["control_arm", "control"], message)


def _check_order_of_days(sheet: Sheet) -> None:
    """A trial ends after its start, and no record is younger than its snapshot."""
    t = sheet.typed
    for later, earlier in (("expected_completion", "start"), ("snapshot", "registry_update")):
        if {later, earlier} <= set(t):
            # ISO 8601: the order of the texts is that of the days.
            days = t[[later, earlier]].astype(object).dropna()
            message = Message(
                "allowed: a day not before {earlier}, which is {day}", earlier=earlier
            )
            before = days[later] < days[earlier]
            sheet.flag(before, [later, earlier], message, also={"day": days[earlier]})


def _check_definitions(sheet: Sheet) -> None:
    """Limits of an instrument are in order, and belong to a score; a whole is another outcome."""
    t = sheet.typed
    if not {"code", "domain"} <= set(sheet.text):
        return
    sheet.flag(
        t.minimum >= t.maximum, ["maximum", "minimum"], "allowed: more than minimum, {minimum}"
    )
    for column in ("minimum", "maximum", "whole_numbers"):
        wrong = t[column].notna() & t.domain.ne("activity_score")
        message = "allowed: an empty cell, since domain is {domain} and no activity_score"
        sheet.flag(wrong, [column, "domain"], message)
    itself = pd.Series(
        [
            isinstance(wholes, str) and code in wholes.split()
            for code, wholes in zip(t.code, t.contained_in.astype(object), strict=True)
        ],
        index=t.index,
    )
    sheet.flag(itself, ["contained_in", "code"], "allowed: other outcomes")
    if "contained_in" in sheet.text:
        _check_no_circle(sheet, "code", "contained_in")


def _check_follow_up(sheet: Sheet) -> None:
    """Lengths of follow-up are in order, and no more relapse or die than are there."""
    t = sheet.typed
    lengths = ["at_least", "minimum", "median", "mean", "maximum"]
    if not {"who", "n", "n_followed", "deaths", "time_unit", "range_width", *lengths} <= set(t):
        return
    for column in ("median", "mean", "maximum"):
        message = "allowed: at least minimum, which is {minimum}"
        sheet.flag(t[column] < t.minimum, [column, "minimum"], message)
    for column in ("median", "mean"):
        message = "allowed: at most maximum, which is {maximum}"
        sheet.flag(t[column] > t.maximum, [column, "maximum"], message)
    for column in ("minimum", "median", "mean", "maximum"):
        message = "allowed: at least at_least, which is {at_least}"
        sheet.flag(t[column] < t.at_least, [column, "at_least"], message)
    stated = t[[*lengths, "range_width"]].notna().any(axis=1)
    message = "the cell is empty; allowed: a unit, since a length of follow-up is there"
    sheet.flag(stated & t.time_unit.isna(), ["time_unit", *lengths], message)
    alone = t.who.eq("patient") & t.n.notna() & t.n.ne(1)
    sheet.flag(alone, ["n", "who"], "allowed: 1, since who is patient")
    there = t[["n", "n_followed"]].max(axis=1)
    message = "allowed: at most the {there} patients of the row"
    sheet.flag(t.deaths > there, ["deaths", "n"], message, also={"there": there})
    _check_relapses(sheet, there)
    _check_lengths(sheet)


_COUNT_OF_WORDS = (
    "the cell is empty, and relapse_printed is not; allowed: the number that these words say, 0 if "
    "they say none; words without a number stand in note"
)


def _check_relapses(sheet: Sheet, there: pd.Series) -> None:
    """Patients with a relapse are among those of the row, and a relapse is within their time."""
    t = sheet.typed
    if not {"relapses", "relapse_week", "relapse_timing"} <= set(t):
        return
    message = (
        "allowed: at most the {there} patients of the row; if relapses were counted, and a patient "
        "may have several, relapses_count is events"
    )
    many = (t.relapses > there) & ~t.relapses_count.eq("events")
    sheet.flag(many, ["relapses", "n"], message, also={"there": there})
    for column in ("relapses_count", "relapse_week"):
        message = "allowed: an empty cell, since relapses is empty"
        sheet.flag(t[column].notna() & t.relapses.isna(), [column, "relapses"], message)
    if "relapse_printed" in t:
        said = t.relapse_printed.notna() & t.relapses.isna()
        sheet.flag(said, ["relapses", "relapse_printed"], _COUNT_OF_WORDS)
    dated = t.relapse_week.notna() & t.relapses.eq(0)
    sheet.flag(dated, ["relapse_week", "relapses"], "allowed: an empty cell, since relapses is 0")
    message = "allowed: an empty cell, since relapse_week is empty"
    lost = t.relapse_timing.notna() & t.relapse_week.isna()
    sheet.flag(lost, ["relapse_timing", "relapse_week"], message)
    # Months were rounded to weeks; where others were followed too, their range is no limit.
    weeks = t.maximum * t.time_unit.astype(object).map(WEEKS).astype(float)
    late = (t.relapse_week > weeks + 1) & t.n_followed.isna()
    message = "allowed: at most {weeks}, the weeks of maximum, {maximum} {time_unit}"
    columns = ["relapse_week", "maximum", "time_unit"]
    sheet.flag(late, columns, message, also={"weeks": weeks.map("{:.0f}".format)})


def _check_lengths(sheet: Sheet) -> None:
    """Some times of so many patients have this summary."""
    names = ["minimum", "median", "maximum", "mean", "range_width", "at_least"]
    table = sheet.typed.assign(mean_printed=sheet.text["mean"].astype("str"))
    at_fault, why = pd.Series(index=table.index, dtype="str"), {}
    for place in table.index[table.n.notna() & table.time_unit.notna()]:
        try:
            person_time(table.loc[place])
        except ImpossibleSummaryError as error:
            at_fault[place], why[place] = error.name, str(error)
    at_fault = at_fault.replace("width", "range_width")
    for column in at_fault.dropna().unique():
        message = "no such follow-up of n = {n} exists: {why}"
        also = {"why": pd.Series(why)}
        sheet.flag(at_fault.eq(column), [column, "n", *names], message, also=also)


def person_time(row) -> PersonTime:
    """Return the sharp bounds of the summed follow-up of the patients of a row.

    Parameters
    ----------
    row : Series
        Of the table of follow-up, with ``n`` and ``time_unit``; ``mean_printed`` is its mean as
        text.

    Returns
    -------
    PersonTime
        In years. Where the follow-up is that of more patients (``n_followed``), each of the ``n``
        lies between the extremes of all, and nothing else is known.

    Raises
    ------
    ImpossibleSummaryError
        If no ``n`` patients have such a summary.

    Examples
    --------
    >>> row = {"n": 8, "n_followed": 15, "time_unit": "months", "median": 15, "minimum": 4,
    ...        "maximum": 29, "mean_printed": "", "range_width": None, "at_least": None}
    >>> time = person_time(pd.Series(row))
    >>> round(time.low, 2), round(time.high, 2)
    (2.67, 19.33)
    """
    names = ["minimum", "median", "maximum", "range_width", "at_least"]
    given = {name: float(row[name]) for name in names if pd.notna(row[name])}
    unit = {"unit": "days" if row["time_unit"] == "d" else row["time_unit"]}
    if pd.notna(row["n_followed"]):
        least = max(given.get("minimum", 0), given.get("at_least", 0))
        unit |= {"at_least": least, "at_most": given.get("maximum", float("inf"))}
        return person_time_bounds(int(row["n"]), **unit)
    if "range_width" in given:
        given["width"] = given.pop("range_width")
    if pd.notna(row["mean_printed"]) and row["mean_printed"]:
        given["mean"] = row["mean_printed"]
    return person_time_bounds(int(row["n"]), **given, **unit)


def _check_patient_times(sheet: Sheet) -> None:
    """A patient is followed for some time, and only a relapse has a time of its own kind."""
    t = sheet.typed
    if not {"time", "event", "relapse_timing"} <= set(t):
        return
    message = "allowed: more than 0, as time begins with the first infusion"
    sheet.flag(t.time.eq(0), ["time"], message)
    message = "allowed: an empty cell, since event is {event}"
    no_relapse = t.relapse_timing.notna() & t.event.ne("relapse")
    sheet.flag(no_relapse, ["relapse_timing", "event"], message)


def _check_day(sheet: Sheet, column: str) -> None:
    """A day is one of the calendar."""
    if column not in sheet.text:
        return
    days = sheet.typed[column].astype(object).dropna()
    none = pd.to_datetime(days, format="%Y-%m-%d", errors="coerce").isna()
    sheet.flag(none, [column], "allowed: a day of the calendar, as 2026-08-24")
