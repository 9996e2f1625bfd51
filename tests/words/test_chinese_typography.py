"""Chinese as a medical journal prints it: one rule for each mark, wherever Chinese stands.

GB/T 15834 for punctuation and GB/T 15835 for numbers; where they leave a choice, this one:

- a space between Chinese characters and Latin letters, digits or %, none beside full-width marks;
- full-width marks and brackets beside Chinese, “ ” for quotations;
- a range has ～, with % at both ends; no space before %;
- what is bold ends before the full stop, or Markdown does not see its end;
- one word for one thing.
"""

import csv
import re

import messages
import pytest
from conftest import ROOT

from lupuscart.data.sheet import load_datapackage
from lupuscart.words.catalogue import catalogue
from lupuscart.words.markdown import units

HAN = "[\u4e00-\u9fff]"
MARK = "[，。；：、？！（）“”《》～]"
UNIT = "(?:例|天|岁|周|级|分|项|个|次|年|月|日|名|倍|张|份)"

RULES = {
    "a space between Chinese and Latin": rf"{HAN}[A-Za-z0-9]|[A-Za-z0-9%⁶²]{HAN}",
    "a half-width mark beside Chinese": rf"{HAN} ?[,;:?!]|[,;:?!] ?{HAN}|{HAN}[()]|[()]{HAN}",
    "a half-width full stop after Chinese": rf"{HAN}\.(?!\d)",
    "a half-width bracket around Chinese": rf"\([^()]*{HAN}[^()]*\)",
    "a straight quotation mark": rf"[\"']{HAN}|{HAN}[\"']",
    "a space beside a full-width mark": rf"{MARK} (?![`*\[]|$)|(?<![`*\]\d]) {MARK}",
    "a range with a dash": rf"\d%?[–—]\d|\d-\d+(?:\.\d+)? ?(?:%|{UNIT}|个月)",
    "a range of percentages with one %": r"\d～\d+(?:\.\d+)?%(?<!\d%～\d%)",
    "a space before %": r"\d %",
    "two marks": r"[，。；：、]{2}",
    "three points": r"\.\.\.|。。",
    "full-width letters or digits": r"[０-９Ａ-Ｚａ-ｚ％]",
}
# One word for one thing, as in the Chinese guideline on SLE of 2020.
WORDS = {
    "病人": "患者",
    "副作用": "不良事件",
    "疾病活动性": "疾病活动度",
    "复燃": "复发",
    "医师总体评估": "医师整体评估",
    "抗ds": "抗双链 DNA 抗体",
    "激素治疗法": "糖皮质激素",
    "异基因": "同种异体",
    "适应症": "适应证",
    "糖皮质类": "糖皮质激素",
}


def _texts():
    """Every Chinese text, by the name of its home."""
    with open(ROOT / "src/lupuscart/words/words.csv", encoding="utf-8", newline="") as file:
        yield from ((f"words.csv {row['code']}", row["zh"]) for row in csv.DictReader(file))
    for name in messages.sources():
        yield from ((f"{name}.po", text) for text in catalogue(name, "zh").values())
    readme = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
    yield from (("README.zh-CN.md", text) for text in units(readme))
    with open(ROOT / "data/outcomes.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield from ((f"outcomes.csv {row['code']}", row[f"{kind}_zh"]) for kind in _KINDS)
    yield "datapackage.json", load_datapackage()["search"]["sentence_zh"]


_KINDS = ("label", "short", "definition")
TEXTS = [(home, text) for home, text in _texts() if re.search(HAN, text)]


def _bare(text):
    """A text without code, formulas, addresses, gaps and what the command line has typed."""
    for pattern in (
        r"```.*?```",
        r"`[^`]*`",
        r"\$[^$]*\$",
        r"(?<=\])\([^)]*\)",
        r"https?://\S+",
        r"^ *lupuscart .*$",
        r"%\(\w+\)[sr]|%s",
    ):
        text = re.sub(pattern, "␣", text, flags=re.DOTALL if "```" in pattern else re.MULTILINE)
    return re.sub(r"\{\w*[^}]*\}", "␣", text)


@pytest.mark.parametrize("rule", RULES)
def test_every_chinese_text_keeps(rule):
    pattern = re.compile(RULES[rule])
    wrong = [
        (home, found[0], text) for home, text in TEXTS if (found := pattern.search(_bare(text)))
    ]
    assert wrong == []


def _bold_without_end(text):
    """Bold parts whose end Markdown does not see: a mark before it, and a word after it."""
    parts = text.split("**")
    pairs = zip(parts[1::2], parts[2::2], strict=False)
    return [bold for bold, after in pairs if re.search(r"\W$", bold) and re.match(r"\w", after)]


def test_bold_ends_where_markdown_sees_it():
    assert _bold_without_end("**零就是零。**没有") == ["零就是零。"]
    assert _bold_without_end("见**此处**，**零就是零**。没有") == []
    wrong = [(home, _bold_without_end(text)) for home, text in TEXTS if _bold_without_end(text)]
    assert wrong == []


def test_one_word_for_one_thing():
    wrong = [(home, word, text) for home, text in TEXTS for word in WORDS if word in text]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("ICANS计数", "a space between Chinese and Latin"),
        ("96%或", "a space between Chinese and Latin"),
        ("缓解(完全)", "a half-width mark beside Chinese"),
        ("缓解.", "a half-width full stop after Chinese"),
        ("48%–100%", "a range with a dash"),
        ("10-22 岁", "a range with a dash"),
        ("48～62%", "a range of percentages with one %"),
        ("95 % 区间", "a space before %"),
        ("缓解， 完全", "a space beside a full-width mark"),
        ('"缓解"', "a straight quotation mark"),
    ],
)
def test_each_rule_finds_what_it_is_for(text, rule):
    assert re.search(RULES[rule], _bare(text))


def test_no_rule_objects_to_good_chinese():
    good = "15 例中 12 例（80%；95% 置信区间 52%～96%）达到 DORIS，SLEDAI 为 0～4 分，见 `a.csv`。"
    assert [rule for rule, pattern in RULES.items() if re.search(pattern, _bare(good))] == []
