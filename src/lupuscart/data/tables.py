"""Read the tables of reported outcomes: the only module that does.

Vocabulary
----------
trials
    one row is one reported outcome of one cohort at one time.
studies
    one row is one report of one cohort treated with an engineered cell.
benchmarks, benchmark_studies
    the same for arms treated without an engineered cell.
claims, reviews
    a news report beside its sources; pooled counts that reviews print.
follow_up, patient_times, announcements, registrations
    how long each cohort, or each patient, was followed; what was announced without a
    denominator; which trials are registered.
outcomes
    what each outcome is: the collection's, and those a folder defines itself.
sister tables
    the tables in the folder of a trials table, whatever that one is called.
workbook
    an ``.xlsx`` in place of the trials table. Its sheets are the tables; one that it does not
    have, or has without a row, is the CSV of that name beside it.

What is loaded has been checked: against the Table Schema of ``datapackage.json``,
against the tables it refers to, and against rules that join several columns. A table
with problems is refused whole, with all of them in one `DataError`. A folder has trials and
studies; every other table may be missing, and then has no row (`_Folder`).
"""

import functools
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lupuscart.arguments import check_choice, check_whole
from lupuscart.data import outcomes
from lupuscart.data.contradictions import check_between, check_codes, check_rows
from lupuscart.data.dictionary import (
    REQUIRED_TABLES,
    note_as_read,
    table_files,
    table_schema,
    use_folder_of,
)
from lupuscart.data.doubts import find_doubts, find_doubts_between
from lupuscart.data.outcomes import Outcomes
from lupuscart.data.problems import DataError, Problem
from lupuscart.data.rules import check_rules
from lupuscart.data.sheet import Sheet
from lupuscart.data.text.cells import UnreadableError
from lupuscart.data.workbook.form import table_of
from lupuscart.data.workbook.read import Grid, has_rows, read_workbook
from lupuscart.words.lexicon import word
from lupuscart.words.messages import Message

__all__ = [
    "DataError",
    "Examination",
    "Problem",
    "check_data",
    "examine",
    "load_announcements",
    "load_benchmark_studies",
    "load_benchmarks",
    "load_claims",
    "load_follow_up",
    "load_outcomes",
    "load_patient_times",
    "load_registrations",
    "load_reviews",
    "load_studies",
    "load_trials",
    "select_trials",
    "tables_as_text",
    "with_studies",
]

TRIALS_CSV = "../data/trials.csv"

# What these say of a report means nothing where the report is not in the folder: a reader who
# keeps the collection's tables beside studies of their own loses nothing by it.
_ABOUT_REPORTS = ("follow_up", "patient_times", "announcements")

_ALLOWED = (
    "allowed: the path of a workbook (.xlsx), or of a CSV file with its sister tables in the same "
    "folder"
)

_WORKBOOKS = (".xlsx", ".xlsm")
_SHEETS = "a sheet for each table, named as the CSV is: trials, studies"

_UNENDING = (
    "a pipe or a device, which has no folder for the sister tables and may never end: save it "
    "as a file; {allowed}"
)


def load_trials(trials_csv=TRIALS_CSV) -> pd.DataFrame:
    """Return the reported outcomes, checked and typed, in the order of the file.

    Parameters
    ----------
    trials_csv : str or path
        The trials table; ``studies.csv`` is read from the same folder.

    Returns
    -------
    DataFrame
        The columns of the file (``week``, ``events``, ``n``: ``Int64``; ``value``:
        ``float64``; texts: ``str``) and ``value_printed``, the text of ``value`` with
        the decimals that the source prints.

    Raises
    ------
    DataError
        With every problem of both tables.

    Examples
    --------
    >>> trials = load_trials("data/trials.csv")
    >>> trials.loc[0, ["study", "outcome"]].tolist()
    ['feng_2025', 'lldas_and_doris']
    """
    return _load_outcomes("trials", trials_csv)


