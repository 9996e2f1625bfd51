"""Which font draws which character: the families of a language, and what the machine has besides.

A character that no font has would be drawn as a box. It is looked for in every font of the
machine, those installed since matplotlib last made its list included. English looks the same
everywhere: its font comes with a package.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache

from font_source_sans_pro import font_files_ttf
from matplotlib import font_manager
from matplotlib.font_manager import FontProperties

__all__ = ["chinese_font_file", "families_for", "font_family", "without_glyph"]

# Its figures are of one width by default: matplotlib asks a font for no others.
_LATIN = "Source Sans Pro"
_LATIN_FILES = tuple(font_files_ttf[name] for name in ("SourceSansPro", "SourceSansProBold"))

# For signs that others lack; it comes with matplotlib.
_SIGNS = "DejaVu Sans"

# In the order of preference; each has the characters of Chinese as printed on the mainland.
_CJK_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans SC",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
)

# A box for every character, or signs of formulas under the codes of letters.
_NO_TEXT = re.compile(r"Last ?Resort|^cm\w+10$|^STIX(NonUnicode|Size)")


def font_family(language: str) -> list[str]:
    """Return the fonts of a language, in the order in which a character is looked for.

    English needs one alone, which comes with a package; one with Chinese characters is added
    where it is installed, for a table of the reader's own that holds them. Chinese takes its
    Latin letters and digits from the same face.

    Raises
    ------
    ValueError
        For Chinese, if no font that has its characters is installed.

    Examples
    --------
    >>> font_family("en")[0]
    'Source Sans Pro'
    """
    _put_latin_first()
    if language == "en":
        return [_LATIN, _SIGNS, *_installed_cjk_fonts()[:1]]
    return [_cjk_font(), _LATIN, _SIGNS]


def _put_latin_first() -> None:
    """Add the font of the package, before another edition that the machine may have."""
    manager = font_manager.fontManager
    if tuple(font.fname for font in manager.ttflist[: len(_LATIN_FILES)]) == _LATIN_FILES:
        return
    for path in reversed(_LATIN_FILES):
        manager.addfont(path)
        manager.ttflist.insert(0, manager.ttflist.pop())


def chinese_font_file() -> str:
    """Return the file of the font that draws Chinese.

    Raises
    ------
    ValueError
        If none is installed.
    """
    return font_manager.findfont(_cjk_font())


def without_glyph(text: str, families: Iterable[str]) -> str:
    """Return the characters of a text that no font of these families draws, each once.

    Blanks and what is never drawn (a variation selector, a soft hyphen) need no font; other
    control characters would be drawn as boxes and count.

    Parameters
    ----------
    text : str
        In any script.
    families : iterable of str
        Names of font families; one that is not installed draws nothing.

    Examples
    --------
    >>> without_glyph("Müller ≤ 5, สม", ["DejaVu Sans"])
    'สม'
    """
    fonts = [font for family in families if (font := _font(family)) is not None]
    return "".join(
        character
        for character in dict.fromkeys(text)
        if _is_drawn(character) and not any(_has(font, character) for font in fonts)
    )


def families_for(text: str, families: Sequence[str]) -> tuple[list[str], str]:
    """Return the families that a text needs, others of the machine among them, and what is missing.

    A text is drawn in less time where fewer families are asked.

    Parameters
    ----------
    text : str
        In any script.
    families : sequence of str
        Where each character is looked for first.

    Returns
    -------
    tuple of list of str and str
        The first family, those after it that draw what the ones before lack, and the characters
        that no font of the machine has.

    Examples
    --------
    >>> families_for("Feng J 2025", ["DejaVu Sans", "Noto Sans CJK SC"])
    (['DejaVu Sans'], '')
    """
    found = list(families[:1])
    missing = without_glyph(text, found)
    found, missing = _add(found, missing, families[1:])
    for look_again in (False, True):
        if missing and look_again:
            _add_new_fonts()
        if missing:
            found, missing = _add(found, missing, _others(families))
    return found, missing


def _add(found, missing, families):
    """Add each of the families that draws something missing, until nothing is."""
    for family in families if missing else ():
        fewer = without_glyph(missing, [family])
        if fewer != missing:
            found, missing = [*found, family], fewer
        if not missing:
            break
    return found, missing


def _others(taken) -> list[str]:
    """The other families of the machine; those without serifs and of Noto first."""
    names = {font.name for font in font_manager.fontManager.ttflist} - set(taken)
    names = {name for name in names if not _NO_TEXT.search(name)}
    return sorted(names, key=lambda name: ("Noto Sans" not in name, "Sans" not in name, name))


def _is_drawn(character) -> bool:
    ignored = 0xFE00 <= ord(character) <= 0xFE0F or unicodedata.category(character) == "Cf"
    return not (ignored or character == "\n" or unicodedata.category(character) == "Zs")


def _font(family):
    try:
        path = font_manager.findfont(FontProperties(family=[family]), fallback_to_default=False)
        return font_manager.get_font(path)
    except (ValueError, OSError, RuntimeError):  # not installed, or removed, or broken
        return None


def _has(font, character) -> bool:
    """Whether a font has an outline for a character: a font of colours may have none to draw."""
    if not font.get_char_index(ord(character)):
        return False
    try:
        font.set_size(12, 72)
        font.load_char(ord(character))
        return len(font.get_path()[0]) > 0
    except RuntimeError:
        return False


@cache
def _cjk_font() -> str:
    if not _installed_cjk_fonts():
        _add_new_fonts()
    if fonts := _installed_cjk_fonts():
        return fonts[0]
    raise ValueError(
        "language is 'zh' and no font with Chinese characters is installed; allowed: one of "
        f"{', '.join(_CJK_FONTS)}. On Debian or Ubuntu: apt-get install fonts-noto-cjk. Elsewhere: "
        "install the free font Noto Sans CJK SC."
    )


def _installed_cjk_fonts() -> list[str]:
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return [name for name in _CJK_FONTS if name in installed]


def _add_new_fonts() -> None:
    """Add the fonts of the machine that are not in the list which matplotlib keeps for long."""
    known = {font.fname for font in font_manager.fontManager.ttflist}
    for path in sorted(set(font_manager.findSystemFonts()) - known):
        try:
            font_manager.fontManager.addfont(path)
        except Exception:  # a broken font file on the machine is not the reader's problem
            continue
