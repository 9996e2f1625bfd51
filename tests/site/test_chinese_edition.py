"""Whoever opens the Chinese site or deck meets no English sentence.

What may stay: names, what a source itself says (titles of papers, journals, registered wording),
code, and the reference pages of the statistics, which describe code.
"""

import html
import re

import chinese_edition
import pytest

#: A run of this many English words is a sentence, or part of one.
LONGEST = 4
WORD = r"[A-Za-z][A-Za-z'’-]*"
RUN = re.compile(rf"{WORD}(?:[ ,;:]+{WORD}){{{LONGEST},}}")

# Titles of what is cited: italics in a page, or quoted as the source prints them.
QUOTED = re.compile(r"<em>.*?</em>|“[^”]*”|‘[^’]*’", re.DOTALL)
HIDDEN = re.compile(
    r"<(script|style|code|pre|math|svg)\b.*?</\1>|<!--.*?-->|<table hidden.*?</table>", re.DOTALL
)
# Names that have no Chinese form, and abbreviated journals with their years.
NAMES = re.compile(
    r"[A-Z][\w.-]*(?: (?:[A-Z][\w.&-]*|of|and|the|for))* (?:19|20)\d\d"
    r"|(?:N Engl J Med|Nat Med|Ann Rheum Dis|Arthritis Rheum\w*|Lupus Sci Med|Lancet Rheumatol|"
    r"Z Rheumatol|J Am Soc Nephrol|RMD Open|Bone Marrow Transplant\w*|Ann Hematol|J Autoimmun|"
    r"Five phase 3 trials of belimumab|ACR Convergence|rapcabtagene autoleucel|"
    r"SLE disease activity score)"
)


@pytest.fixture(scope="module")
def edition(chinese_run, tmp_path_factory):
    return chinese_edition.build(chinese_run, tmp_path_factory.mktemp("edition"))


def english(text):
    """The runs of English words in a text that is shown."""
    return [run for run in RUN.findall(NAMES.sub("·", text))]


def without_registered(table):
    """A table without the columns whose heading says that they are as registered, in English."""
    heads = re.findall(r"<th scope=\"col\".*?</th>", table[0], re.DOTALL)
    english_columns = {place for place, head in enumerate(heads) if "（英文）" in head}
    rows = re.findall(r"<tr>.*?</tr>", table[0], re.DOTALL)
    cells = [re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL) for row in rows]
    kept = [each for row in cells for at, each in enumerate(row) if at not in english_columns]
    return "".join(kept)


def shown(page):
    """The texts of a page of HTML, one an element, and those of its attributes."""
    page = re.sub(r"<table>.*?</table>", without_registered, page, flags=re.DOTALL)
    bare = QUOTED.sub("·", HIDDEN.sub("·", page))
    attributes = re.findall(r'(?:alt|aria-label|content|data-\w+|title)="([^"]*)"', bare)
    marked = re.sub(r"</?(?:b|i|em|strong|a|span|cite|sup|sub)\b[^>]*>", "", bare)
    return [html.unescape(each) for each in (*re.split(r"<[^>]*>", marked), *attributes)]


def test_the_test_finds_english():
    page = "<p>响应 <b>of all the patients</b> who responded</p><code>a b c d e f</code>"
    assert [bool(english(text)) for text in shown(page) if text.strip("· ")] == [True]
    assert not english("Feng J 2025，Nat Med 2025;31:3725，原文称“SLE disease activity score”")


def test_no_page_of_the_site_has_an_english_sentence(edition):
    site, _ = edition
    pages = sorted(site.glob("*.html"))
    assert len(pages) > 10
    found = {}
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert '<html lang="zh-Hans">' in text
        runs = [run for each in shown(text) for run in english(each)]
        if runs:
            found[page.name] = runs
    assert found == {}


def test_every_page_is_marked_as_chinese(edition):
    site, _ = edition
    for page in site.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        # Code alone is English.
        assert set(re.findall(r'<(\w+)[^>]* lang="en"', text)) <= {"pre"}, page.name
        (title,) = re.findall("<title>(.*?)</title>", text)
        assert re.search("[\u4e00-\u9fff]{3}", title)


def test_the_search_finds_chinese(edition):
    site, _ = edition
    index = (site / "search-index.js").read_text(encoding="utf-8")
    assert "谁有应答，把握有多大？" in index
    assert "Who responded" not in index


def test_no_slide_has_an_english_sentence(edition):
    _, deck = edition
    found = {}
    for number, slide in enumerate(deck.slides, 1):
        texts = [text for shape in slide.shapes for text in texts_of(shape)]
        if slide.has_notes_slide:
            texts += slide.notes_slide.notes_text_frame.text.splitlines()
        runs = [run for text in texts for run in english(QUOTED.sub("·", text))]
        if runs:
            found[number] = runs
    assert len(deck.slides) > 20
    assert found == {}


def texts_of(shape):
    if shape.has_text_frame:
        yield from (each.text for each in shape.text_frame.paragraphs)
    if shape.has_table:
        yield from (cell.text for row in shape.table.rows for cell in row.cells)
