"""What the search box looks through: every word that a reader sees, under its heading."""

import json

from lupuscart.site.parts import Part, Prose, Table
from lupuscart.site.search import search_index


def entries(*views):
    script = search_index(views)
    assert script.startswith("window.searchEntries = ")
    return json.loads(script.removeprefix("window.searchEntries = ").removesuffix(";\n"))


def view(*parts):
    figures = {"01_a": {"headline": "12 of 15.", "alt": "Feng J 2025."}}
    return {"file": "01.html", "title": "Who?", "parts": parts, "figures": figures}


def prose(*markdown):
    page = Prose("notebooks", {})
    return [Part("prose", page.html(text)) for text in markdown]


def test_what_stands_under_a_heading_is_found_there():
    first, second, third = prose(
        "# Who?\n\nOpening.", "## *Trials*\n\nOne.\n\n## Next\n\nTwo.", "x"
    )
    table = Part("table", Table(["study", "n"], [["<b>A</b>", "5"]], ["text", "number"]))
    lines, figure = Part("lines", ["Müller F 2024."]), Part("figure", "01_a")
    code = Part("code", "import this")
    found = entries(view(first, lines, second, table, third, figure, code))
    assert [(e["place"], e["heading"]) for e in found] == [
        ("01.html#who", "Who?"),
        ("01.html#trials", "Trials"),
        ("01.html#next", "Next"),
    ]
    assert [e["text"] for e in found] == [
        "Opening. Müller F 2024.",
        "One.",
        "Two. study n <b>A</b> 5 x 12 of 15. Feng J 2025.",
    ]


def test_pages_do_not_mix():
    found = entries(view(*prose("# A\n\none")), {**view(*prose("# B\n\ntwo")), "file": "02.html"})
    assert [e["text"] for e in found] == ["one", "two"]
    assert {e["place"].partition("#")[0] for e in found} == {"01.html", "02.html"}
