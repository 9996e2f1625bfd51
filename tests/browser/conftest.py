"""One Chromium, one JupyterLab and one site for all tests in a browser.

Without playwright or without a browser these tests are skipped and say so; with CI set
they fail, since `.ci/run` installs both.
"""

import http.server
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import pytest
from conftest import ROOT

from lupuscart.site.site import write_pages

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

#: What a note in somebody's CSV might hold; as markup it would ask a host or say so.
HOSTILE = (
    "<script>document.title='ran'</script><img src=http://host.invalid/a "
    "onerror=\"document.title='ran'\"> | $x$ `y` **z** </td></table>"
)

START_WITHIN = 60  # seconds; a loaded machine takes its time


def missing(what):
    """Skip and say why; in CI nothing may be missing."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def browser():
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("no playwright: the tests in a browser did not run")
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        missing(f"none of {', '.join(BROWSERS)} is installed: the tests in a browser did not run")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@dataclass
class Visit:
    """A browser page, and what it asked for and complained of."""

    page: object
    requests: list
    errors: list

    def hosts(self):
        """Return every host that was asked for something."""
        addresses = map(urlsplit, self.requests)
        return {a.netloc for a in addresses if a.scheme not in ("data", "blob")}


def open_page(browser, **options):
    """Open a fresh browser page that remembers what it asked for."""
    page = browser.new_context(**options).new_page()
    visit = Visit(page, [], [])
    page.on("request", lambda request: visit.requests.append(request.url))
    page.on("requestfailed", lambda request: visit.errors.append(f"failed: {request.url}"))
    page.on("pageerror", lambda error: visit.errors.append(str(error)))
    page.on("console", lambda m: m.type == "error" and visit.errors.append(m.text))
    return visit


@pytest.fixture
def visit(browser):
    """Open fresh browser pages; closed when the test is over."""
    opened = []

    def open_another(**options):
        opened.append(open_page(browser, **options))
        return opened[-1]

    yield open_another
    for each in opened:
        each.page.context.close()


@pytest.fixture(scope="session")
def site(browser, tmp_path_factory):
    """The pages of the collection."""
    folder = tmp_path_factory.mktemp("pages") / "site"
    write_pages(root=ROOT, output=folder, progress=False)
    return folder


@pytest.fixture(scope="session")
def hostile_site(browser, tmp_path_factory):
    """Two pages on a copy of the data whose free text is markup."""
    data = tmp_path_factory.mktemp("hostile") / "data"
    shutil.copytree(ROOT / "data", data)
    for name, columns in {
        "trials.csv": ["note"],
        "studies.csv": ["product", "source_note", "conditioning_detail"],
    }.items():
        table = pd.read_csv(data / name, dtype=str, keep_default_na=False)
        table[columns] = HOSTILE
        table.to_csv(data / name, index=False, lineterminator="\n")
    folder = data.parent / "site"
    parameters = {"trials_csv": data / "trials.csv"}
    write_pages(["01", "02"], root=ROOT, parameters=parameters, output=folder, progress=False)
    return folder


@pytest.fixture(scope="session")
def served(site):
    """The address of the site on a server of this machine."""
    handler = partial(_QuietHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@dataclass(frozen=True)
class Lab:
    """A JupyterLab on a copy of the collection."""

    root: Path
    address: str
    token: str


@pytest.fixture(scope="session")
def lab(browser, tmp_path_factory):
    root = tmp_path_factory.mktemp("lab") / "collection"
    root.mkdir()
    for name in ("data", "figures", "lab", "notebooks"):
        shutil.copytree(
            ROOT / name, root / name, ignore=shutil.ignore_patterns(".*", "__pycache__")
        )
    shutil.copy(ROOT / "README.md", root)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lab = Lab(root, f"http://127.0.0.1:{port}", secrets.token_hex(16))
    command = [
        *(sys.executable, "-m", "jupyterlab", "--config", "lab/settings.py", "--no-browser"),
        *("--allow-root", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
        # So that a test can open a notebook without loading JupyterLab anew.
        "--LabApp.expose_app_in_browser=True",
    ]
    log = root.parent / "lab.log"
    with log.open("wb") as output:
        # A group of its own: the server's kernels go with it.
        server = subprocess.Popen(
            command,
            cwd=root,
            env={**os.environ, "JUPYTER_TOKEN": lab.token},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait_until_up(lab, server, log)
        yield lab
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _wait_until_up(lab, server, log):
    end = time.monotonic() + START_WITHIN
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(f"{lab.address}/api", timeout=5)
            return
        except urllib.error.HTTPError:
            return  # it answers, if only that a token is wanted
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()}")
