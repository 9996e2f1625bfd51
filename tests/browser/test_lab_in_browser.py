"""JupyterLab as `make lab` starts it: where a reader begins, every page, nothing changed."""

import hashlib
import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from conftest import ROOT

from browser.conftest import open_page

NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
SLIDERS = [name for name in NOTEBOOKS if name.startswith("09_")]

MINUTE = 60_000  # milliseconds, as playwright counts
SOCKETS = Path("/proc/net/tcp")
POP_UPS = ".jp-Dialog, .Toastify__toast"
FOLDED = ".jp-CodeCell .jp-InputPlaceholder"
OPEN = """async path => {
    const opened = await jupyterapp.commands.execute('docmanager:open', {path});
    await opened.context.ready;
    await opened.sessionContext.ready;
}"""
ERROR = "[data-mime-type='application/vnd.jupyter.error']"
PROMPTS = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(p => p.textContent)"


@pytest.fixture(scope="module")
def digests(lab):
    """What was in the collection's folder before anything was opened."""
    return _digests(lab.root)


def _digests(root):
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.relative_to(root).parts[0] != "build"
    }


@pytest.fixture(scope="module")
def opened(browser):
    """One page for all notebooks in turn: JupyterLab is large, and is then read only once."""
    seen = open_page(browser, viewport={"width": 1280, "height": 900})
    # Leaving a notebook that was not saved: the browser asks, and the tests mean it.
    seen.page.on("dialog", lambda dialog: dialog.accept())
    yield seen
    seen.page.context.close()


@pytest.fixture
def page(opened, lab, digests):
    """Show JupyterLab; after the test nothing popped up, no host was asked, no file changed."""
    yield opened.page
    assert opened.page.locator(POP_UPS).count() == 0
    opened.page.evaluate("window.jupyterapp?.shell.currentWidget?.dispose()")
    assert {host for host in opened.hosts() if host} == {lab.address.removeprefix("http://")}
    assert _digests(lab.root) == digests
    for kernel in json.load(_ask(lab, "api/kernels")):
        _ask(lab, f"api/kernels/{kernel['id']}", method="DELETE")


def _ask(lab, what, **options):
    headers = {"Authorization": f"token {lab.token}"}
    request = urllib.request.Request(f"{lab.address}/{what}", headers=headers, **options)
    return urllib.request.urlopen(request, timeout=60)


def show(page, lab, name):
    """Open a notebook: from its address, or where JupyterLab is there already, as from its list."""
    if page.evaluate("Boolean(window.jupyterapp)"):
        page.evaluate(OPEN, f"notebooks/{name}")
    else:
        page.goto(f"{lab.address}/lab/tree/notebooks/{name}?token={lab.token}&reset")
    page.get_by_text("| Idle").wait_for(timeout=MINUTE)


def run_all(page, lab, name):
    """Open a notebook without its stored outputs and run it from the top."""
    show(page, lab, name)
    clear(page)
    # The first call may come before the session is ready, and is then lost.
    for _ in range(5):
        choose(page, "Run", "runmenu:run-all")
        try:
            page.wait_for_function(f"{PROMPTS}.some(text => text !== '[ ]:')", timeout=5000)
            break
        except Exception as error:
            lost = error
    else:
        raise lost
    ended = (
        rf"{PROMPTS}.every(text => /^\[\d+\]:$/.test(text)) || document.querySelector(`{ERROR}`)"
    )
    page.wait_for_function(ended, timeout=2 * MINUTE)


def clear(page):
    """Remove the stored outputs, and show the folded code: only what is shown has a prompt."""
    choose(page, "View", "notebook:show-all-cell-code")
    choose(page, "Edit", "editmenu:clear-all")
    page.wait_for_function(f"!document.querySelector('{FOLDED}')")
    page.wait_for_function(f"{PROMPTS}.every(text => text === '[ ]:')")


def choose(page, menu, command):
    page.get_by_role("menuitem", name=menu, exact=True).click()
    page.locator(f".lm-Menu [data-command='{command}']").click()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_notebook_runs_from_top_to_bottom_and_its_sliders_move(page, lab, name):
    run_all(page, lab, name)
    assert page.locator(ERROR).all_inner_texts() == []
    assert page.locator(".jp-OutputArea-output").count() > 3
    without_words = "images => images.filter(i => !i.naturalWidth).length"
    assert page.locator(".jp-RenderedImage img").evaluate_all(without_words) == 0
    if name in SLIDERS:
        assert_moving_a_slider_changes_the_sentence(page)


def assert_moving_a_slider_changes_the_sentence(page):
    sentence = page.locator(".lupuscart-sentence").first
    before = sentence.inner_text()
    assert before.strip()
    handle = page.locator(".lupuscart-controls [role=slider], .lupuscart-controls .noUi-handle")
    handle.first.focus()
    page.keyboard.press("ArrowRight")
    changed = "before => document.querySelector('.lupuscart-sentence').innerText !== before"
    page.wait_for_function(changed, arg=before)
    assert page.locator(ERROR).all_inner_texts() == []


def test_a_reader_begins_at_the_front_page_and_goes_on_by_its_links(page, lab):
    page.goto(f"{lab.address}/?token={lab.token}")
    page.locator(".jp-MarkdownViewer h1").wait_for(timeout=MINUTE)
    assert page.locator(POP_UPS).count() == 0
    page.locator(".jp-MarkdownViewer a", has_text="02_response").first.click()
    page.locator(".jp-Notebook h1", has_text="Who responded").wait_for()


def test_nothing_is_saved_but_by_the_reader(page, lab):
    page.goto(f"{lab.address}/lab/tree/notebooks/02_response.ipynb?token={lab.token}&reset")
    page.get_by_text("| Idle").wait_for(timeout=MINUTE)
    clear(page)
    settings = json.load(_ask(lab, "lab/api/settings/@jupyterlab/docmanager-extension:plugin"))
    assert settings["schema"]["properties"]["autosave"]["default"] is False


def test_without_the_token_nothing_is_told(lab):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{lab.address}/api/contents", timeout=60)
    assert refused.value.code == 403
    assert urllib.request.urlopen(f"{lab.address}/lab", timeout=60).url.startswith(
        f"{lab.address}/login"
    )


@pytest.mark.skipif(not SOCKETS.exists(), reason="only Linux tells it in a file")
def test_it_listens_on_this_machine_only(lab):
    port = int(lab.address.rpartition(":")[2])
    sockets = [line.split() for line in SOCKETS.read_text().splitlines()[1:]]
    local = [fields[1].split(":") for fields in sockets if fields[3] == "0A"]  # 0A: it listens
    assert [host for host, own in local if int(own, 16) == port] == ["0100007F"]
