"""A new folder of data for a trial of one's own: a workbook to fill in, and the tables as CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from lupuscart.atomic import write_whole
from lupuscart.data.dictionary import collection_rows, load_datapackage, table_schema
from lupuscart.data.workbook.form import FILE
from lupuscart.data.workbook.write import new_workbook

__all__ = ["new_folder"]

#: What a trial is compared with: the collection's own rows.
COMPARISONS = ("benchmarks", "benchmark_studies", "reviews")
#: Tables of which a new folder has the rows of one report, as a model.
MODELLED = ("trials", "studies")


def new_folder(folder: Path, *, with_collection: bool = False) -> list[Path]:
    """Write a workbook and every table as CSV into a folder, and return what was written.

    The workbook is in the reader's language and has no row but those that a trial is compared
    with. The CSV tables have the rows of one report of the collection as a model, in codes.

    Parameters
    ----------
    folder : Path
        It is made if it is not there.
    with_collection : bool
        Whether both hold every row of the collection, so that a trial is shown beside them.

    Raises
    ------
    ValueError
        If the collection is not there, or one of the files is: nothing is overwritten.
    """
    tables = {each["name"]: each["path"] for each in load_datapackage()["resources"]}
    filled = {
        table: collection_rows(table) for table in (tables if with_collection else COMPARISONS)
    }
    if not collection_rows("trials"):
        raise ValueError("the tables of the collection are not there; allowed: a whole package")
    contents = {FILE: new_workbook(filled)}
    # A table without a row of trials is not drawn: a model is better than an empty one.
    models = {table: _one_report(table) for table in MODELLED}
    contents |= {
        path: _as_csv(table, (models | filled).get(table, ())) for table, path in tables.items()
    }
    there = [name for name in contents if (folder / name).exists()]
    if there:
        raise ValueError(
            f"{folder} has {', '.join(there)}; allowed: a new folder, nothing is overwritten"
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        write_whole(folder / name, lambda draft, content=content: draft.write_bytes(content))
    return [folder / name for name in contents]


def _one_report(table: str) -> list[Mapping[str, str]]:
    model = collection_rows("trials")[0]["study"]
    return [row for row in collection_rows(table) if row["study"] == model]


def _as_csv(table: str, rows: Sequence[Mapping[str, str]]) -> bytes:
    """Return a table with the mark by which a spreadsheet knows UTF-8."""
    text = io.StringIO()
    names = [field["name"] for field in table_schema(table)["fields"]]
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")
