"""The two front pages say the same: sections, commands, links, figures, tables."""

import re

import pytest

from lupuscart.data.sheet import load_datapackage

FRONT, GUIDE = "README.md", "CONTRIBUTING.md"


@pytest.fixture(scope="module")
def pages(root):
    return _both(root, FRONT)


def _both(root, name):
    """A page in English and in Chinese."""
    return [(root / each).read_text(encoding="utf-8") for each in (name, _in_chinese(name))]


def _in_chinese(name):
    return name.replace(".md", ".zh-CN.md")


def _prose(text):
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def _levels(text):
    return [len(marks) for marks in re.findall(r"^(#+) ", _prose(text), re.MULTILINE)]


def _commands(text):
    """Every line of every block of code, without the comments, which are translated."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [
        (kind, [re.sub(r"\s+# .*", "", line) for line in body.splitlines()])
        for kind, body in blocks
    ]


def _links(text):
    """The targets of all links and pictures, in order."""
    return _targets(_prose(text), text)


def _targets(part, text):
    """What a part of a page links; a place in the page by its heading's number."""
    headings = [_anchor(line) for line in re.findall(r"^#+ (.*)$", _prose(text), re.MULTILINE)]
    found = re.findall(r"\]\(([^)]+)\)", part)
    # A Chinese page leads to Chinese pages, where there are any.
    found = [name.replace(_in_chinese(GUIDE), GUIDE) for name in found]
    return [headings.index(name[1:]) if name.startswith("#") else name for name in found]


def _anchor(heading):
    """How a page on GitHub names a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _tables(text):
    """The shape of each table, and what it links: column by column, row by row."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [(line.count("|"), _targets(line, text)) for line in rows]


def _inline(text):
    """Commands, files and folders that stand in the prose."""
    return sorted(set(re.findall(r"`([^`\n]+)`", _prose(text))))


@pytest.mark.parametrize("part", [_levels, _commands, _tables, _inline])
def test_both_pages_have_the_same(pages, part):
    english, chinese = map(part, pages)
    assert chinese == english
    assert len(english) > 5


@pytest.mark.parametrize("name", [FRONT, GUIDE])
def test_both_pages_link_the_same(root, name):
    english, chinese = map(_links, _both(root, name))
    # First of all, each links the other.
    assert english.pop(0) == _in_chinese(name).replace(_in_chinese(GUIDE), GUIDE)
    assert chinese.pop(0) == name
    assert chinese == english
    assert english


def test_both_guides_have_the_same_paragraphs_and_commands(root):
    english, chinese = _both(root, GUIDE)
    assert _inline(english) == _inline(chinese)
    assert english.count("\n\n") == chinese.count("\n\n")
    assert len(_inline(english)) > 10


def test_every_linked_file_exists(pages, root):
    files = {target for page in pages for target in _links(page) if isinstance(target, str)}
    missing = {name for name in files if ":" not in name and not (root / name).exists()}
    assert missing == set()


def test_each_section_has_as_many_lists_and_pictures(pages):
    """A point that one page has and the other has not would be missed by its readers."""
    found = []
    for page in pages:
        sections = re.split(r"^#+ ", _prose(page), flags=re.MULTILINE)[1:]
        found.append(
            [
                (len(re.findall(r"^(?:-|\d+\.) ", text, re.MULTILINE)), text.count("!["))
                for text in sections
            ]
        )
    assert found[0] == found[1]


def test_a_picture_is_described_in_the_language_of_its_page(pages):
    english, chinese = ("".join(re.findall(r"!\[([^\]]+)\]", page)) for page in pages)
    assert not re.search("[\u4e00-\u9fff]", english)
    assert re.search("[\u4e00-\u9fff]{4}", chinese)
    # The same counts and limits, whatever the language prints around them.
    assert {"12", "15", "52", "96", "48", "100"} <= set(re.findall(r"\d+", chinese))
    assert {"12", "15", "52", "96", "48", "100"} <= set(re.findall(r"\d+", english))


def test_the_front_pages_say_until_when_reports_were_looked_for(pages):
    search = load_datapackage()["search"]
    for text, sentence in zip(pages, (search["sentence_en"], search["sentence_zh"]), strict=True):
        assert " ".join(sentence.split()) in " ".join(text.split())