def load_studies(trials_csv=TRIALS_CSV) -> pd.DataFrame:
    """Return the reports from ``studies.csv`` in the folder of `trials_csv`.

    Examples
    --------
    >>> studies = load_studies("data/trials.csv")
    >>> studies.loc[studies.role == "core", "study"].tolist()
    ['feng_2025', 'wang_x_2025', 'wang_q_2025']
    """
    return _load("studies", trials_csv).table()


def load_benchmarks(trials_csv=TRIALS_CSV) -> pd.DataFrame:
    """Return outcomes of arms without an engineered cell, typed as `load_trials` does.

    Read from ``benchmarks.csv`` and ``benchmark_studies.csv`` in the folder of
    `trials_csv`.

    Examples
    --------
    >>> benchmarks = load_benchmarks("data/trials.csv")
    >>> benchmarks.loc[0, ["study", "arm"]].tolist()
    ['petri_2010', 'high-dose cyclophosphamide']
    """
    return _load_outcomes("benchmarks", trials_csv)


def load_benchmark_studies(trials_csv=TRIALS_CSV) -> pd.DataFrame:
    """Return the reports from ``benchmark_studies.csv`` in the folder of `trials_csv`.

    Examples
    --------
    >>> load_benchmark_studies("data/trials.csv").loc[0, "design"]
    'randomised trial'
    """
    return _load("benchmark_studies", trials_csv).table()


def load_claims(trials_csv=TRIALS_CSV) -> pd.DataFrame:
    """Return the news report beside its sources, from ``claims.csv``.

    ``studies.csv`` is read too: a claim is about one of its studies, or about the
    disease.

    Examples
    --------
    >>> load_claims("data/trials.csv").loc[0, "verdict"]
    'stricter in the source'
    """
    return _load("claims", trials_csv).table()


def load_reviews(trials_csv=TRIALS_CSV) -> pd.DataFrame:
    """Return the pooled counts that reviews print, from ``reviews.csv``.

    Examples
    --------
    >>> load_reviews("data/trials.csv").loc[0, ["review", "outcome"]].tolist()
    ['sar_2025', 'doris']
    """
    return _load("reviews", trials_csv).table()


def load_follow_up(trials_csv=TRIALS_CSV) -> pd.DataFrame:
    """Return how long each cohort or patient was followed, from ``follow_up.csv``.

    A folder of one's own need not have it: then there are no rows. ``mean_printed`` is the text of
    ``mean``: its decimals decide what it can stand for.

    Examples
    --------
    >>> load_follow_up("data/trials.csv").loc[0, ["study", "time_unit"]].tolist()
    ['feng_2025', 'd']
    """
    return _load("follow_up", trials_csv).table(printed="mean")


def load_patient_times(trials_csv=TRIALS_CSV) -> pd.DataFrame:
    """Return the times of single patients, from ``patient_times.csv``; a folder need not have it.

    Examples
    --------
    >>> load_patient_times("data/trials.csv").loc[0, ["patient", "event"]].tolist()
    ['A1', 'end_of_follow_up']
    """
    return _load("patient_times", trials_csv).table()


def load_announcements(trials_csv=TRIALS_CSV) -> pd.DataFrame:
    """Return what was announced without a denominator, from ``announcements.csv``.

    A folder of one's own may have nothing announced.

    Examples
    --------
    >>> load_announcements("data/trials.csv").loc[0, ["study", "what"]].tolist()
    ['rapcabtagene_2026', 'deaths']
    """
    return _load("announcements", trials_csv).table()


def load_registrations(trials_csv=TRIALS_CSV) -> pd.DataFrame:
    """Return the registered trials, from ``registrations.csv``.

    Examples
    --------
    >>> "NCT06379646" in set(load_registrations("data/trials.csv")["registration"])
    True
    """
    return _load("registrations", trials_csv).table()


