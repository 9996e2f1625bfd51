"""What rows say against one another: of one table, and of two.

Rows are about *the same patients* where study, cohort (or arm) and ``n`` agree. A count of a
part, or of an earlier time, never exceeds that of the whole, or of a later one; where a source
counts in a way of its own the row says so in its note, and passes.
"""

from collections.abc import Mapping

import pandas as pd

from lupuscart.data.dictionary import collection_rows
from lupuscart.data.rules import OUTCOME_KEYS, cohort_column
from lupuscart.data.sheet import Sheet
from lupuscart.data.text.signs import skeleton
from lupuscart.words.messages import Message

__all__ = ["check_between", "check_codes", "check_rows", "treated_patients"]


def check_rows(table: str, sheet: Sheet) -> None:
    """Report in `sheet` the rows of `table` that contradict each other."""
    if table in OUTCOME_KEYS:
        for rule in (_check_order, _check_parts, _check_cumulative, _check_names):
            rule(sheet)
    elif table in ("studies", "benchmark_studies"):
        _check_identifiers(sheet)


def check_between(sheets: Mapping[str, Sheet]) -> None:
    """Report what one table says and another contradicts, or does not know."""
    studies = sheets.get("studies")
    if studies is None or "study" not in studies.text:
        return
    for table in ("trials", "follow_up"):
        if table in sheets and "n_treated" in studies.text:
            _check_treated(sheets[table], studies)
    if "patient_times" in sheets and "n_treated" in studies.text:
        _check_how_many(sheets["patient_times"], studies)
    if "follow_up" in sheets:
        _check_flares(sheets)
    if "benchmarks" in sheets and "matches" in sheets["benchmarks"].text:
        # The collection's benchmarks name the collection's reports, in whatever folder they lie.
        known = {*studies.text["study"], *(row["study"] for row in collection_rows("studies"))}
        check_codes(sheets["benchmarks"], "matches", known, studies.file, doubted=True)
    registered = sheets.get("registrations")
    if registered is not None and registered.outcomes and "endpoint" in registered.text:
        check_codes(registered, "endpoint", set(registered.outcomes.codes), "outcomes.csv")


def check_codes(
    sheet: Sheet, column: str, codes: set, where: str, *, doubted: bool = False
) -> None:
    """Report cells that name something `where` does not have."""
    wrong = [bool(set(text.split()) - codes) for text in sheet.text[column]]
    wrong = pd.Series(wrong, index=sheet.text.index)
    if doubted:
        sheet.doubt(wrong, [column], "no code of {where}: is it the right one?", where=where)
    else:
        sheet.flag(wrong, [column], "allowed: codes of {where}, separated by spaces", where=where)


def _check_order(sheet: Sheet) -> None:
    """Of the same patients at one time the smallest value is not above any other, and so on."""
    t = sheet.typed
    keys = _keys(sheet, "outcome", "week", "timing", "n")
    if keys is None or not {"statistic", "value"} <= set(t):
        return
    messages = {
        "minimum": "allowed: no value below {bound}, the minimum of the same patients then",
        "maximum": "allowed: no value above {bound}, the maximum of the same patients then",
    }
    for name, message in messages.items():
        ends = t.statistic.eq(name) & t.value.notna()
        end = t.value[ends].groupby(keys[ends]).first()
        bound = keys.map(end)
        middle = t.statistic.isin(["mean", "median", "minimum", "maximum", "all_equal"])
        wrong = t.value.lt(bound) if name == "minimum" else t.value.gt(bound)
        also = {"bound": bound.map("{:g}".format)}
        sheet.flag(middle & wrong, ["value", "outcome", "statistic", "week"], message, also=also)


