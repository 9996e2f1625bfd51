"""The table of a run: as CSV, and as Markdown to be read."""

import csv
import math
from pathlib import Path

__all__ = ["COLUMNS", "TITLES", "as_markdown", "cells", "read"]

COLUMNS = (
    *("topic", "name", "value", "unit", "peer", "peer_value", "ratio", "rounds"),
    *("aim", "series", "n", "machine", "load"),
)

#: The topics in the order of the table, with their headings.
TITLES = {
    "rebuild": "A rebuild of all pages",
    "opened": "A page opened in JupyterLab",
    "made": "Pages and deck after the figures",
    "proportions": "Intervals of one proportion",
    "comparisons": "Two cohorts",
    "planning": "Planning",
    "pooling": "Pooling",
    "explore": "Sliders",
    "scale": "How cost grows",
    "sweep": "Sweeps",
    "r": "Beside R",
}

HEADER = "| | ours | peer | peer's | of the peer's | aim | |"


def cells(topic, row, machine, load):
    """Return the cells of a row, in the order of `COLUMNS`."""
    given = row._asdict() | {"topic": topic, "machine": machine, "load": load}
    given["rounds"] = " ".join(f"{ratio:.4g}" for ratio in row.rounds)
    return [_cell(given[column]) for column in COLUMNS]


def _cell(value):
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def read(path):
    """Return the rows of a table of results, numbers as numbers; what is empty is None."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row |= {name: _number(row[name]) for name in ("value", "peer_value", "ratio", "aim", "n")}
        row["rounds"] = [float(ratio) for ratio in row["rounds"].split()]
    return rows


def _number(text):
    return float(text) if text else None


def as_markdown(rows):
    """Return the results as Markdown: the machine, what misses its aim, a table a topic.

    Parameters
    ----------
    rows : list of dict
        As `read` returns them.
    """
    parts = [_machine(rows), _misses(rows)]
    for topic, title in TITLES.items():
        lines = [_line(row) for row in rows if row["topic"] == topic]
        if lines:
            parts += [f"## {title}", "\n".join([HEADER, "|" + "---|" * 7, *lines])]
    return "\n\n".join(parts) + "\n"


def _machine(rows):
    loads = [float(row["load"]) for row in rows if row["load"]]
    busy = f" Load {min(loads):.1f} to {max(loads):.1f}." if loads else ""
    return f"{rows[0]['machine']}.{busy}"


def _misses(rows):
    asked = [row for row in rows if row["aim"] is not None]
    missed = [f"- {_named(row)}" for row in asked if _verdict(row) == "missed"]
    head = f"{len(asked) - len(missed)} of {len(asked)} aims are met."
    return "\n".join([f"{head} Missed:", "", *missed]) if missed else head


def _named(row):
    """A row in one line, for a list of those that miss their aim."""
    found = number(row["ratio"]) if row["peer"] else _amount(row["value"], row["unit"])
    beside = f" of {row['peer']}" if row["peer"] else ""
    return f"{row['name']}: {found}{beside} (aim: {_aim(row)})"


def _line(row):
    verdict = _verdict(row)
    texts = [row["name"], _amount(row["value"], row["unit"]), row["peer"]]
    texts += [_amount(row["peer_value"], row["unit"]), number(row["ratio"]), _aim(row), verdict]
    return f"| {' | '.join(text.replace('|', '/') for text in texts)} |"


def _verdict(row):
    if row["aim"] is None:
        return ""
    reached = row["ratio"] if row["peer"] else row["value"]
    return "met" if reached <= row["aim"] else "missed"


def _aim(row):
    if row["aim"] is None:
        return ""
    return number(row["aim"]) if row["peer"] else _amount(row["aim"], row["unit"])


def _amount(value, unit):
    if value is None:
        return ""
    if unit == "s" and 0 < value < 0.1:
        value, unit = 1000 * value, "ms"
    return f"{number(value)} {unit}"


def number(value):
    """Return a number with two digits that count, or whole.

    Examples
    --------
    >>> number(0.0123), number(3.14159), number(1234.5), number(None)
    ('0.012', '3.1', '1234', '')
    """
    if value is None:
        return ""
    if value == 0 or abs(value) >= 10:
        return f"{value:.0f}"
    return f"{value:.{1 - math.floor(math.log10(abs(value)))}f}"


def written(path, text):
    """Write a text and return its path."""
    Path(path).write_text(text, encoding="utf-8", newline="\n")
    return path
