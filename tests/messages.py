"""The catalogues of Chinese: made from what is English elsewhere, and merged: ``make messages``.

python tests/messages.py

What was translated stays; what is new is added without Chinese, or with that of the same text in
another catalogue; where a text was changed, its Chinese is kept beside it and marked as out of
date (``fuzzy``). What no longer exists is dropped.
"""

import ast
import csv
import re
from io import BytesIO
from pathlib import Path

import nbformat
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from lupuscart.atomic import write_whole
from lupuscart.cli import make_parser
from lupuscart.commands.language import OWN_TEXTS, parser_texts
from lupuscart.data.dictionary import load_datapackage
from lupuscart.words.lexicon import codes
from lupuscart.words.markdown import is_prose, units

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "src/lupuscart/words/zh"

#: The columns of each table that hold text to be read: no codes, names or registered wording.
TEXT_COLUMNS = {
    "trials": ("cohort", "locator", "note"),
    "studies": ("product", "conditioning_detail", "followup", "source_note", "citation"),
    "benchmarks": ("arm", "locator", "dose", "separates", "note"),
    "benchmark_studies": ("population", "note", "citation"),
    "claims": ("topic", "news_report", "primary_source"),
    "reviews": ("method",),
    "outcomes": ("source",),
    "follow_up": (
        *("cohort", "followup_printed", "relapse_printed", "deaths_printed"),
        *("locator", "note"),
    ),
    "registrations": ("control_arm", "note"),
    "announcements": ("date_printed", "product", "cause", "diseases", "locator", "note"),
}

# A journal, its year and its pages are the same in every language; these words are not.
_CITED = re.compile(r"abstract|company|data|trial|correspondence|manuscript")

HEADER = """\
# Made and merged by `make messages`; the English is changed at its home, never here.
msgid ""
msgstr ""
"Language: zh_CN\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def sources() -> dict[str, dict]:
    """Return what each catalogue is to hold: English text to where it stands, in order."""
    pages = {path.stem: _page(path) for path in sorted(ROOT.glob("notebooks/[0-9][0-9]_*.ipynb"))}
    readme = (ROOT / "data/README.md").read_text(encoding="utf-8")
    return {
        **pages,
        "data": _data(),
        "data_readme": dict.fromkeys(units(readme), ()),
        "check_data": _messages(ROOT / "src/lupuscart/data") | _fields(),
        "command_line": dict.fromkeys([*OWN_TEXTS, *parser_texts(make_parser())], ()),
    }


def _page(path):
    cells = nbformat.read(path, as_version=4).cells
    texts = {}
    for cell in cells:
        if cell.cell_type == "markdown":
            texts |= dict.fromkeys(units(cell.source), ())
        elif "parameters" in cell.metadata.get("tags", ()):
            comments = (line.partition("  # ")[2] for line in cell.source.splitlines())
            texts |= dict.fromkeys(filter(is_prose, comments), ())
    return texts


def _data():
    """The texts of the tables; what words.csv has words for is a code."""
    known, found = set(codes()), {}
    for table, columns in TEXT_COLUMNS.items():
        with (ROOT / f"data/{table}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for column in columns:
            for text in (row[column] for row in rows):
                said = is_prose(text) and (column != "citation" or _CITED.search(text))
                if said and f"{column}.{text}" not in known:
                    places = found.setdefault(text, [])
                    places += [place] if (place := f"{table}.csv:{column}") not in places else []
    return found


def _fields():
    """What the dictionary says of a column, which a message quotes where a cell is refused."""
    schemas = [table["schema"] for table in load_datapackage()["resources"]]
    fields = [field for schema in schemas for field in schema["fields"]]
    texts = [field[name] for field in fields for name in ("description", "form") if name in field]
    return dict.fromkeys(texts, ())


def _messages(folder):
    """The sentences with gaps from which the modules of a folder make their messages."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nodes = [*ast.walk(tree)]
        # A text that stands alone explains the code; a part of another is no text by itself.
        left_out = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        # What a function refuses of its arguments is told to programmers.
        refused = [node for node in nodes if isinstance(node, ast.Raise) and _is_value_error(node)]
        left_out |= {id(part) for node in refused for part in ast.walk(node)}
        # What is put together on the spot is no sentence of a catalogue.
        formatted = [node for node in nodes if isinstance(node, ast.JoinedStr)]
        left_out |= {id(part) for node in formatted for part in node.values}
        for node in nodes:
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and id(node) not in left_out and _is_message(text):
                places = found.setdefault(text.strip(), [])
                places += [path.name] if path.name not in places else []
    return found