def load_outcomes(trials_csv=TRIALS_CSV) -> pd.DataFrame:
    """Return what every outcome is: those of the collection, and the folder's own.

    ``outcomes.csv`` in the folder of `trials_csv` may define further outcomes, or some of the
    collection's anew; without it the collection's hold.

    Examples
    --------
    >>> outcomes = load_outcomes("data/trials.csv")
    >>> outcomes.loc[outcomes.code == "crs_grade3plus", ["domain", "contained_in"]].values.tolist()
    [['safety', 'crs_any']]
    """
    return _open("outcomes", trials_csv).outcomes.table.copy()


def tables_as_text(trials_csv=TRIALS_CSV) -> tuple[dict[str, str], str]:
    """Return what a folder or a workbook holds as texts that a folder can be written from.

    Returns
    -------
    dict of str to str
        File name to content: as it is where it is UTF-8, else as CSV with commas.
    str
        Which of them is the table of trials.

    Raises
    ------
    DataError
        If a table cannot be read.

    Examples
    --------
    >>> texts, trials = tables_as_text("data/trials.csv")
    >>> trials, texts["studies.csv"][:18]
    ('trials.csv', 'study,first_author')
    """
    return _Folder(trials_csv).texts()


@dataclass(frozen=True)
class Examination:
    """What was found in a folder of tables.

    Attributes
    ----------
    problems : list of Problem
        What is wrong; nothing is shown until it is put right.
    warnings : list of Problem
        What is odd and may be right.
    repairs : list of Problem
        What was put right on reading, without a change to any value.
    rows : int
        Rows that were read, in all tables.
    """

    problems: list[Problem]
    warnings: list[Problem]
    repairs: list[Problem]
    rows: int


def examine(trials_csv=TRIALS_CSV) -> Examination:
    """Examine a trials table and its sisters.

    ``studies.csv`` must be there; the other sisters are examined where they are, and one that
    another refers to must be there with it.

    Examples
    --------
    >>> examination = examine("data/trials.csv")
    >>> examination.problems, examination.warnings
    ([], [])
    """
    folder = _Folder(trials_csv, doubts=True)
    sheets = list(folder.sheets.values())
    repairs = [
        Problem(sheet.file, None, "", "", repair) for sheet in sheets for repair in sheet.repairs
    ]
    return Examination(
        problems=folder.problems(folder.files),
        warnings=[doubt for sheet in sheets for doubt in sheet.doubts],
        repairs=repairs,
        rows=sum(len(sheet.rows) for sheet in sheets),
    )


def check_data(trials_csv=TRIALS_CSV) -> tuple[list[Problem], int]:
    """Return every problem of a trials table and its sisters, and the rows checked.

    `examine` returns the warnings too.

    Examples
    --------
    >>> problems, rows = check_data("data/trials.csv")
    >>> problems, rows > 200
    ([], True)
    """
    folder = _Folder(trials_csv)
    return folder.problems(folder.files), sum(len(sheet.rows) for sheet in folder.sheets.values())


