"""A test that lacks a Chinese font is skipped, however it comes to ask for one; in CI it fails."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest
from conftest import ROOT, require_chinese_font, style

# Loaded before the tests: a machine with or without its fonts, and a program that says what the
# package says there.
MACHINE = f"""\
import os
import sys
from pathlib import Path

from matplotlib import font_manager

if os.environ["FONTS"] == "hidden":
    fonts = font_manager.fontManager.ttflist
    font_manager.fontManager.ttflist = [font for font in fonts if "DejaVu" in font.name]
    font_manager.findSystemFonts = lambda *given, **options: []

from {style.__name__} import use_style


def ask(language="zh"):
    use_style(language=language)


def command():
    try:
        ask()
    except ValueError as error:
        print(f"lupuscart: {{error}}", file=sys.stderr)
        return 1
    return 0


def said():
    try:
        ask()
    except ValueError as error:
        return str(error)
    return ""


SAID = Path(__file__).with_name("said.txt")
SAID.write_text(said())
CHILD = [sys.executable, "-S", "-c", f"import sys; sys.exit(open({{str(SAID)!r}}).read() or 0)"]
"""

HEAD = """\
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, strategies
from machine import CHILD, ask, command

PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}


@pytest.fixture
def asks():
    ask()


@pytest.fixture(scope="module")
def module_asks():
    ask()
"""

# Each is the body of a test that needs the font and does not say so.
WAYS = {
    "at_once": "ask()",
    "in_a_loop": "for language in ('en', 'zh'): ask(language)",
    "from_a_fixture(asks)": "",
    "from_a_shared_fixture(module_asks)": "",
    "from_the_same_fixture_again(module_asks)": "",
    "in_a_thread": "ThreadPoolExecutor().submit(ask).result()",
    "as_cause": """
    try:
        ask()
    except ValueError as error:
        raise RuntimeError("the page failed") from error
""",
    "as_context": """
    try:
        ask()
    except ValueError:
        {}["figure"]
""",
    "in_a_group": """
    try:
        ask()
    except ValueError as error:
        raise ExceptionGroup("two pages failed", [KeyError("a"), error])
""",
    "by_a_command": "assert command() == 0",
    "by_a_command_that_is_heard(capsys)":
        "assert (command(), capsys.readouterr()) == (0, ('', ''))",
    "by_a_command_heard_first(capsys)":
        "code, said = command(), capsys.readouterr(); assert not code",
    "by_a_command_heard_below_python(capfd)": "command(); assert capfd.readouterr().err == ''",
    "by_a_program": "assert subprocess.call(CHILD) == 0",
    "by_a_checked_program": "subprocess.run(CHILD, check=True)",
    "by_a_checked_and_heard_program": "subprocess.run(CHILD, check=True, capture_output=True)",
    "by_the_output_of_a_program": "subprocess.check_output(CHILD, stderr=subprocess.STDOUT)",
    "by_a_heard_program": "done = subprocess.run(CHILD, **PIPES); assert done.returncode == 0",
    "by_a_heard_program_read_as_text":
        "done = subprocess.run(CHILD, text=True, **PIPES); assert done.returncode == 0",
    "by_a_heard_program_that_is_cited":
        "done = subprocess.run(CHILD, text=True, **PIPES); assert not done.returncode, done.stderr",
    "by_what_a_program_printed":
        "done = subprocess.run(CHILD, text=True, **PIPES); assert done.stdout == 'one figure'",
    "by_a_dialogue": "out, err = subprocess.Popen(CHILD, **PIPES).communicate(); assert out",
    "by_two_programs":
        "both = [subprocess.Popen(CHILD) for _ in 'ab']; assert [b.wait() for b in both] == [0, 0]",
    "by_two_heard_programs":
        "both = [subprocess.run(CHILD, **PIPES) for _ in 'ab']; assert not both[1].returncode",
}  # fmt: skip

DRAWN = """
@given(strategies.sampled_from(["en", "zh"]))
def test_drawn(language):
    ask(language)
"""

# What has nothing to do with fonts fails for want of none.
OTHERS = """
def test_wrong():
    assert 1 == 2

def test_wrong_after_english():
    ask("en")
    raise ValueError("language is 'fr'; allowed: en, zh")

def test_wrong_in_a_program():
    subprocess.run([sys.executable, "-c", "1/0"], check=True, capture_output=True)

def test_right():
    pass
"""


def _test(name, body):
    arguments = "" if "(" in name else "()"
    return f"\ndef test_{name}{arguments}:\n    {body.strip() or 'pass'}\n"


def _outcomes(folder, fonts, ci):
    """Run the tests above in a pytest of their own: its outcome and reason, by name."""
    tests = HEAD + DRAWN + OTHERS + "".join(_test(name, body) for name, body in WAYS.items())
    (folder / "test_ways.py").write_text(tests)
    (folder / "machine.py").write_text(MACHINE)
    (folder / "pytest.ini").write_text("[pytest]\n")
    environment = {**os.environ, "FONTS": fonts, "PYTHONPATH": str(folder)}
    environment.pop("CI", None)
    environment |= {"CI": "true"} if ci else {}
    options = ["-q", "-p", "machine", "-p", "conftest", "-p", "no:cacheprovider", "-p", "no:xdist"]
    options += ["-c", str(folder / "pytest.ini"), f"--junitxml={folder / 'outcomes.xml'}"]
    command = [sys.executable, "-m", "pytest", *options, str(folder / "test_ways.py")]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    return {
        case.get("name").removeprefix("test_"): next(
            ((kind.tag, kind.get("message")) for kind in case), ("passed", "")
        )
        for case in ET.parse(folder / "outcomes.xml").iter("testcase")
    }


NEEDING = ["drawn", *(name.partition("(")[0] for name in WAYS)]
WRONG = ["wrong", "wrong_after_english", "wrong_in_a_program"]


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    return _outcomes(tmp_path_factory.mktemp("bare"), fonts="hidden", ci=False)


@pytest.fixture(scope="module")
def bare_ci(tmp_path_factory):
    return _outcomes(tmp_path_factory.mktemp("bare_ci"), fonts="hidden", ci=True)


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    require_chinese_font()
    return _outcomes(tmp_path_factory.mktemp("full"), fonts="shown", ci=False)


@pytest.mark.parametrize("name", NEEDING)
def test_without_a_font_a_test_is_skipped_and_says_why(bare, name):
    outcome, reason = bare[name]
    assert outcome == "skipped"
    assert "no font with Chinese characters is installed" in reason
    assert "apt-get install fonts-noto-cjk" in reason


@pytest.mark.parametrize("name", NEEDING)
def test_in_ci_a_font_that_is_missing_fails(bare_ci, name):
    assert bare_ci[name][0] in ("failure", "error")


@pytest.mark.parametrize("name", NEEDING)
def test_with_a_font_the_same_tests_run(full, name):
    wants_more = name in ("by_what_a_program_printed", "by_a_dialogue")
    assert full[name][0] == ("failure" if wants_more else "passed")


@pytest.mark.parametrize("machine", ["bare", "bare_ci", "full"])
def test_what_fails_for_another_reason_fails_without_a_font_too(request, machine):
    outcomes = request.getfixturevalue(machine)
    assert {name: outcomes[name][0] for name in WRONG} == dict.fromkeys(WRONG, "failure")
    assert outcomes["right"][0] == "passed"