def _check_parts(sheet: Sheet) -> None:
    """Of the same patients in the same window no more have a part than its whole."""
    t = sheet.typed
    keys = _keys(sheet, "week", "timing", "n")
    if sheet.outcomes is None or keys is None or not {"outcome", "events", "n"} <= set(t):
        return
    counts = t.events.notna() & t.n.notna() & t.outcome.notna() & keys.notna()
    rows = pd.DataFrame({"key": keys, "outcome": t.outcome.astype(object), "events": t.events})[
        counts
    ]
    parts = rows.assign(whole=rows.outcome.map(sheet.outcomes.wholes)).explode("whole")
    parts = parts.dropna(subset="whole").reset_index(names="place")
    wholes = rows.rename(columns={"outcome": "whole"}).reset_index(names="place_of_whole")
    both = parts.merge(wholes, on=["key", "whole"], suffixes=("", "_of_whole"))
    both = both[both.events > both.events_of_whole].drop_duplicates("place").set_index("place")
    if both.empty:
        return
    broken = pd.Series(data=True, index=both.index)
    also = {
        "whole": both.whole,
        "most": both.events_of_whole,
        "row": pd.Series(sheet.rows[both.place_of_whole], index=both.index),
    }
    message = (
        "allowed: at most {most}, the events of {whole} in row {row}, which {outcome} is part of"
    )
    sheet.flag(broken, ["events", "n", "outcome"], message, also=also, answerable=True)


def _check_cumulative(sheet: Sheet) -> None:
    """What has happened by one week has happened by every later one."""
    t = sheet.typed
    keys = _keys(sheet, "outcome", "n")
    if keys is None or not {"timing", "week", "events", "n"} <= set(t):
        return
    # Seen at a week, it has happened by then; during follow-up is the longest window.
    week = t.week.astype("float64").mask(t.timing.eq("during_followup"), float("inf"))
    cumulative = t.timing.isin(["by", "during_followup"]) & week.notna()
    entered = (cumulative | (t.timing.eq("at") & week.gt(0))) & t.events.notna() & t.n.notna()
    rows = pd.DataFrame({"key": keys, "week": week, "events": t.events.astype("float64")})[entered]
    rows = rows.assign(cumulative=cumulative[entered]).sort_values(["week", "cumulative"])
    most = rows.groupby("key").events.cummax()
    falls = rows.cumulative & rows.events.lt(most)
    message = (
        "allowed: at least {most}, the events of the same patients at an earlier time: what has "
        "happened by one week has happened by every later one"
    )
    also = {"most": most.map("{:.0f}".format)}
    sheet.flag(
        falls.sort_index(), ["events", "n", "week", "timing"], message, also=also, answerable=True
    )


def _check_names(sheet: Sheet) -> None:
    """Two cohorts of a study whose names look alike are one, misspelt."""
    column = cohort_column(sheet)
    if column is None or "study" not in sheet.text:
        return
    t = sheet.typed
    seen = pd.DataFrame({"study": t.study.astype(object), "name": t[column].astype(object)})
    seen = seen.dropna().assign(looks=lambda rows: rows.name.map(skeleton))
    first = seen.groupby(["study", "looks"]).name.transform("first")
    other = seen.name.ne(first)
    message = "looks like {first!r} of the same study; allowed: one way of writing it"
    sheet.flag(other, [column, "study"], message, also={"first": first})


def _keys(sheet: Sheet, *columns: str) -> pd.Series | None:
    """Return what rows about the same patients share, with `columns`; None if one is missing."""
    cohort = cohort_column(sheet)
    if cohort is None or not {"study", *columns} <= set(sheet.typed):
        return None
    names = ["study", cohort, *columns]
    parts = [sheet.typed[name].astype("str").fillna("") for name in names]
    keys = parts[0].str.cat(parts[1:], sep="\n")
    # Who or what a row is about may be at fault; a week may be empty.
    about = [name for name in names if name in ("study", cohort, "outcome")]
    return keys.where(sheet.typed[about].notna().all(axis=1))


def _check_identifiers(sheet: Sheet) -> None:
    """One identifier is one report; two cohorts of one article say so in their notes."""
    for column in ("pmid", "doi"):
        if column not in sheet.text:
            continue
        names = sheet.typed[column].astype(object).dropna().str.casefold()
        first = names.groupby(names).transform(lambda same: same.index[0])
        again = first.ne(first.index.to_series())
        row = {"row": pd.Series(sheet.rows[first.to_numpy(dtype=int)], index=first.index)}
        message = "the same as in row {row}; allowed: one report for each"
        sheet.flag(again, [column], message, also=row, answerable=True)