def select_trials(
    trials: pd.DataFrame,
    studies: pd.DataFrame,
    *,
    study=None,
    outcome=None,
    domain=None,
    week=None,
    timing=None,
    statistic=None,
    read_in=None,
    role=None,
    conditioning=None,
) -> pd.DataFrame:
    """Return the chosen rows in reading order.

    Parameters
    ----------
    trials, studies : DataFrame
        As loaded; benchmarks and their studies work too.
    study, outcome, domain, week, timing, statistic, read_in : value or list, optional
        Keep rows that have one of these; None keeps all.
    role, conditioning : value or list, optional
        The same for a fact about the study.

    Returns
    -------
    DataFrame
        Rows of `trials` with their index, so ``trials.drop(chosen.index)`` is what was
        left out. Reading order: studies as their table has them, outcomes as the
        dictionary has them, then cohort, week, timing and statistic; it does not
        depend on the order of the rows in the file.

    Raises
    ------
    ValueError
        If a value occurs nowhere in the rows, or no row has them all; says what exists.

    Examples
    --------
    >>> trials, studies = load_trials("data/trials.csv"), load_studies("data/trials.csv")
    >>> chosen = select_trials(trials, studies, outcome="sri4", role="core")
    >>> chosen[["study", "week", "events", "n"]].values.tolist()
    [['wang_x_2025', 13, 5, 5], ['wang_x_2025', 26, 5, 5]]
    >>> select_trials(trials, studies, outcome="sri5")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: outcome is 'sri5'; did you mean 'sri4'? Allowed: lldas_and_doris, ...
    """
    asked = {
        "study": study,
        "outcome": outcome,
        "domain": domain,
        "week": week,
        "timing": timing,
        "statistic": statistic,
        "read_in": read_in,
        "role": role,
        "conditioning": conditioning,
    }
    if trials.empty:
        raise ValueError("trials has no rows; allowed: at least one")
    ordered = trials.iloc[_reading_order(trials, studies)]
    # Only the facts that are asked for: joining the others takes longer than all the rest.
    facts = with_studies(ordered, studies[[name for name in studies if name in asked]])
    masks = {
        name: _matches(name, wanted, facts) for name, wanted in asked.items() if wanted is not None
    }
    chosen = np.logical_and.reduce([np.ones(len(facts), dtype=bool), *masks.values()])
    if not chosen.any():
        raise ValueError(_nothing_chosen(facts, asked, masks))
    return ordered[chosen]


def with_studies(trials: pd.DataFrame, studies: pd.DataFrame) -> pd.DataFrame:
    """Return `trials` with the facts of each row's study in further columns.

    Parameters
    ----------
    trials : DataFrame
        Any table with a column ``study``.
    studies : DataFrame
        One row a study.

    Returns
    -------
    DataFrame
        Rows and index as in `trials`. A column that both have keeps its name in
        `trials`; that of `studies` gets the suffix ``_of_study``.

    Raises
    ------
    ValueError
        If a study is not in `studies`.

    Examples
    --------
    >>> trials, studies = load_trials("data/trials.csv"), load_studies("data/trials.csv")
    >>> with_studies(trials, studies).loc[0, "conditioning"]
    'fludarabine+cyclophosphamide'
    """
    for study in trials["study"].unique():
        check_choice("study", study, studies["study"])
    joined = trials.merge(
        studies, on="study", how="left", suffixes=("", "_of_study"), validate="many_to_one"
    )
    return joined.set_index(trials.index)


def _load(table: str, trials_csv) -> Sheet:
    return _open(table, trials_csv).sheets[table]


def _open(table: str, trials_csv) -> "_Folder":
    """Return the folder if `table` and what it refers to are sound, and use its outcomes."""
    needed = [table, *_references(table)]
    folder = _Folder(trials_csv, needed)
    problems = folder.problems(needed)
    if problems:
        raise DataError(problems)
    outcomes.use(folder.outcomes)
    use_folder_of(trials_csv)
    return folder


def _load_outcomes(table: str, trials_csv) -> pd.DataFrame:
    return _load(table, trials_csv).table(printed="value")


