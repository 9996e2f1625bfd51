"""Every static page in a real browser: nobody else is asked, nothing fails, all can read it."""

import pytest
from conftest import ROOT

from browser.conftest import HOSTILE

PAGES = ["index", *sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")), "data"]
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}


def view(size, theme="light"):
    width, height = SIZES[size]
    return {"viewport": {"width": width, "height": height}, "color_scheme": theme}


def until(page, condition):
    """Wait for a condition; playwright's own way needs what the pages forbid."""
    again = f"() => ({condition}) ? done() : setTimeout(look, 20)"
    page.evaluate(f"new Promise(done => {{ const look = {again}; look(); }})")


def accessibility_faults(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:200]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opened_from_a_file(visit, site, name):
    """At both widths and in both themes, without loading the page four times."""
    seen = visit(**view("desktop"))
    page = seen.page
    page.goto((site / f"{name}.html").as_uri(), wait_until="load")
    assert page.title()
    assert page.locator("h1").count() == 1
    assert page.locator("img:not([alt]), img[alt='']").count() == 0
    undrawn = "images => images.filter(i => !i.complete || !i.naturalWidth).map(i => i.src)"
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        for width, height in SIZES.values():
            page.set_viewport_size({"width": width, "height": height})
            until(page, f"innerWidth === {width}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert accessibility_faults(page) == []
        until(page, "[...document.images].every(image => image.complete)")
        assert page.locator("img").evaluate_all(undrawn) == []
    assert seen.hosts() == {""}
    assert seen.errors == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_from_a_server_asks_nobody_else(visit, served, name):
    seen = visit(**view("phone"))
    seen.page.goto(f"{served}/{name}.html", wait_until="load")
    assert seen.hosts() == {served.removeprefix("http://")}
    assert seen.errors == []


def test_light_and_dark_follow_the_system_until_the_reader_chooses(visit, served):
    page = visit(**view("desktop", "dark")).page
    page.goto(f"{served}/02_response.html")
    paper = "getComputedStyle(document.body).backgroundColor"
    shown = "document.querySelector('figure img').currentSrc.split('/').pop()"
    dark = page.evaluate(paper)
    assert page.evaluate(shown) == "02_response_chosen-dark.svg"
    page.get_by_role("button", name="Light").click()
    until(page, f"{shown} === '02_response_chosen.svg'")
    assert page.evaluate(paper) != dark
    page.goto(f"{served}/index.html")
    assert page.evaluate(paper) != dark
    assert page.get_by_role("button", name="Dark").is_visible()


def test_a_page_can_be_read_without_scripts(visit, site):
    page = visit(**view("desktop", "dark"), java_script_enabled=False).page
    page.goto((site / "02_response.html").as_uri())
    assert page.get_by_role("heading", level=1).is_visible()
    assert page.get_by_role("button").count() == 0


def test_the_keyboard_reaches_the_text_first_and_what_scrolls(visit, site):
    page = visit(**view("phone")).page
    page.goto((site / "02_response.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "text"
    region = page.locator(".scroll").first
    region.focus()
    page.keyboard.press("ArrowRight")
    until(page, "document.activeElement.scrollLeft > 0")


def test_code_is_folded_and_opens(visit, site):
    page = visit(**view("desktop")).page
    page.goto((site / "02_response.html").as_uri())
    code = page.locator("details.code").first
    assert not code.locator("pre").is_visible()
    code.locator("summary").click()
    assert code.locator("pre").is_visible()


@pytest.mark.parametrize("name", ["index", "01_trials", "02_response"])
def test_text_from_a_csv_is_text(visit, hostile_site, name):
    seen = visit(**view("desktop"))
    seen.page.goto((hostile_site / f"{name}.html").as_uri(), wait_until="load")
    assert seen.page.title() != "ran"
    assert seen.hosts() == {""}
    assert seen.errors == []
    if name != "index":
        assert seen.page.locator("td", has_text=HOSTILE).count() > 0
    assert seen.page.locator("main script, main img[onerror]").count() == 0
