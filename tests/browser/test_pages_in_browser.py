"""Every static page in a real browser: nobody else is asked, nothing fails, all can read it."""

import json
import re

import pypdfium2 as pdfium
import pytest
from conftest import ROOT

from browser.conftest import HOSTILE
from lupuscart.explore.scenarios import Scenario, answer

PAGES = ["index", *sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")), "data"]
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}


def view(size, theme="light"):
    width, height = SIZES[size]
    return {"viewport": {"width": width, "height": height}, "color_scheme": theme}


def until(page, condition):
    """Wait for a condition; playwright's own way needs what the pages forbid."""
    again = f"() => ({condition}) ? done() : setTimeout(look, 20)"
    page.evaluate(f"new Promise(done => {{ const look = {again}; look(); }})")


def accessibility_faults(page, **options):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"preload": False, **options}).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:200]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


# What a theme changes is colours alone: the other rules were asked in the first one.
RULES = {"light": {}, "dark": {"runOnly": ["color-contrast"]}}


def assert_headings_are_links_and_alternative_texts_short(page, name):
    alts = page.locator("img").evaluate_all("images => images.map(image => image.alt.length)")
    assert max(alts, default=1) <= 250
    bare = "all => all.filter(h => h.id && !h.querySelector('a')).map(h => h.textContent)"
    if name != "index":
        assert page.locator("main .prose h2, main .prose h3").evaluate_all(bare) == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opened_from_a_file(visit, site, name):
    """At both widths and in both themes, without loading the page four times."""
    seen = visit(**view("desktop"))
    page = seen.page
    page.goto((site / f"{name}.html").as_uri(), wait_until="load")
    assert page.title()
    assert page.locator("h1").count() == 1
    assert page.locator("img:not([alt]), img[alt='']").count() == 0
    assert_headings_are_links_and_alternative_texts_short(page, name)
    undrawn = "images => images.filter(i => !i.complete || !i.naturalWidth).map(i => i.src)"
    for theme, rules in RULES.items():
        page.emulate_media(color_scheme=theme)
        for width, height in SIZES.values():
            page.set_viewport_size({"width": width, "height": height})
            until(page, f"innerWidth === {width}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert accessibility_faults(page, **rules) == []
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
    made = page.locator("details.made")
    assert not made.locator("pre").first.is_visible()
    made.locator("summary").click()
    assert made.locator("pre").first.is_visible()


def test_the_list_of_pages_stands_beside_the_text_and_is_folded_on_a_phone(visit, site):
    page = visit(**view("desktop")).page
    page.goto((site / "02_response.html").as_uri())
    links = page.locator(".menu nav a")
    assert links.first.is_visible()
    menu, text = page.locator(".menu").bounding_box(), page.locator("main").bounding_box()
    assert menu["x"] + menu["width"] <= text["x"]
    page.set_viewport_size({"width": 390, "height": 844})
    until(page, "!document.querySelector('.menu').open")
    assert not links.first.is_visible()
    page.locator(".menu summary").click()
    assert links.first.is_visible()


@pytest.mark.parametrize("asked", ["müller doris", "Muller  DORIS", "52 to 96 %", "LLDAS"])
def test_the_search_works_from_a_file_and_leads_to_the_place(visit, site, asked):
    seen = visit(**view("desktop"))
    page = seen.page
    page.goto((site / "01_trials.html").as_uri())
    page.get_by_role("searchbox").fill(asked)
    until(page, "document.querySelectorAll('#results li').length > 0")
    link = page.locator("#results a").first
    place = link.get_attribute("href")
    link.click()
    until(page, f"location.href.endsWith({place!r})")
    assert page.locator("h1").is_visible()
    assert seen.errors == []
    assert seen.hosts() == {""}


def test_a_search_without_a_match_says_so(visit, site):
    page = visit(**view("phone")).page
    page.goto((site / "index.html").as_uri())
    page.locator(".menu summary").click()
    page.get_by_role("searchbox").fill("<b>qqqq</b>")
    until(page, "document.getElementById('found').textContent.includes('qqqq')")
    assert page.locator("#results li").count() == 0
    assert page.locator("#found b").count() == 0


@pytest.mark.parametrize("name", ["02_response", "04_safety", "data"])
def test_a_page_prints_light_with_whole_tables_whatever_the_theme(visit, site, name):
    page = visit(viewport={"width": 718, "height": 1000}, color_scheme="dark").page
    page.goto((site / f"{name}.html").as_uri())
    ink = "getComputedStyle(document.body).color"
    dark = page.evaluate(ink)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(ink) != dark
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
    wide = "regions => regions.filter(r => r.scrollWidth > r.clientWidth + 1).length"
    assert page.locator(".scroll").evaluate_all(wide) == 0
    assert not page.locator(".menu").is_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    folded = "main details:not(.made, .described, [open])"
    assert page.locator(folded).count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("main details[open]").count() == 0


def test_a_figure_is_light_on_paper_whatever_the_theme(visit, site, tmp_path):
    page = visit(**view("desktop", "dark")).page
    page.goto((site / "02_response.html").as_uri(), wait_until="load")
    until(page, "document.querySelector('figure img').currentSrc.includes('-dark')")
    page.pdf(path=tmp_path / "page.pdf", format="A4", print_background=True)
    pages = [
        sheet.render(scale=1).to_numpy() for sheet in pdfium.PdfDocument(tmp_path / "page.pdf")
    ]
    darkest = max(float((sheet.mean(axis=2) < 60).mean()) for sheet in pages)
    assert darkest < 0.1
    assert any((sheet.std(axis=2) > 30).mean() > 0.0005 for sheet in pages)
    until(page, "document.querySelector('figure img').currentSrc.includes('-dark')")


def test_what_scrolls_on_a_phone_says_so(visit, site):
    page = visit(**view("phone")).page
    page.goto((site / "04_safety.html").as_uri())
    hints = page.locator(".wide").evaluate_all(
        """all => all.map(one => {
            const region = one.querySelector('.scroll');
            const hinted = !one.querySelector('.hint').hidden;
            return [region.scrollWidth > region.clientWidth + 1, hinted];
        })"""
    )
    assert any(scrolls for scrolls, _ in hints)
    assert all(scrolls == hinted for scrolls, hinted in hints)


@pytest.mark.parametrize("name", ["01_trials", "02_response", "06_conditioning"])
def test_dois_lead_to_the_papers(visit, site, name):
    page = visit(**view("desktop")).page
    page.goto((site / f"{name}.html").as_uri())
    links = page.locator("main a[href^='https://doi.org/10.']")
    assert links.count() > 0
    assert all("/" in text for text in links.all_text_contents())


def test_the_description_of_the_data_leads_to_its_papers(visit, site):
    page = visit(**view("desktop")).page
    page.goto((site / "data.html").as_uri())
    links = page.locator("main a[href^='https://pubmed.ncbi.nlm.nih.gov/']")
    text = (ROOT / "data/README.md").read_text(encoding="utf-8")
    told = re.findall(r"PMID (\d+)", text)
    assert told
    assert links.all_text_contents() == told


@pytest.mark.parametrize("name", ["stats", "stats/pooling", "stats/planning/two_arm"])
def test_a_reference_page_asks_nobody_and_fits_a_phone(visit, site, name):
    pytest.importorskip("pdoc")
    seen = visit(**view("phone"))
    seen.page.goto((site / f"reference/lupuscart/{name}.html").as_uri(), wait_until="load")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert seen.hosts() == {""}
    assert seen.errors == []


@pytest.mark.parametrize("name", ["index", "01_trials", "02_response"])
def test_text_from_a_csv_is_text(visit, hostile_site, name):
    seen = visit(**view("desktop"))
    seen.page.goto((hostile_site / f"{name}.html").as_uri(), wait_until="load")
    assert seen.page.title() != "ran"
    assert seen.hosts() == {""}
    assert seen.errors == []
    if name != "index":
        assert seen.page.locator("td", has_text=HOSTILE).count() > 0
    # What the page's own script reads is data and is not run.
    run = "main script:not([type='application/json']), main img[onerror]"
    assert seen.page.locator(run).count() == 0


def _plain(text):
    return " ".join(text.replace("\u00a0", " ").split())


def _move(page, **values):
    """Set controls as a reader does, and let the page answer."""
    for name, value in values.items():
        control = page.locator(f"section.explore [name={name}]")
        kind = control.evaluate("each => each.tagName + each.type")
        if kind.startswith("SELECT"):
            control.select_option(str(value))
        elif kind == "INPUTrange":
            control.evaluate("(each, to) => { each.value = to; }", str(value))
            control.dispatch_event("input")
        else:
            control.fill(str(value))


@pytest.mark.parametrize("size", SIZES)
def test_the_sliders_of_a_page_from_a_file_have_the_numbers_of_the_package(visit, site, size):
    seen = visit(**view(size))
    page = seen.page
    page.goto((site / "09_explore.html").as_uri())
    said = page.locator("section.explore .said")
    cells = page.locator("section.explore tbody tr")
    for k, n, added, unassessed, rate, method, level in (
        (12, 15, 1, 1, 50, "clopper-pearson", 0.95),
        (0, 5, 0, 0, 0, "blaker", 0.8),
        (5, 5, 10, 0, 40, "wald", 0.9),
        (60, 60, 10, 10, 100, "wilson", 0.99),
        (1, 8, 0, 3, 13, "uniform-prior", 0.95),
        (1, 40, 0, 0, 2, "jeffreys", 0.8),
    ):
        moved = {"added_nonresponders": added, "unassessed": unassessed, "background_rate": rate}
        _move(page, k=k, n=n, **moved, method=method, confidence_level=level)
        asked = {"confidence_level": level, "method": method, **moved}
        expected = answer(Scenario(k, n, **(asked | {"background_rate": rate / 100})))
        for sentence in expected.sentences:
            assert _plain(sentence) in _plain(said.inner_text())
        rows = [_plain(row) for row in cells.all_inner_texts()]
        shown = expected.shown.astype(str).agg(" ".join, axis=1)
        assert rows == [_plain(row) for row in shown]
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    assert seen.hosts() == {""}
    assert seen.errors == []


def test_what_cannot_be_counted_is_said_and_stays_as_it_was_typed(visit, site):
    page = visit(**view("desktop")).page
    page.goto((site / "09_explore.html").as_uri())
    for k, n, said in (
        (6, 5, "6 responders out of 5 patients is not possible"),
        (0, 0, "Type at least 1"),
        ("x", 5, "x is not a number"),
        (5, 61, "at most 60 patients"),
        ("1.5", 5, "1.5 is not a number"),
        ("", 5, "Type a whole number"),
    ):
        _move(page, k=k, n=n)
        assert said in page.locator("section.explore .said").inner_text()
        assert page.locator("section.explore [name=k]").input_value() == str(k)
        assert page.locator("section.explore tbody tr").count() == 0
    _move(page, k="５", n="５")
    assert "5 of 5" in page.locator("section.explore .said").inner_text()


@pytest.mark.parametrize("name", ["02_response", "04_safety", "06_conditioning"])
def test_every_mark_says_its_source_and_the_rate_is_compared(visit, site, name):
    seen = visit(**view("phone"))
    page = seen.page
    page.goto((site / f"{name}.html").as_uri())
    data = json.loads(page.locator("section.explore script").text_content())
    marks = page.locator("section.explore g")
    assert marks.count() == len(data["rows"]) > 2
    for at in (0, len(data["rows"]) - 1):
        marks.nth(at).focus()
        shown = page.locator("section.explore .mark").inner_text()
        assert _plain(data["rows"][at]["read"]) in _plain(shown)
    counted = [row for row in data["rows"] if not row["benchmark"]]
    for rate in (0, 37, 100):
        _move(page, rate=rate)
        number = len([row for row in counted if row["low"] > rate / 100])
        if name == "04_safety":
            number = len([row for row in counted if row["high"] < rate / 100])
        text = page.locator("section.explore .said").inner_text()
        assert re.search(rf"\b{number}\b", text) and f"{rate}\u00a0%" in text
    group = data["groups"][-1]
    _move(page, group=group)
    assert marks.count() == sum(row["group"] == group for row in data["rows"])
    assert seen.errors == []


def test_a_page_that_moves_weighs_at_most_three_megabytes(site):
    shared = ("style.css", "theme.js", "site.js", "explore.js", "limits.js", "09_explore.html")
    figures = [path.name for path in (site / "figures").glob("09_explore*.svg")]
    weight = sum((site / name).stat().st_size for name in shared)
    weight += sum((site / "figures" / name).stat().st_size for name in figures)
    assert weight < 3_000_000
