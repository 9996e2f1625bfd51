"""Folders of data that are not the collection's: another disease, or lacking a kind of row."""

import csv
import io
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from lupuscart.data import tables
from lupuscart.data.dictionary import table_schema
from lupuscart.evidence import needs

DATA = Path(__file__).resolve().parents[1] / "data"


def _row(**cells) -> dict[str, str]:
    return {name: str(value) for name, value in cells.items()}


_DEFINITION = {"is_response": "no", "definition_en": "as the protocol says", "source": "protocol"}
_DEFINITION |= {"definition_zh": "按方案定义"}

#: Outcomes of myasthenia gravis: none of them is the collection's.
OUTCOMES = [
    _row(
        **_DEFINITION | {"is_response": "yes"},
        code="mg_adl_improved",
        domain="efficacy",
        label_en="MG-ADL improved",
        label_zh="MG-ADL 改善",
    ),
    _row(
        **_DEFINITION,
        code="mg_crisis",
        domain="safety",
        label_en="myasthenic crisis",
        label_zh="肌无力危象",
    ),
    _row(
        **_DEFINITION,
        code="qmg",
        domain="activity_score",
        label_en="QMG",
        label_zh="QMG",
        minimum=0,
        maximum=39,
        whole_numbers="yes",
    ),
]

_STUDY = {"publication": "journal", "product": "X-101", "modality": "CAR-T", "target": "BCMA"}
_STUDY |= {"cell_source": "autologous", "conditioning": "none", "programme": "x_101"}
STUDIES = [
    _row(**_STUDY, study="okoro_2026", first_author="Okoro A", year=2026, role="core", n_treated=8),
    _row(
        **_STUDY | {"programme": "y_202", "product": "Y-202"},
        study="silva_2026",
        first_author="Silva B",
        year=2026,
        role="context",
        n_treated=6,
    ),
]

_OUTCOME = {"cohort": "all", "timing": "at", "read_in": "primary", "locator": "abstract"}
_COUNT = _OUTCOME | {"statistic": "count", "basis": "stated"}
_RESPONSE = _COUNT | {"outcome": "mg_adl_improved", "domain": "efficacy"}
_CRISIS = _COUNT | {"outcome": "mg_crisis", "domain": "safety", "timing": "by"}
_SCORE = _OUTCOME | {
    "basis": "stated",
    "outcome": "qmg",
    "domain": "activity_score",
    "statistic": "median",
}
TRIALS = [
    _row(**_RESPONSE, study="okoro_2026", week=24, events=7, n=8),
    _row(**_RESPONSE, study="silva_2026", week=26, events=4, n=6),
    _row(**_CRISIS, study="okoro_2026", week=24, events=0, n=8),
    _row(**_SCORE, study="okoro_2026", week=0, n=8, value=14),
    _row(**_SCORE, study="okoro_2026", week=24, n=8, value=5),
]


def write_table(folder: Path, table: str, rows: Iterable[Mapping[str, object]]) -> Path:
    """Write rows under the header of a table; what they do not have is empty."""
    names = [field["name"] for field in table_schema(table)["fields"]]
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path = folder / f"{table}.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def read_rows(table: str) -> list[dict[str, str]]:
    """Return the rows of a table of the collection, as texts."""
    return list(csv.DictReader(io.StringIO((DATA / f"{table}.csv").read_text("utf-8"))))


def another_disease(folder: Path, *domains: str) -> Path:
    """Write a folder of another disease, with the rows of these domains (all by default)."""
    rows = [row for row in TRIALS if not domains or row["domain"] in domains]
    studies = {row["study"] for row in rows}
    write_table(folder, "outcomes", OUTCOMES)
    write_table(folder, "studies", [row for row in STUDIES if row["study"] in studies])
    return write_table(folder, "trials", rows)


def without(folder: Path, need: str) -> Path:
    """Write the collection without the rows that meet a need; a table that has no other goes."""
    for path in DATA.glob("*.csv"):
        shutil.copy(path, folder)
    shutil.copy(DATA / "datapackage.json", folder)
    kind = needs.NEEDS[need]
    table = getattr(tables, f"load_{kind.table}")(folder / "trials.csv")
    is_met = kind.rows(table).tolist()
    rows = [row for row, met in zip(read_rows(kind.table), is_met, strict=True) if not met]
    path = write_table(folder, kind.table, rows)
    if not rows:
        path.unlink()
    return folder / "trials.csv"
