"""What stands in a cell and is not what it looks like, each thing told by its name.

Vocabulary
----------
invisible
    a character that prints nothing, prints as blank without being a space, moves the cursor
    or turns what is read around: two texts that differ in it look the same.
look-alike
    a sign that stands for another: a typographic minus for a hyphen-minus, digits of another
    width or script, a Cyrillic letter among Latin ones.
code for missing
    what people and programs write where nothing was reported: NA, n.r., a dash, a point.
"""

import functools
import re
import unicodedata

from lupuscart.words.messages import Message

__all__ = [
    "date_fault",
    "evenly_spaced",
    "fraction",
    "invisible_fault",
    "is_missing_code",
    "plain_number",
    "script_fault",
    "skeleton",
    "stripped",
]

# Default_Ignorable_Code_Point of Unicode, and the braille cell without dots: they print nothing
# or a blank, though many count as letters or marks. General categories tell all the others.
_BLANK_RANGES = (
    *((0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2800, 0x2800)),
    *((0x2065, 0x2065), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8)),
    (0xE0000, 0xE0FFF),
)
_INVISIBLE_CATEGORIES = ("Cc", "Cf", "Cs", "Zl", "Zp")
# More marks on one letter than any script in use has.
_STACKED = 8

# General category Zs.
_SPACES = "".join(map(chr, (0x20, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)))

# Unicode gives control characters no name; these are its formal aliases.
_CONTROLS = """\
NULL | START OF HEADING | START OF TEXT | END OF TEXT | END OF TRANSMISSION | ENQUIRY |
ACKNOWLEDGE | ALERT | BACKSPACE | CHARACTER TABULATION | LINE FEED | LINE TABULATION | FORM FEED |
CARRIAGE RETURN | SHIFT OUT | SHIFT IN | DATA LINK ESCAPE | DEVICE CONTROL ONE | DEVICE CONTROL
TWO | DEVICE CONTROL THREE | DEVICE CONTROL FOUR | NEGATIVE ACKNOWLEDGE | SYNCHRONOUS IDLE | END
OF TRANSMISSION BLOCK | CANCEL | END OF MEDIUM | SUBSTITUTE | ESCAPE | INFORMATION SEPARATOR FOUR
| INFORMATION SEPARATOR THREE | INFORMATION SEPARATOR TWO | INFORMATION SEPARATOR ONE | DELETE |
PADDING CHARACTER | HIGH OCTET PRESET | BREAK PERMITTED HERE | NO BREAK HERE | INDEX | NEXT LINE |
START OF SELECTED AREA | END OF SELECTED AREA | CHARACTER TABULATION SET | CHARACTER TABULATION
WITH JUSTIFICATION | LINE TABULATION SET | PARTIAL LINE FORWARD | PARTIAL LINE BACKWARD | REVERSE
LINE FEED | SINGLE SHIFT TWO | SINGLE SHIFT THREE | DEVICE CONTROL STRING | PRIVATE USE ONE |
PRIVATE USE TWO | SET TRANSMIT STATE | CANCEL CHARACTER | MESSAGE WAITING | START OF GUARDED AREA
| END OF GUARDED AREA | START OF STRING | SINGLE GRAPHIC CHARACTER INTRODUCER | SINGLE CHARACTER
INTRODUCER | CONTROL SEQUENCE INTRODUCER | STRING TERMINATOR | OPERATING SYSTEM COMMAND | PRIVACY
MESSAGE | APPLICATION PROGRAM COMMAND""".replace("\n", " ").split(" | ")

# What is typed or pasted for a hyphen-minus.
_MINUSES = (0x02D7, 0x2043, 0x207B, 0x208B, 0x2212, 0x2796, 0xFE58, 0xFE63, 0xFF0D)
_HYPHENS = dict.fromkeys((*range(0x2010, 0x2016), *_MINUSES), "-")
_POINTS = {0xFF0E: ".", 0x066B: ".", 0x3002: ".", 0xFE52: "."}