class _Folder:
    """The tables of a folder: each is read now, and parsed and checked once while it stays.

    Given `tables`, only those are read, and the folder's own definitions: what a page has not
    asked for is no reason to run it again. A table that may be missing and is missing is read as
    its header alone. What is odd and stops nothing is looked for only where `doubts` are asked for.
    """

    def __init__(self, trials_csv, tables: Iterable[str] | None = None, *, doubts: bool = False):
        self.files = table_files(trials_csv)
        self.sheets_of_workbook = _sheets_of_workbook(self.files["trials"])
        wanted = set(self.files) if tables is None else {"outcomes", *tables}
        contents = {name: self._read(name) for name in self.files if name in wanted}
        self.unreadable = {
            name: each for name, each in contents.items() if isinstance(each, Problem)
        }
        self.sheets, self.outcomes = _examine(
            tuple(
                (name, self._file(name), each)
                for name, each in contents.items()
                if not isinstance(each, Problem)
            ),
            doubts,
        )

    def _file(self, table: str) -> str:
        """Return what problems call the file of a table, with its sheet if it is one."""
        path = self.files[table]
        title, _ = self.sheets_of_workbook.get(table, ("", None))
        if not title:
            return path.name
        return word("file_and_sheet", file=self.files["trials"].name, sheet=title)

    def _read(self, table: str) -> bytes | Grid | Problem:
        if table in self.sheets_of_workbook:
            _, content = self.sheets_of_workbook[table]
            return content
        if self._is_there(table):
            return _read_file(self.files[table])
        needed_by = [
            self._file(other)
            for other in self.files
            if table in _references(other) and self._is_there(other)
        ]
        if table in REQUIRED_TABLES and self.sheets_of_workbook:
            return self._missing_sheet(table)
        if table in REQUIRED_TABLES or (needed_by and table != "outcomes"):
            return _missing_file(self.files[table], needed_by if table != "trials" else [])
        # A page without it runs again once the file is there.
        note_as_read(self.files[table])
        return _header(table)

    def _missing_sheet(self, table: str) -> Problem:
        beside = self.files[table].name
        message = Message(
            "no sheet {table}, and no {beside} beside it; allowed: {sheets}",
            table=table,
            beside=beside,
            sheets=_SHEETS,
        )
        return Problem(self.files["trials"].name, None, "", "", message)

    def _is_there(self, table: str) -> bool:
        """Whether the folder has a file for a table; a trials table may have any sister's name."""
        path = self.files[table]
        if table in self.sheets_of_workbook:
            return True
        return os.path.lexists(path) and (table == "trials" or path != self.files["trials"])

    def texts(self) -> tuple[dict[str, str], str]:
        """Return the tables that are there as texts by file name, and which has the trials."""
        if self.unreadable:
            raise DataError(self.unreadable.values())
        names = {table: path.name for table, path in self.files.items()}
        names |= {table: f"{table}.csv" for table in self.sheets_of_workbook}
        there = [table for table in self.files if self._is_there(table)]
        texts = {names[table]: self._text(table) for table in there}
        return texts, names["trials"]

    def _text(self, table: str) -> str:
        if table not in self.sheets_of_workbook:
            try:
                return self.files[table].read_text(encoding="utf-8-sig")
            except UnicodeDecodeError:
                pass
        return self.sheets[table].text.to_csv(index=False, lineterminator="\n")

    def problems(self, tables: Iterable[str]) -> list[Problem]:
        """Return every problem of these tables, file by file."""
        tables = dict.fromkeys(tables)
        if "trials" in tables and "trials" in self.unreadable:
            # No sister is looked for beside a table that is not there.
            return [self.unreadable["trials"]]
        lacking = [self.unreadable[name] for name in tables if name in self.unreadable]
        sheets = [self.sheets[name] for name in tables if name in self.sheets]
        return lacking + [problem for sheet in sheets for problem in sheet.problems]


def _sheets_of_workbook(path: Path) -> dict[str, tuple[str, Grid | Problem]]:
    """Return the sheets that hold a table, with their titles; none if the file is a CSV."""
    if path.suffix.lower() not in _WORKBOOKS:
        return {}
    raw = _read_file(path)
    if isinstance(raw, Problem):
        return {"trials": ("", raw)}
    try:
        sheets = read_workbook(raw)
    except UnreadableError as error:
        return {"trials": ("", Problem(path.name, None, "", "", error.message))}
    found: dict[str, tuple[str, Grid | Problem]] = {}
    for title, grid in sheets.items():
        table = table_of(title)
        if table is None or not (has_rows(grid) or table in REQUIRED_TABLES):
            continue
        if table in found:
            message = Message(
                "a second sheet of {table}, beside {first}; allowed: one",
                table=table,
                first=found[table][0],
            )
            return {"trials": ("", Problem(path.name, None, "", title, message))}
        found[table] = title, grid
    lacking = [table for table in REQUIRED_TABLES if table not in found]
    if "trials" in lacking:
        message = Message(
            "no sheet {tables}; allowed: {sheets}", tables=", ".join(lacking), sheets=_SHEETS
        )
        return {"trials": ("", Problem(path.name, None, "", ", ".join(sheets), message))}
    return found


