"""Every English text with a home of its own has its Chinese, and none that is out of date."""

import re

import messages
import pytest

from lupuscart.words.catalogue import catalogue

SOURCES = messages.sources()


def write(folder, name, texts):
    (folder / f"{name}.po").write_bytes(messages.merged(name, texts, {}))


def set_chinese(folder, name, english, chinese):
    path = folder / f"{name}.po"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace(f'msgid "{english}"\nmsgstr ""', f'msgid "{english}"\nmsgstr "{chinese}"'),
        encoding="utf-8",
    )


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of catalogues with one, whose first text is translated."""
    monkeypatch.setattr(messages, "FOLDER", tmp_path)
    write(tmp_path, "a", {"Everybody responded in the end.": (), "No.": ()})
    set_chinese(tmp_path, "a", "Everybody responded in the end.", "最终全部应答。")
    return tmp_path


def test_there_is_a_catalogue_for_every_page_and_no_other():
    assert {path.stem for path in messages.FOLDER.glob("*.po")} == set(SOURCES)


def test_a_missing_a_changed_and_a_superfluous_text_are_named(folder):
    texts = {"Everybody responded in the end.": (), "Yes.": ()}
    assert messages.problems("a", texts) == [
        "a.po lacks: Yes.",
        "a.po has what is no longer there: No.",
    ]


def test_a_changed_english_text_marks_its_chinese_as_out_of_date(folder):
    changed = {"Everybody responded in the very end.": (), "No.": ()}
    write(folder, "a", changed)
    text = (folder / "a.po").read_text(encoding="utf-8")
    assert "#, fuzzy" in text
    assert '#| msgid "Everybody responded in the end."' in text
    assert "最终全部应答。" in text
    assert "a.po, out of date: Everybody responded in the very end." in messages.problems(
        "a", changed
    )


def test_merging_twice_changes_nothing(folder):
    texts = {"Everybody responded in the end.": (), "No.": ()}
    before = (folder / "a.po").read_bytes()
    write(folder, "a", texts)
    assert (folder / "a.po").read_bytes() == before


def test_the_same_text_elsewhere_needs_no_second_translation(folder):
    content = messages.merged("b", {"Fine print": ()}, {"Fine print": "补充说明"})
    assert "补充说明" in content.decode()


def test_what_is_out_of_date_is_not_shown(folder, monkeypatch):
    write(folder, "a", {"Everybody responded in the very end.": (), "No.": ()})
    (folder / "zh").mkdir()
    (folder / "a.po").rename(folder / "zh" / "a.po")
    monkeypatch.setattr("lupuscart.words.catalogue.resources.files", lambda package: folder)
    catalogue.cache_clear()
    assert catalogue("a", "zh") == {}
    catalogue.cache_clear()


@pytest.mark.parametrize("name", SOURCES)
def test_every_text_is_translated_and_no_translation_is_out_of_date(name):
    assert messages.problems(name, SOURCES[name]) == []


@pytest.mark.parametrize("name", SOURCES)
def test_a_translation_keeps_what_is_no_words(name):
    """Formulas, code, links, gaps and marks of emphasis stand in both."""
    for english, chinese in catalogue(name, "zh").items():
        for kind in (r"\$[^$]+\$", r"\{\w+\}", r"%\(\w+\)[sr]|%%", r"\]\((?!#)[^)]+\)"):
            assert sorted(re.findall(kind, chinese)) == sorted(re.findall(kind, english)), english
        assert set(re.findall("`[^`]+`", english)) <= set(re.findall("`[^`]+`", chinese)), english


@pytest.mark.parametrize("name", [*(name for name in SOURCES if name[0].isdigit()), "data"])
def test_a_translation_has_the_numbers_of_the_english(name):
    """Digits that are neither in code nor a date, an order of magnitude or a cell count."""
    for english, chinese in catalogue(name, "zh").items():
        missing = numbers(english) - numbers(chinese)
        assert not {each for each in missing if "." in each or len(each) > 2}, (english, missing)


def numbers(text):
    bare = re.sub(r"`[^`]*`|\d+e\d+|10⁶|\d+,000", "", text)
    return set(re.findall(r"\d+(?:\.\d+)?", bare.replace(",", "")))