def _is_value_error(node):
    return getattr(getattr(node.exc, "func", None), "id", "") == "ValueError"


def _is_message(text):
    """Whether a text is a sentence or a part of one, and no pattern, code or name."""
    bare = re.sub(r"\{\w+\}", "", text)
    words = re.findall(r"[A-Za-z]{2,}", bare)
    gaps = "{" in text or text[:1].isdigit()
    return not re.search(r"[\n\\|]|\(\?", text) and " " in text.strip() and len(words) > 1 - gaps


def read(name: str) -> Catalog:
    """Return a catalogue as it is; an empty one where there is none yet."""
    path = FOLDER / f"{name}.po"
    if not path.is_file():
        return Catalog(locale="zh_CN", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale="zh_CN")


def problems(name: str, texts) -> list[str]:
    """Return what is missing, out of date or superfluous in a catalogue."""
    there = {each.id: each for each in read(name) if each.id}
    missing = [text for text in texts if text not in there or not there[text].string]
    fuzzy = [text for text in texts if text in there and there[text].fuzzy]
    old = [text for text in there if text not in texts]
    return [
        *(f"{name}.po lacks: {text}" for text in missing),
        *(f"{name}.po, out of date: {text}" for text in fuzzy),
        *(f"{name}.po has what is no longer there: {text}" for text in old),
    ]


def merged(name: str, texts, others) -> bytes:
    """Return the content of a catalogue, brought up to date."""
    old = read(name)
    new = Catalog(locale="zh_CN", fuzzy=False)
    for text, places in texts.items():
        new.add(text, locations=[(place, None) for place in places])
    known = {each.id for each in old}
    # The same text elsewhere needs no second translation.
    for text in texts:
        if text not in known and text in others:
            old.add(text, others[text])
    old.update(new, no_fuzzy_matching=False)
    old.obsolete.clear()
    file = BytesIO()
    # In the order of the page, which a translator reads; no line of text is broken.
    write_po(file, _ordered(old, texts), width=0, omit_header=True, include_previous=True)
    return HEADER.encode() + file.getvalue()


def _ordered(old, texts):
    ordered = Catalog(locale="zh_CN", fuzzy=False)
    for text in texts:
        each = old.get(text)
        previous = each.previous_id if each.fuzzy else ()
        new = ordered.add(text, each.string, each.locations, previous_id=previous)
        # A text with a formula in braces is no format of Python.
        new.flags = each.flags & {"fuzzy"}
    return ordered


def main() -> None:
    """Bring every catalogue up to date, and say what is left to be translated."""
    everything = sources()
    others = {
        each.id: each.string
        for name in everything
        for each in read(name)
        if each.id and each.string and not each.fuzzy
    }
    for name, texts in everything.items():
        content = merged(name, texts, others)
        write_whole(
            FOLDER / f"{name}.po", lambda draft, content=content: draft.write_bytes(content)
        )
        left = problems(name, texts)
        print(f"{name}.po: {len(texts)} texts, {len(left)} to be translated")
    for path in FOLDER.glob("*.po"):
        if path.stem not in everything:
            path.unlink()
            print(f"{path.name}: removed, nothing has its texts any more")


if __name__ == "__main__":
    main()