@functools.lru_cache(maxsize=16)
def _examine(
    contents: tuple[tuple[str, str, bytes | Grid], ...], doubts: bool
) -> tuple[dict[str, Sheet], Outcomes]:
    """Return the checked sheets of these files, and the outcomes that they may use."""
    raws = {table: (file, raw) for table, file, raw in contents}
    own, usable, defined = None, outcomes.collection_outcomes(), True
    if "outcomes" in raws:
        own, usable = _define(*raws["outcomes"])
        defined = not own.problems
    check = _check_and_doubt if doubts else _check
    # Where the definitions are at fault, no outcome is blamed for lacking one.
    sheets = {
        table: own
        if table == "outcomes"
        else check(table, file, raw, usable if defined and _names_outcomes(table) else None)
        for table, (file, raw) in raws.items()
    }
    sheets = {table: sheet.copy() for table, sheet in sheets.items()}
    for table in sheets:
        _check_references(table, sheets)
    filled = {table: sheet for table, sheet in sheets.items() if len(sheet.rows)}
    check_between(filled)
    if doubts:
        find_doubts_between(filled)
    return sheets, usable


@functools.lru_cache(maxsize=8)
def _define(file: str, raw: bytes | Grid) -> tuple[Sheet, Outcomes]:
    """Return a folder's own definitions, and the outcomes that it may use with them."""
    own, usable = _check("outcomes", file, raw, None).copy(), outcomes.collection_outcomes()
    if "code" in own.text and "contained_in" in own.text:
        known = {*usable.codes, *own.text["code"]}
        check_codes(own, "contained_in", known, "outcomes.csv")
    return own, usable if own.problems else usable.extended(own.table())


@functools.lru_cache(maxsize=32)
def _check(table: str, file: str, raw: bytes | Grid, usable: Outcomes | None) -> Sheet:
    """Return a table with the problems that it has by itself: parsed once while it stays."""
    sheet = Sheet(table, file, raw, outcomes=usable)
    if len(sheet.rows):
        check_rules(table, sheet)
        check_rows(table, sheet)
    return sheet


@functools.lru_cache(maxsize=32)
def _check_and_doubt(table: str, file: str, raw: bytes | Grid, usable: Outcomes | None) -> Sheet:
    """Return the same with what is odd in the table by itself."""
    sheet = _check(table, file, raw, usable).copy()
    if len(sheet.rows):
        find_doubts(table, sheet)
    return sheet


def _names_outcomes(table: str) -> bool:
    """Whether other definitions of outcomes are a reason to check a table again."""
    return any(field["name"] in ("outcome", "endpoint") for field in table_schema(table)["fields"])


def _read_file(path: Path) -> bytes | Problem:
    try:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode):
            return path.read_bytes()
        fault = "a folder; {allowed}" if stat.S_ISDIR(mode) else _UNENDING
        message = Message(fault, allowed=_ALLOWED)
    except FileNotFoundError:
        return _missing_file(path)
    except OSError as error:
        said = "cannot be read ({reason}); {allowed}"
        message = Message(said, reason=error.strerror, allowed=_ALLOWED)
    return Problem(str(path), None, "", "", message)


def _missing_file(path: Path, needed_by: Iterable[str] = ()) -> Problem:
    pages = ", ".join(needed_by)
    fault = "no such file, and needed by {pages}; {allowed}" if pages else "no such file; {allowed}"
    message = Message(fault, pages=pages, allowed=_ALLOWED)
    return Problem(str(path), None, "", "", message)


def _header(table: str) -> bytes:
    """Return a table of this kind without rows."""
    return ",".join(field["name"] for field in table_schema(table)["fields"]).encode("utf-8")


