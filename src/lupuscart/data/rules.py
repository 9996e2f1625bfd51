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
reported again. A rule whose columns the header does not have is passed over.
"""

import pandas as pd

from lupuscart.data.sheet import Sheet

__all__ = ["check_rules"]

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
    elif table == "studies":
        _check_overlaps(sheet)
    elif table == "reviews":
        _check_pooled(sheet)


def _check_numbers(sheet: Sheet) -> None:
    """A count row has events and n and no value; a value row the reverse."""
    t = sheet.typed
    if not {"statistic", "events", "n", "value"} <= set(t):
        return
    counted, valued = t.statistic.isin(COUNTS), ~t.statistic.isin(COUNTS)
    since = "since statistic is {statistic}"
    filled = f"the cell is empty; allowed: a number, {since}"
    blank = f"allowed: an empty cell, {since}"
    sheet.flag(counted & t.events.isna(), ["events", "statistic"], filled)
    sheet.flag(t.statistic.eq("count") & t.n.isna(), ["n", "statistic"], filled)
    sheet.flag(t.statistic.eq("events_only") & t.n.notna(), ["n", "statistic"], blank)
    sheet.flag(counted & t.value.notna(), ["value", "statistic"], blank)
    sheet.flag(valued & t.events.notna(), ["events", "statistic"], blank)
    sheet.flag(valued & t.value.isna(), ["value", "statistic"], filled)
    sheet.flag(t.events > t.n, ["events", "n"], "allowed: at most n, which is {n}")
    alone = t.statistic.eq("individual") & t.n.ne(1).fillna(True)
    sheet.flag(alone, ["n", "statistic"], f"allowed: 1, {since}")
    share = t.statistic.eq("percent") & ~t.value.between(0, 100)
    sheet.flag(share, ["value", "statistic"], f"allowed: 0 to 100, {since}")
    below = (t.value < 0) & ~t.statistic.isin(CHANGES)
    sheet.flag(below, ["value", "statistic"], f"allowed: 0 or more, {since}, no change")
    rise = t.statistic.eq("largest_fall") & (t.value > 0)
    sheet.flag(rise, ["value", "statistic"], f"allowed: 0 or less, {since}: a fall is negative")


def _check_outcome(sheet: Sheet) -> None:
    """An outcome belongs to one domain; activity scores have values, the others counts."""
    t = sheet.typed
    if not {"outcome", "statistic", "events", "value"} <= set(t):
        return
    (outcome,) = (each for each in sheet.schema["fields"] if each["name"] == "outcome")
    domain_of = {code: name for name, codes in outcome["domains"].items() for code in codes}
    domain = t.outcome.map(domain_of)
    score, rate = domain.eq("activity_score"), t.statistic.isin([*COUNTS, "percent"])
    columns = ["statistic", "outcome", "events", "value"]
    sheet.flag(score & rate, columns, "allowed: a mean or another value, {outcome} is a score")
    sheet.flag(
        ~score & ~rate, columns, "allowed: count, events_only, percent: {outcome} is counted"
    )
    if "domain" in t:
        for name, codes in outcome["domains"].items():
            wrong = t.outcome.isin(codes) & t.domain.ne(name)
            sheet.flag(
                wrong,
                ["domain", "outcome", "statistic"],
                f"allowed: {name}, since outcome is {{outcome}}",
            )


def _check_time(sheet: Sheet) -> None:
    """A week stands where `timing` speaks of one; baseline is at week 0."""
    t = sheet.typed
    if not {"week", "timing"} <= set(t):
        return
    since = "since timing is {timing}"
    timed = t.timing.isin(TIMED) & t.week.isna()
    sheet.flag(timed, ["week", "timing"], f"the cell is empty; allowed: a week, {since}")
    untimed = t.timing.isin(UNTIMED) & t.week.notna()
    sheet.flag(untimed, ["week", "timing"], f"allowed: an empty cell, {since}")
    baseline = t.week.eq(0) & t.timing.ne("at")
    sheet.flag(baseline, ["timing", "week"], "allowed: at, since week is 0")


def _check_spread(sheet: Sheet) -> None:
    """A spread and its kind stand together, can be read, and hold the value."""
    t = sheet.typed
    if not {"statistic", "value", "spread_kind", "spread"} <= set(t):
        return
    since = "since spread_kind is {spread_kind}"
    nameless = t.spread.notna() & t.spread_kind.isna()
    sheet.flag(nameless, ["spread_kind", "spread"], "the cell is empty; allowed: what spread is")
    without = t.spread_kind.notna() & t.spread.isna()
    sheet.flag(without, ["spread", "spread_kind"], f"the cell is empty; allowed: a spread, {since}")
    t = t[t.spread.notna() & t.spread_kind.notna()]
    counted = t.statistic.isin(COUNTS)
    sheet.flag(
        counted, ["spread", "statistic"], "allowed: an empty cell, since statistic is a count"
    )
    spread = t.spread.astype("str")
    single = spread.str.fullmatch(_SINGLE)
    allowed = f"allowed: one number of 0 or more, {since}"
    sheet.flag(~t.spread_kind.isin(PAIRS) & ~single, ["spread", "spread_kind"], allowed)
    pair = spread.str.extract(_PAIR).astype("float64")
    unpaired = t.spread_kind.isin(PAIRS) & ~(pair[0] <= pair[1])
    allowed = f"allowed: the lower and the higher number, such as 10-22, {since}"
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
    since = "since basis is derived_from_percent"
    columns = ["basis", "statistic", "events", "n"]
    sheet.flag(t.statistic.ne("count"), columns, "allowed: for a count only")
    printed = t.locator.astype("str").str.extract(_BRACKETED_PERCENT)
    allowed = f"allowed: the printed percentage in brackets, such as abstract (86.7%), {since}"
    sheet.flag(printed[0].isna(), ["locator", "basis"], allowed)
    # A percentage printed with d decimals stands for anything within half a unit of the last.
    half_unit = 0.5 * 10.0 ** -printed[1].str.len().fillna(0)
    percent, n = printed[0].astype("float64"), t.n.astype("float64")

    def rounds(events):
        near = (100 * events / n - percent).abs() <= half_unit + 1e-9
        return near & events.between(0, n)

    events = t.events.astype("float64")
    only = rounds(events) & ~rounds(events - 1) & ~rounds(events + 1)
    allowed = (
        f"allowed: the only count of {{n}} that rounds to the percentage in {{locator}}, {since}"
    )
    sheet.flag(~only, ["events", "n", "locator", "basis", "statistic"], allowed)


def _check_overlaps(sheet: Sheet) -> None:
    """`overlaps_with` names other studies of the table."""
    if not {"study", "overlaps_with"} <= set(sheet.text):
        return
    known = set(sheet.text["study"])
    pairs = zip(sheet.text["study"], sheet.text["overlaps_with"], strict=True)
    wrong = [bool(set(others.split()) - (known - {study})) for study, others in pairs]
    message = "allowed: other studies of this table, separated by spaces"
    sheet.flag(pd.Series(wrong), ["overlaps_with", "study"], message)


def _check_pooled(sheet: Sheet) -> None:
    """Events are among n, and n among the patients of the review."""
    t = sheet.typed
    if not {"events", "n", "n_patients"} <= set(t):
        return
    sheet.flag(t.events > t.n, ["events", "n"], "allowed: at most n, which is {n}")
    message = "allowed: at most n_patients, which is {n_patients}"
    sheet.flag(t.n > t.n_patients, ["n", "n_patients"], message)
