"""English looks the same on every machine: one font, from a package, with figures of one width."""

import pytest
from font_source_sans_pro import font_files_ttf
from matplotlib import font_manager
from matplotlib.font_manager import FontEntry, FontProperties

from lupuscart.figures import fonts, style
from lupuscart.figures.fitting import text_width


@pytest.fixture
def another_edition(monkeypatch):
    """A machine that has a font of the same name, first in its list."""
    manager = font_manager.fontManager
    other = FontEntry(fname=font_manager.findfont("DejaVu Sans"), name="Source Sans Pro")
    rest = [font for font in manager.ttflist if font.name != "Source Sans Pro"]
    monkeypatch.setattr(manager, "ttflist", [other, *rest])
    manager._findfont_cached.cache_clear()
    yield
    manager._findfont_cached.cache_clear()


@pytest.mark.parametrize(("weight", "name"), [(400, "SourceSansPro"), (700, "SourceSansProBold")])
def test_the_font_is_the_packages_whatever_the_machine_has(another_edition, weight, name):
    style.use_style()
    wanted = FontProperties(family=fonts.font_family("en"), weight=weight)
    assert font_manager.findfont(wanted) == font_files_ttf[name]


@pytest.mark.parametrize("weight", [400, 700])
def test_figures_are_of_one_width(language, weight):
    font = FontProperties(family=fonts.font_family(language), size=20, weight=weight)
    assert len({round(text_width(digit * 10, font), 3) for digit in "0123456789"}) == 1


def test_the_signs_of_a_figure_are_in_the_font():
    assert fonts.without_glyph("≤≥−–—×·†…→αβ%é Łü", [fonts.font_family("en")[0]]) == ""


def test_chinese_takes_letters_and_characters_from_one_face(language):
    first = fonts.font_family(language)[0]
    assert fonts.without_glyph("Wang X 2025, n = 15 %", [first]) == ""
    assert (fonts.without_glyph("第 13 周，置信区间（%）", [first]) == "") == (language == "zh")