def _references(table: str) -> list[str]:
    # Beside a study a claim may name the disease, which no foreign key can say.
    named = ["studies"] if table == "claims" else []
    keys = table_schema(table).get("foreignKeys", [])
    return [*dict.fromkeys(named + [key["reference"]["resource"] for key in keys])]


def _check_references(table: str, sheets: dict[str, Sheet]) -> None:
    for reference in _references(table):
        other = sheets.get(reference)
        if reference == "outcomes" or other is None or "study" not in other.text:
            continue
        if "study" not in sheets[table].text:
            continue
        known, where = other.typed["study"].dropna().tolist(), other.file
        if table in _ABOUT_REPORTS:
            study = sheets[table].typed["study"].astype(object)
            foreign = study.notna() & ~study.isin(known)
            message = Message("no study of {where}: the row is left out", where=where)
            sheets[table].leave_out(foreign, "study", message)
            continue
        if table == "claims":
            known, where = [*known, "disease"], Message("{where}, or disease", where=where)
        sheets[table].check_study(known, where)


def _matches(name: str, wanted, facts: pd.DataFrame) -> np.ndarray:
    """Return where column `name` has a wanted value; each of them must occur in it."""
    if name not in facts:
        raise ValueError(f"{name} is {wanted!r}; allowed: None, these rows have no {name}")
    existing = facts[name].dropna().unique().tolist()
    values = [wanted] if isinstance(wanted, str) or not isinstance(wanted, Iterable) else [*wanted]
    if not values:
        raise ValueError(f"{name} is empty; allowed: {', '.join(map(str, existing))}")
    for value in values:
        if name != "week":
            check_choice(name, value, existing)
        elif check_whole("week", value, minimum=0) not in existing:
            raise ValueError(f"week is {value}; allowed: {', '.join(map(str, sorted(existing)))}")
    return facts[name].isin(values).to_numpy(dtype=bool)


def _nothing_chosen(facts: pd.DataFrame, asked: dict, masks: dict[str, np.ndarray]) -> str:
    """Say what each choice could be if the others stay as they are."""
    choices = " and ".join(f"{name} {asked[name]!r}" for name in masks)
    left = []
    for name in masks:
        others = [mask for other, mask in masks.items() if other != name]
        rows = facts[np.logical_and.reduce([np.ones(len(facts), dtype=bool), *others])]
        left.append(f"{name}: {', '.join(map(str, rows[name].dropna().unique())) or 'none'}")
    return f"no row has {choices}; what exists with the other choices kept: {'; '.join(left)}"


def _reading_order(trials: pd.DataFrame, studies: pd.DataFrame) -> np.ndarray:
    fields = table_schema("trials")["fields"]
    levels = {field["name"]: list(field["levels"]) for field in fields if "levels" in field}
    levels["outcome"] = [*outcomes.current().codes, *trials["outcome"].unique()]
    cohort = trials["cohort" if "cohort" in trials else "arm"]
    keys = {
        "study": _rank(trials["study"], studies["study"]),
        "outcome": _rank(trials["outcome"], levels["outcome"]),
        # 50e6 cells before 100e6 cells.
        "cohort": _rank(cohort, sorted(cohort.unique(), key=_padded)),
        "week": trials["week"].to_numpy(dtype=float, na_value=np.inf),
        "timing": _rank(trials["timing"], levels["timing"]),
        "statistic": _rank(trials["statistic"], levels["statistic"]),
    }
    return pd.DataFrame(keys).sort_values(list(keys), kind="stable").index.to_numpy()


def _padded(text: str) -> tuple[str, str]:
    return re.sub(r"\d+", lambda digits: digits[0].zfill(12), text), text


def _rank(codes: pd.Series, order: Iterable[str]) -> np.ndarray:
    ranks = {code: rank for rank, code in enumerate(dict.fromkeys(order))}
    return codes.map(ranks).to_numpy(dtype=float)