# Letters of other scripts that no eye tells from a Latin one; Greek only where it is exact,
# since TGF-beta and gamma-delta are written with Greek letters on purpose.
_TWINS = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухһԁԛԝѵΑΒΕΖΗΙΚΜΝΟΡΤΥΧοϲՕՍհոսօıℓ∣ǀ",
    "ABESIJKMHOPCTYXaesijopcyxhdqwvABEZHIKMNOPTYXocOUhnuoilll",
)
_TWIN_WORD = re.compile(r"[^\W\d_]+")

_MISSING = re.compile(
    r"[-./?*_#~…—–]{1,3}|#?n/?a|#n/a!?|n\.?[adrsk]\.?|na_\w+|<na>|\.[a-z_]|nan|nil|null|none|"
    r"missing|unknown|unk|blank|empty|not?[ _-]?(?:reported|available|applicable|known|"
    r"stated|given|data|done|determined)|k\.?a\.?|keine angabe(?:n)?|s\.?o\.?|nicht berichtet|"
    r"non (?:rapporté|disponible)|未报告|未报导|未报道|未提及|未提供|未知|未说明|未测|未检测|"
    r"无|无数据|無|無數據|缺失|缺省|不详|不明|不适用|不適用|空|暂无|没有|欠損|不明|なし|없음",
    re.IGNORECASE,
)

_MONTHS = (
    r"(?:jan|feb|mar|m[aä]r|mrz|apr|ma[iy]|jun|jul|aug|sep|sept|o[ck]t|nov|de[cz]|"
    r"janv|févr|fevr|avr|juin|juil|août|aout|déc|ene|abr|ago|dic)[a-zéû]{0,6}\.?"
)
_DATE = re.compile(
    rf"\d{{1,4}}[-/. ]{{1,2}}{_MONTHS}(?:[-/. ]{{1,2}}\d{{2,4}})?|{_MONTHS}[-/. ]{{1,2}}\d{{1,4}}|"
    rf"{_MONTHS}[-/. ]\d{{1,2}},? \d{{4}}|"
    r"\d{1,4}/\d{1,2}(?:/\d{1,4})?|\d{1,4}([-.])\d{1,2}\1\d{1,4}|\d{1,2}\.\d{1,2}\.|"
    r"(?:\d{2,4}年)?\d{1,2}月(?:\d{1,2}日)?|\d{2,4}年",
    re.IGNORECASE,
)
_TIME_OF_DAY = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?Z?$")