def _check_treated(sheet: Sheet, studies: Sheet) -> None:
    """No more lupus patients than were treated; `basket` says whether others were counted."""
    t = sheet.typed
    if not {"study", "n"} <= set(sheet.text):
        return
    treated = t.study.astype(object).map(treated_patients(studies)).astype("Int64")
    only_lupus = t["basket"].eq("no") if "basket" in t else pd.Series(data=True, index=t.index)
    also = {"treated": treated}
    message = Message(
        "allowed: at most {treated}, the n_treated of {study} in {file}", file=studies.file
    )
    columns = [name for name in ("study", "basket", "n") if name in sheet.text]
    for column in ("n", "events"):
        if column in sheet.text:
            over = only_lupus & (t[column] > treated)
            sheet.flag(over, [column, *columns], message, also=also)


def _check_how_many(sheet: Sheet, studies: Sheet) -> None:
    """No cohort has the times of more patients than were treated."""
    if not {"study", "cohort"} <= set(sheet.text):
        return
    place = sheet.text.groupby(["study", "cohort"], observed=True).cumcount() + 1
    treated = sheet.typed.study.astype(object).map(treated_patients(studies)).astype("Int64")
    message = "patient {place} of the cohort; allowed: at most {treated}, the n_treated of {study}"
    also = {"treated": treated, "place": place}
    sheet.flag(place > treated, ["patient", "study", "cohort"], message, also=also)


def _check_flares(sheets: Mapping[str, Sheet]) -> None:
    """The follow-up of a cohort has every patient whose flare another table has.

    A page says of an empty cell that the report does not mention flares.
    """
    sheet = sheets["follow_up"]
    if not {"study", "cohort", "n", "relapses"} <= set(sheet.text):
        return
    keys = _flare_keys(sheet.typed)
    for table, counted in (("trials", _flares_counted), ("patient_times", _flares_dated)):
        if table not in sheets:
            continue
        found, file = counted(sheets[table]), sheets[table].file
        at_least = keys.map(found.groupby(found.key).flared.max()).astype("Int64")
        also = {"flared": at_least}
        known = at_least.notna().to_numpy(dtype=bool)
        allowed = Message(
            "allowed: at least {flared}, the patients with a flare in {file}", file=file
        )
        empty = known & sheet.typed.relapses.isna()
        sheet.flag(
            empty, ["relapses", "study"], "the cell is empty; {allowed}", also=also, allowed=allowed
        )
        fewer = known & sheet.typed.relapses.lt(at_least).fillna(value=False)
        sheet.flag(fewer, ["relapses", "study"], allowed, also=also)


def _flare_keys(rows) -> pd.Series:
    """Who a row is about: study, cohort and how many they are, which may not be known."""
    keys = zip(rows["study"], rows["cohort"], rows["n"].astype("Int64"), strict=True)
    return pd.Series(["\n".join(map(str, key)) for key in keys], index=rows.index, dtype=object)


def _flares_counted(trials: Sheet) -> pd.DataFrame:
    t = trials.typed
    if not {"study", "cohort", "n", "outcome", "events"} <= set(t):
        return pd.DataFrame({"key": [], "flared": []})
    rows = t[t.outcome.eq("flare").fillna(value=False).astype(bool) & t.events.notna()]
    return pd.DataFrame({"key": _flare_keys(rows), "flared": rows.events})


def _flares_dated(patients: Sheet) -> pd.DataFrame:
    """Of each cohort with a time for every patient how many had a flare."""
    t = patients.typed
    if not {"study", "cohort", "event"} <= set(t):
        return pd.DataFrame({"key": [], "flared": []})
    flared = t.event.eq("relapse").fillna(value=False).astype(int)
    groups = flared.groupby([t[name].astype(object) for name in ("study", "cohort")])
    rows = groups.agg(n="size", flared="sum").reset_index().astype({"n": "Int64"})
    return pd.DataFrame({"key": _flare_keys(rows), "flared": rows.flared})


def treated_patients(studies: Sheet) -> pd.Series:
    """Return n_treated by study, where it is known."""
    s = studies.typed[["study", "n_treated"]].dropna().drop_duplicates("study")
    return s.assign(study=s.study.astype(object)).set_index("study").n_treated
