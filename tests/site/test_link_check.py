"""Links of a static site: each kind of fault is found, and nothing else."""

import pytest

from lupuscart.site.link_check import broken_links


def faults(tmp_path, body):
    site = tmp_path / "site"
    (site / "figures").mkdir(parents=True)
    (site / "figures" / "a b.svg").touch()
    (site / "b.html").write_text('<h2 id="here">b</h2>', encoding="utf-8")
    (tmp_path / "outside.html").touch()
    (site / "a.html").write_text(body, encoding="utf-8")
    return broken_links(site)


@pytest.mark.parametrize(
    "body",
    [
        '<a href="b.html">b</a>',
        '<a href="b.html#here">b</a>',
        '<i id="top"></i><a href="#top">top</a>',
        '<a href="https://doi.org/10.1000/1">a paper</a>',
        '<picture><source srcset="figures/a%20b.svg"><img src="figures/a%20b.svg"></picture>',
        "<p>href=nowhere.html</p>",
    ],
)
def test_what_leads_somewhere_is_no_fault(tmp_path, body):
    assert faults(tmp_path, body) == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="c.html">c</a>', "c.html does not exist"),
        ('<a href="figures">c</a>', "figures does not exist"),
        ('<a href="b.html#there">b</a>', "b.html#there names no place in that page"),
        ('<a href="#there">b</a>', "#there names no place in that page"),
        ('<a href="figures/a%20b.svg#x">b</a>', "figures/a%20b.svg#x names no place in that page"),
        ('<a href="../outside.html">b</a>', "../outside.html leads out of the site"),
        ('<a href="/etc/hosts">b</a>', "/etc/hosts leads out of the site"),
        ('<img src="https://host/a.png">', "https://host/a.png is fetched from another host"),
        ('<script src="//host/a.js"></script>', "//host/a.js is fetched from another host"),
        ('<link href="http://host/a.css">', "http://host/a.css is fetched from another host"),
        ('<a href="javascript:alert(1)">b</a>', "javascript:alert(1) is fetched from another host"),
    ],
)
def test_a_fault_is_named_with_its_page(tmp_path, body, fault):
    assert faults(tmp_path, body) == [f"a.html: {fault}"]