_SPACE_WITHIN = re.compile("[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_FRACTION = re.compile(r"([0-9]{1,7}) ?(?:/|of|\u2215|\u2044) ?([0-9]{1,7})")


def stripped(text: str) -> str:
    r"""Return `text` without the spaces around it, of whatever width.

    Examples
    --------
    >>> stripped(" all\u3000"), stripped("\tall")
    ('all', '\tall')
    """
    return text.strip(_SPACES)


def invisible_fault(text: str, *, lines: bool = False) -> str | None:
    r"""Return which character of `text` cannot be seen, by number and name; None if all can.

    Parameters
    ----------
    text : str
        A cell.
    lines : bool
        Whether it may have several lines, as a note may.

    Examples
    --------
    >>> invisible_fault("all\u200b")
    'character U+200B, ZERO WIDTH SPACE, cannot be seen; allowed: text without it'
    """
    if text.isascii() and text.isprintable():
        return None
    marks = 0
    for character in text:
        if _is_invisible(character) and not (lines and character == "\n"):
            return Message(
                "character {character}, cannot be seen; allowed: text without it",
                character=_name(character),
            )
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > _STACKED:
            mark = _name(character)
            return Message(
                "more than {most} marks on one letter, the last {mark}; allowed: fewer",
                most=_STACKED,
                mark=mark,
            )
    return None


@functools.lru_cache(4096)
def _is_invisible(character: str) -> bool:
    code = ord(character)
    return (
        unicodedata.category(character) in _INVISIBLE_CATEGORIES
        or any(first <= code <= last for first, last in _BLANK_RANGES)
        or 0xFDD0 <= code <= 0xFDEF
        or code & 0xFFFE == 0xFFFE
    )


def _name(character: str) -> str:
    code = ord(character)
    if unicodedata.category(character) == "Cc":
        name = _CONTROLS[code if code < 0x20 else code - 0x5F]
    else:
        name = unicodedata.name(character, "NO CHARACTER")
    return f"U+{code:04X}, {name}"


def is_missing_code(text: str) -> bool:
    """Return whether `text` says that there is nothing to say.

    Examples
    --------
    >>> [is_missing_code(text) for text in ("NA", "n. r.", "-", "未报告", "none", "12", "Na L")]
    [True, True, True, True, True, False, False]
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    return bool(_MISSING.fullmatch(plain) or _MISSING.fullmatch(plain.replace(" ", "")))


def plain_number(text: str) -> tuple[str, str]:
    r"""Return `text` in the signs of a keyboard, and the first sign that was another.

    Returns
    -------
    tuple of str
        The text, and the number and name of the sign; ``""`` if there was none.

    Examples
    --------
    >>> plain_number("\u221220")
    ('-20', 'U+2212, MINUS SIGN')
    >>> plain_number("10-22")
    ('10-22', '')
    """
    if text.isascii():
        return text, ""
    plain, first = [], ""
    for character in text:
        code = ord(character)
        other = _HYPHENS.get(code) or _POINTS.get(code)
        if other is None and not character.isascii():
            digit = unicodedata.decimal(character, None)
            other = None if digit is None else str(digit)
        if other is not None and not first:
            first = _name(character)
        plain.append(character if other is None else other)
    return "".join(plain), first


def evenly_spaced(text: str) -> str:
    r"""Return `text` with one plain space for spaces of any width, and for several in a row.

    They look the same, and would make of one name two.

    Examples
    --------
    >>> evenly_spaced("Feng\u00a0J"), evenly_spaced("low  dose"), evenly_spaced("a\nb")
    ('Feng J', 'low dose', 'a\nb')
    """
    return _SPACE_WITHIN.sub(" ", text)


def fraction(text: str) -> tuple[str, str] | None:
    """Return the two numbers of a count written in one cell; None if it is none.

    Examples
    --------
    >>> fraction("12/15"), fraction("12 of 15"), fraction("12 (80%)"), fraction("12")
    (('12', '15'), ('12', '15'), None, None)
    """
    found = _FRACTION.fullmatch(text)
    return found and (found[1], found[2])


def date_fault(text: str) -> bool:
    """Return whether `text` is a date, as a spreadsheet makes one of a range.

    Examples
    --------
    >>> [date_fault(text) for text in ("22-Oct", "2026/6/1", "6月1日", "10-22", "12.5")]
    [True, True, True, False, False]
    """
    return bool(_DATE.fullmatch(_TIME_OF_DAY.sub("", text)))


def script_fault(text: str) -> str | None:
    r"""Return which letter of another script stands in a Latin word; None if none does.

    Examples
    --------
    >>> script_fault("100e6 \u0441ells")
    "U+0441, CYRILLIC SMALL LETTER ES, stands for 'c'; allowed: letters of one script in a word"
    >>> script_fault("anti-TGF\u03b2")
    """
    if text.isascii():
        return None
    for word in _TWIN_WORD.findall(text):
        latin = any(_is_latin(letter) for letter in word)
        for letter in word:
            twin = letter.translate(_TWINS)
            if twin != letter and latin and not _is_latin(letter):
                allowed = "allowed: letters of one script in a word"
                return Message(
                    "{letter}, stands for {twin!r}; {allowed}",
                    letter=_name(letter),
                    twin=twin,
                    allowed=allowed,
                )
    return None


@functools.lru_cache(4096)
def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(("LATIN ", "FULLWIDTH LATIN "))


@functools.lru_cache(4096)
def skeleton(text: str) -> str:
    r"""Return what an eye sees of a name: equal for names that look the same.

    Case, width, spaces, dashes and letters of other scripts that look alike do not count.

    Examples
    --------
    >>> skeleton("All  Diseases") == skeleton("\u0430ll diseases")
    True
    """
    plain = unicodedata.normalize("NFKC", text)
    seen = "".join(each for each in plain if not _is_invisible(each))
    seen = seen.translate(_TWINS).translate(_HYPHENS).casefold().translate(_TWINS)
    return " ".join(seen.split())
