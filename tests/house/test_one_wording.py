"""What README, site, deck and citation say of the collection has one wording."""

import json
import re

import pytest

from lupuscart.words.cautions import before_any_number
from lupuscart.words.lexicon import LANGUAGES, using, word

README = {"en": "README.md", "zh": "README.zh-CN.md"}


@pytest.fixture(params=LANGUAGES)
def language(request):
    with using(request.param):
        yield request.param


def _text(path):
    """A file as one line, without the marks of its headings and bold words."""
    return " ".join(path.read_text(encoding="utf-8").replace("**", "").split())


def test_the_cautions_of_the_readme_are_those_of_site_and_deck(root, language):
    text = _text(root / README[language])
    space = " "
    for title, said in before_any_number():
        assert f"{title}{word('three.stop')}{space}{said}" in text


def test_the_title_is_one(root):
    title = word("pages.title")
    assert title == word("deck.title")
    for name in ("README.md", "CITATION.cff", "pyproject.toml", "src/lupuscart/__init__.py"):
        text = _text(root / name)
        assert title in text or title.replace("What", "what", 1) in text, name
    assert title.replace("What", "what", 1) in word("pages.citation")


def test_the_search_is_said_once(root):
    said = json.loads((root / "data/datapackage.json").read_text(encoding="utf-8"))["search"]
    for name, language in [
        *((name, code) for code, name in README.items()),
        ("data/README.md", "en"),
    ]:
        assert said[f"sentence_{language}"] in _text(root / name), name


def test_the_questions_of_the_readme_are_the_titles_of_the_pages(root):
    text = (root / "README.md").read_text(encoding="utf-8")
    asked = dict(re.findall(r"^\| (.+?\?) \| \[(\w+)\]", text, re.MULTILINE))
    titles = {}
    for path in sorted(root.glob("notebooks/*.ipynb")):
        first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]
        titles["".join(first).splitlines()[0].removeprefix("# ")] = path.stem
    assert asked == titles


def test_the_figure_of_the_readme_is_described_with_the_numbers_of_figures_json(root):
    records = json.loads((root / "figures/figures.json").read_text(encoding="utf-8"))
    record = records.get("figures", records)["02_response_chosen"]
    described = re.search(r"!\[(.*?)\]\(figures/02", _text(root / "README.md"))[1]
    counts = re.findall(r"\d+ of \d+", record["alt"])
    assert counts
    assert set(re.findall(r"\d+ of \d+", described)) <= set(counts)
    limits = set(re.findall(r"\d+(?=\s?%|–| to )", record["alt"]))
    assert set(re.findall(r"\d+(?= %| to )", described)) <= limits
