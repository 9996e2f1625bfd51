"""Write the results of a run into README.md, so that what it says is what was measured.

python -m benchmarks.readme                        build/bench/results.csv becomes results.csv here
python -m benchmarks.readme build/bench/other.csv

The rows that are kept, and the part of README.md between its two marks, are written; the rest is
prose. A run that was quick is refused.
"""

import shutil
import sys
from pathlib import Path

from benchmarks.results import as_markdown, read, written

__all__ = ["KEPT", "README", "with_results"]

HERE = Path(__file__).resolve().parent
KEPT, README = HERE / "results.csv", HERE / "README.md"
BEGIN, END = "<!-- results -->", "<!-- end of results -->"


def main(arguments):
    """Keep the table of a run, and write it into README.md."""
    table = Path(arguments[0]) if arguments else HERE.parent / "build" / "bench" / "results.csv"
    rows = read(table)
    if any("quick" in row["machine"] for row in rows):
        sys.exit(f"{table} is of a quick run, whose times mean nothing; allowed: make bench")
    shutil.copyfile(table, KEPT)
    written(README, with_results(README.read_text(encoding="utf-8"), rows))


def with_results(text, rows):
    """Return the text of README.md with these results between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"README.md has no {BEGIN} ... {END}; allowed: both, once")
    return f"{before}{BEGIN}\n\n{as_markdown(rows)}\n{END}{after}"


if __name__ == "__main__":
    main(sys.argv[1:])
