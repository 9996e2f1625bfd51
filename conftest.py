"""What the tests share: where the collection is, its tables, and fonts for Chinese."""

import gc
import os
import signal
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest
from hypothesis import settings

from lupuscart.data import outcomes as outcomes_of_data
from lupuscart.data import tables
from lupuscart.figures import fonts, style
from lupuscart.kernels import environment
from lupuscart.words import lexicon

# nbval starts its kernels with this process's environment.
environment.pin()

# The same examples at every run, and none refused for a slow machine.
settings.register_profile("collection", derandomize=True, deadline=None)
# `make fuzz` looks for what they do not show.
settings.register_profile("fuzz", deadline=None)
# `make test-quick`: a tenth of the examples, of tests that take well under a second.
settings.register_profile("quick", derandomize=True, deadline=None, max_examples=10)
settings.load_profile("collection")

# Who is started in the background ignores Ctrl-C, and so does whoever a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent
TRIALS_CSV = ROOT / "data" / "trials.csv"


def pytest_collection_finish():
    """Search for garbage where there is any: not in modules and tests, which stay until the end.

    And less often than Python would by itself, which takes a tenth of all the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def outcomes():
    return tables.load_trials(TRIALS_CSV)


@pytest.fixture(scope="session")
def studies():
    return tables.load_studies(TRIALS_CSV)


@pytest.fixture(params=["en", "zh"])
def language(request) -> str:
    """Each language in turn, with a style that can draw it."""
    style.use_style(context="slides", language=request.param)
    return request.param


@pytest.fixture(params=lexicon.LANGUAGES)
def tongue(request) -> Iterator[str]:
    """Each language in turn, in words alone: nothing is drawn, so no font is needed."""
    with lexicon.using(request.param):
        yield request.param


def require_chinese_font() -> None:
    """Ask for the font now, for a test whose failure would not say that it lacks one."""
    fonts.chinese_font_file()


@pytest.fixture(scope="session")
def chinese_run(tmp_path_factory):
    """What every page makes in Chinese, as the runner leaves it."""
    # Here, as only what is in tests/ can be imported by then.
    from chinese_edition import run_in_chinese, run_left_in
    from shared import made_once

    require_chinese_font()
    return run_left_in(made_once(tmp_path_factory, "chinese", run_in_chinese))


@pytest.fixture(scope="session")
def fork_server():
    """The process from which kernels of this session are forked; None where none can be."""
    from warm_kernels import start_server

    server = start_server(ROOT)
    yield server
    if server:
        server.close()


@pytest.fixture(scope="module")
def warm_kernels(fork_server) -> Iterator[None]:
    """Kernels of this module that start warm: for tests of what runs do, not of how they start."""
    from warm_kernels import fork_from

    with pytest.MonkeyPatch.context() as patch:
        if fork_server:
            fork_from(fork_server, patch)
        yield


def _lacking_font() -> str:
    """What the package says of the fonts of this machine; empty if Chinese can be drawn."""
    try:
        fonts.chinese_font_file()
    except ValueError as error:
        return str(error)
    return ""


LACKING_FONT = _lacking_font()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Skip whatever fails for want of a Chinese font, except in CI, where one is installed.

    It is decided here for every test, so that none can forget to ask: by what the package says,
    wherever the test has it from.
    """
    report = yield
    may_skip = LACKING_FONT and report.failed and not os.environ.get("CI")
    if may_skip and any("no font with Chinese characters" in text for text in _told(report, call)):
        line = (item.location[1] or 0) + 1
        report.outcome = "skipped"
        report.longrepr = (str(item.path), line, f"Skipped: {LACKING_FONT}")
    return report


def _told(report, call):
    """All that a failure knows: the errors, what was printed, what other programs answered."""
    yield report.longreprtext
    yield from (text for _, text in report.sections)
    answers = (str, bytes, list, tuple, dict, subprocess.CompletedProcess)
    for step in call.excinfo.traceback:
        yield from (repr(v) for v in step.frame.f_locals.values() if isinstance(v, answers))


@cache
def _collection_words():
    return outcomes_of_data.collection_outcomes().words()


@pytest.fixture(autouse=True)
def _each_test_alone(monkeypatch):
    """Run in the collection's folder, as examples do, and leave no style and no words behind."""
    monkeypatch.chdir(ROOT)
    collection = outcomes_of_data.collection_outcomes()
    outcomes_of_data.use(collection)
    lexicon.register(_collection_words())
    with mpl.rc_context(), lexicon.using("en"):
        yield
    options = ("max_columns", "max_colwidth", "max_rows", "width", "precision", "html.use_mathjax")
    for option in options:
        pd.reset_option(f"display.{option}")
