"""Help and usage errors in Chinese, where the system or the command asks for it."""

import re

import pytest

from lupuscart.cli import main, make_parser
from lupuscart.commands.language import parser_texts, reader_language

HAN = re.compile("[\u4e00-\u9fff]")
COMMANDS = [
    [],
    *([name] for name in ("figures", "slides", "pages", "notebooks", "lab", "explore", "sweep")),
    *([name] for name in ("check-data", "refresh")),
]


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "zh_TW.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
        ({"LANG": "C"}, "en"),
    ],
)
def test_the_system_says_which_language(environment, language):
    assert reader_language([], environment) == language


@pytest.mark.parametrize("given", [["--language", "zh"], ["--language=zh"]])
def test_the_command_goes_before_the_system(given):
    assert reader_language(["figures", *given, "02"], {"LANG": "en_GB.UTF-8"}) == "zh"
    assert reader_language(["figures", "--language", "en"], {"LANG": "zh_CN.UTF-8"}) == "en"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_is_chinese(command, capsys, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for line in shown.splitlines():
        words = re.findall(
            r"[a-z]+(?: [a-z]+){4,}", re.sub(r"lupuscart .*?  |lupuscart .*", "", line)
        )
        assert not words or HAN.search(line), line
    assert "用法：" in shown
    assert "show this" not in shown


def test_a_usage_error_is_chinese_and_english_is_back_afterwards(capsys, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    with pytest.raises(SystemExit):
        main(["slidess"])
    assert "取值无效：'slidess'" in capsys.readouterr().err
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    with pytest.raises(SystemExit):
        main(["slidess"])
    assert "invalid choice: 'slidess'" in capsys.readouterr().err


def test_every_text_of_the_parser_is_found():
    texts = parser_texts(make_parser())
    assert "print errors only" in texts
    assert any("examples:" in text for text in texts)
    assert len(texts) > 50
