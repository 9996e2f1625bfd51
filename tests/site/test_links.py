"""Identifiers become links, whatever stands around them, and nothing else does."""

import re

import pytest

from lupuscart.site.links import link_identifiers, linked

DOIS = [
    "10.1038/s41591-025-03937-8",
    "10.1056/NEJMc2509522",
    "10.1016/S2665-9913(25)00091-8",
    "10.1016/S0140-6736(10)61354-2",
    "10.1002/art.27371",
    "10.1136/lupus-2024-el.54",
]
AROUND = [
    ("doi ", "."),
    ("doi ", ", PMID 40993243."),
    ("(doi:", ")"),
    ("（", "）。"),
    ("", ""),
    ("a; doi ", "; n = 5"),
    ("<", ">"),
    ("DOI ", "，第 12 周"),
]


@pytest.mark.parametrize("doi", DOIS)
@pytest.mark.parametrize(("before", "after"), AROUND)
def test_a_doi_is_linked_whole_and_no_more(doi, before, after):
    links = re.findall('href="https://doi.org/([^"]*)"', linked(f"{before}{doi}{after}"))
    assert links == [doi]


def test_pubmed_and_the_registry_are_linked():
    text = linked("PMID 40993243, NCT06379646, ChiCTR2400084091, PMID 1, NCT1")
    assert re.findall('href="([^"]*)"', text) == [
        "https://pubmed.ncbi.nlm.nih.gov/40993243/",
        "https://clinicaltrials.gov/study/NCT06379646",
    ]


@pytest.mark.parametrize(
    "text", ["10.5/15", "v10.1038", "12 of 15 (80%; 52 to 96%)", "10.1 / x", ""]
)
def test_what_is_no_identifier_stays_text(text):
    assert linked(text) == text


@pytest.mark.parametrize("hostile", ['10.1000/"onload=x', "10.1000/<script>", "10.1000/a'b", "<b>"])
def test_markup_beside_an_identifier_stays_text(hostile):
    html = linked(hostile)
    assert "<script" not in html
    assert not re.search(r"<(?!/?a\b)", html)
    assert html.count('"') % 2 == 0
    assert all(len(tag.split()) == 2 for tag in re.findall("<a[^>]*>", html))


@pytest.mark.parametrize("tag", ["a", "code", "pre", "math"])
def test_what_is_a_link_or_code_already_stays(tag):
    html = f"<p><{tag}><b>NCT06379646</b></{tag}></p>"
    assert link_identifiers(html) == html
    after = link_identifiers(f"{html}<p>NCT06379646<br/>NCT06379647</p>")
    assert after.count("<a href") == 2


@pytest.mark.parametrize("text", ["52 %", "48–99.6 %", "n = 5", "N = 12", "p = 0.03", "50 × 10⁶"])
@pytest.mark.parametrize(("before", "after"), [("", ""), ("rates of ", " or more"), ("（", "）")])
def test_no_line_ends_inside_a_number_and_its_sign(text, before, after):
    found = linked(f"{before}{text}{after}")
    assert found == f"{before}{text.replace(' ', chr(0xA0))}{after}"


@pytest.mark.parametrize("text", ["5 of 5", "12 or 15", "a = b", "the mean = 5", "% of 5"])
def test_elsewhere_a_line_may_end(text):
    assert linked(text) == text
