"""What the tests share: where the collection is, its tables, and fonts for Chinese."""

import os
import signal
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest
from hypothesis import settings

from lupuscart.data import tables
from lupuscart.figures import style
from lupuscart.notebooks import environment

# nbval starts its kernels with this process's environment.
environment.pin()

# The same examples at every run, and none refused for a slow machine.
settings.register_profile("collection", derandomize=True, deadline=None)
# `make fuzz` looks for what they do not show.
settings.register_profile("fuzz", deadline=None)
settings.load_profile("collection")

# Who is started in the background ignores Ctrl-C, and so does whoever a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent
TRIALS_CSV = ROOT / "data" / "trials.csv"


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
    if request.param == "zh":
        require_chinese_font()
    style.use_style(context="slides", language=request.param)
    return request.param


def require_chinese_font() -> None:
    """Skip without a Chinese font, except in CI, where one is installed."""
    try:
        style.use_style(language="zh")
    except ValueError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(autouse=True)
def _each_test_alone(monkeypatch):
    """Run in the collection's folder, as examples do, and leave no style behind."""
    monkeypatch.chdir(ROOT)
    with mpl.rc_context():
        yield
    options = ("max_columns", "max_colwidth", "max_rows", "width", "precision", "html.use_mathjax")
    for option in options:
        pd.reset_option(f"display.{option}")
