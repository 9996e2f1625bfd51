"""What a single cell may hold, and what is said of one that holds something else.

A fault is a message and a kind. Cells of one file whose faults are of one kind are told in one
line, whatever their columns; a fault without a kind is told with its own column.
"""

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from lupuscart.data.text import signs
from lupuscart.words import lexicon
from lupuscart.words.messages import Message

__all__ = [
    "MADE_A_DATE",
    "Fault",
    "cell_fault",
    "choice_fault",
    "code_of",
    "labels_of",
    "repair_of",
]

# A suggestion compares one wrong value with every code: only the first few get one,
# and a longer list of codes is cut, or a table of garbage would take minutes to refuse.
SUGGESTIONS = 50
PRINTED_CODES = 100

Fault = tuple[str, str]
Check = Callable[[str], Fault | None]

# Fifteen digits is what a float holds exactly.
_INTEGER = re.compile(r"[0-9]{1,15}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_WHOLE_DECIMAL = re.compile(r"([0-9]{1,15})\.0+")
_DECIMAL_COMMA = re.compile(r"(-?[0-9]+),([0-9]+)")
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+")
# SPSS and many a register write so where nothing was measured.
_NINES = re.compile(r"-9+(\.0+)?|9{3,}(\.0+)?")
_ANY_TEXT = r"\S(.*\S)?"

MADE_A_DATE = (
    "a date, made by a spreadsheet of what was typed; allowed: no date, set the column to text "
    "and type it again, a range such as 10-22"
)


def cell_fault(field: dict, outcomes=None) -> Check:
    """Return the function that says what `field` finds wrong with a text.

    Parameters
    ----------
    field : dict
        A field of the Table Schema.
    outcomes : Outcomes, optional
        What a field of outcomes may hold.

    Examples
    --------
    >>> week = {"name": "week", "type": "integer", "constraints": {"minimum": 0, "maximum": 9}}
    >>> fault = cell_fault(week)
    >>> fault("7")
    >>> fault("n.r.")
    ('a code for a missing value; allowed: an empty cell where nothing was reported', 'missing')
    """
    limits = field.get("constraints", {})
    text_of_any_form = limits.get("pattern", _ANY_TEXT) == _ANY_TEXT
    if outcomes is not None:
        allowed = Message(
            "allowed: {codes}; a new one needs a row in outcomes.csv", codes=_listed(outcomes.codes)
        )
        check = choice_fault(outcomes.codes, allowed=allowed, labels=outcomes.labels())
        accepted = set(outcomes.codes)
    elif "enum" in limits:
        allowed = Message("allowed: {codes}", codes=_listed(limits["enum"]))
        check = choice_fault(limits["enum"], allowed=allowed, labels=_labels(field["name"]))
        accepted = set(limits["enum"])
    elif field["type"] != "string":
        check, allowed = _number_check(field["type"], limits["minimum"], limits["maximum"])
        accepted = set()
    else:
        check, allowed = _text_check(field, limits)
        accepted = set(field.get("meaningful", ()))
    # A note may have several lines, as a spreadsheet's cells may; what names something has one.
    lines = field["type"] == "string" and not {"enum", "pattern"} & set(limits) and not outcomes

    def fault(text: str) -> Fault | None:
        if not text:
            return (
                (Message("the cell is empty; {allowed}", allowed=allowed), "")
                if limits.get("required")
                else None
            )
        if message := signs.invisible_fault(text, lines=lines):
            return message, message
        if text in accepted:
            return None
        if signs.is_missing_code(text):
            return _missing_fault(allowed, required=bool(limits.get("required")))
        found = check(text)
        if found is None:
            message = signs.script_fault(text)
            return (message, message) if message else None
        if field["type"] != "string" and (count := signs.fraction(text)):
            events, n = count
            return Message(
                "two numbers in one cell; allowed: one in each, as {events} and {n}",
                events=events,
                n=n,
            ), ""
        return (
            found if text_of_any_form and field["type"] == "string" else _named(text, check, found)
        )

    return fault


def labels_of(field: dict, outcomes=None) -> dict[str, str]:
    """Return what a reader sees for each code of a field, in the reader's language.

    Parameters
    ----------
    field : dict
        A field of the Table Schema; one without codes has no labels.
    outcomes : Outcomes, optional
        What a field of outcomes may hold.

    Examples
    --------
    >>> labels_of({"name": "role", "constraints": {"enum": ["core", "context"]}})
    {'core': 'core', 'context': 'context'}
    """
    if field["name"] == "outcome" and outcomes is not None:
        label = f"label_{lexicon.current_language()}"
        return outcomes.table.set_index("code")[label].to_dict()
    codes = field.get("constraints", {}).get("enum", ())
    return {code: lexicon.word_for(field["name"], code) for code in codes}


def code_of(field: dict, outcomes=None) -> Callable[[str], str]:
    """Return the function that puts a code for its label, in any language, and leaves the rest.

    Examples
    --------
    >>> read_in = {"name": "read_in", "constraints": {"enum": ["primary", "secondary"]}}
    >>> code = code_of(read_in)
    >>> code("second-hand"), code("转引"), code("primary"), code("hearsay")
    ('secondary', 'secondary', 'primary', 'hearsay')
    """
    codes = {}
    for language in lexicon.LANGUAGES:
        with lexicon.using(language):
            labels = labels_of(field, outcomes)
        codes |= {signs.skeleton(label): code for code, label in labels.items()}
    known = set(codes.values())
    return lambda text: text if text in known else codes.get(signs.skeleton(text), text)


def repair_of(field: dict, *, decimal_comma: bool) -> Callable[[str], str]:
    """Return the function that writes a number as the schema has it, and leaves the rest alone.

    Parameters
    ----------
    field : dict
        A field of the Table Schema.
    decimal_comma : bool
        Whether a comma may be a decimal sign: only where it separates no cells. ``1,000`` is
        left alone where a thousand is allowed, since nobody can tell whether it is 1.

    Examples
    --------
    >>> week = {"name": "week", "type": "integer", "constraints": {"minimum": 0, "maximum": 9}}
    >>> repair_of(week, decimal_comma=False)("7.0")
    '7'
    >>> value = {"name": "value", "type": "number", "constraints": {}}
    >>> repair_of(value, decimal_comma=True)("12,25")
    '12.25'
    """
    limits = field.get("constraints", {})
    form = re.compile(limits.get("pattern", ""))
    digits = form.pattern and form.fullmatch("12345678") and not form.fullmatch("1.0")

    def repair(text: str) -> str:
        whole = _WHOLE_DECIMAL.fullmatch(text)
        if whole and (field["type"] == "integer" or digits):
            return whole[1]
        if decimal_comma and "," in text and not _divides_thousands(text, limits):
            pointed = _DECIMAL_COMMA.sub(r"\1.\2", text)
            if field["type"] == "number" and _NUMBER.fullmatch(pointed):
                return pointed
            if field["name"] == "spread" and form.fullmatch(pointed):
                return pointed
        return text

    return repair


def _divides_thousands(text: str, limits: dict) -> bool:
    """Whether a comma may stand for nothing: the number without it is one the field can hold."""
    if not _THOUSANDS.fullmatch(text):
        return False
    lowest, highest = limits.get("minimum", -math.inf), limits.get("maximum", math.inf)
    return lowest <= float(text.replace(",", "")) <= highest


def choice_fault(
    codes: list[str],
    *,
    allowed: str,
    labels: Mapping[str, str] | None = None,
    nearness: float = 0.6,
) -> Check:
    """Return the function that finds no fault with `codes`, and the nearest one to another text.

    Parameters
    ----------
    codes : list of str
        What may stand.
    allowed : str
        What is said of it.
    labels : mapping of str to str, optional
        The code of each label that a reader may have typed in its place.
    nearness : float
        How alike a code has to be to be suggested, 0 to 1.

    Examples
    --------
    >>> fault = choice_fault(["sri4", "doris"], allowed="...", labels={"DORIS 缓解": "doris"})
    >>> fault("SRI-4"), fault("缓解")
    (("did you mean 'sri4'? ...", ''), ("did you mean 'doris'? ...", ''))
    """
    known = set(codes)
    meant = {_plain(code): code for code in codes}
    # The words may know codes that this column does not: another table's, or a reason for a gap.
    usable = {label: code for label, code in (labels or {}).items() if code in known}
    meant |= {_plain(label): code for label, code in reversed(usable.items())}
    suggestions = iter(range(SUGGESTIONS))

    def fault(text: str) -> Fault | None:
        if text in known:
            return None
        left = next(suggestions, None) is not None
        near = _nearest(text[:100], codes, meant, nearness) if left else None
        return (
            Message("did you mean {near!r}? {allowed}", near=near, allowed=allowed)
            if near
            else allowed
        ), ""

    return fault


def _nearest(text, codes, meant, nearness) -> str | None:
    plain = _plain(text)
    if plain in meant:
        return meant[plain]
    known = {code.casefold(): code for code in codes}
    if near := difflib.get_close_matches(text.casefold(), known, n=1, cutoff=nearness):
        return known[near[0]]
    # A word of a label, such as 应答, says less than the label: the first that has it.
    holding = [code for label, code in meant.items() if len(plain) > 1 and plain in label]
    return min(holding, key=codes.index) if holding else None


def _plain(text: str) -> str:
    return "".join(each for each in signs.skeleton(text) if each.isalnum())


@cache
def _labels(kind: str) -> dict[str, str]:
    """Return the code of each word that a reader sees for the levels of a field."""
    codes = {}
    for language in lexicon.LANGUAGES:
        with lexicon.using(language):
            codes |= {
                lexicon.word(code): code.removeprefix(f"{kind}.") for code in lexicon.codes(kind)
            }
    return codes


def _listed(codes: Iterable[str]) -> str:
    codes = list(codes)
    printed = ", ".join(codes[:PRINTED_CODES])
    more = len(codes) - PRINTED_CODES
    return Message("{codes} and {n} more", codes=printed, n=more) if more > 0 else printed


def _missing_fault(allowed: str, *, required: bool) -> Fault:
    if required:
        return Message(
            "a code for a missing value, and this cell may not be empty; {allowed}", allowed=allowed
        ), ""
    return (
        "a code for a missing value; allowed: an empty cell where nothing was reported",
        "missing",
    )


def _named(text: str, check: Check, found: Fault) -> Fault:
    """Return the fault as what it is, where it can be told: a look-alike, a date, a comma."""
    plain, sign = signs.plain_number(text)
    if sign and check(plain) is None:
        return Message(
            "{sign}, is no sign of a number; allowed: plain signs, such as {plain}",
            sign=sign,
            plain=plain,
        ), sign
    if signs.date_fault(text):
        if check("2026-08-24") is None:
            return "a day in another form; allowed: year, month and day, such as 2026-08-24", "date"
        return MADE_A_DATE, "date"
    if _DECIMAL_COMMA.fullmatch(text) and check(text.replace(",", ".")) is None:
        pointed = text.replace(",", ".")
        if _THOUSANDS.fullmatch(text):
            return Message(
                "a comma that may divide thousands; allowed: {pointed} or no comma", pointed=pointed
            ), ""
        return Message(
            "a decimal comma; allowed: a point, such as {pointed}", pointed=pointed
        ), "decimal comma"
    if _NINES.fullmatch(text):
        message, kind = found
        return Message("{found}; where a number is missing, an empty cell", found=message), kind
    return found


def _number_check(kind: str, minimum: float, maximum: float) -> tuple[Check, str]:
    written = _INTEGER if kind == "integer" else _NUMBER
    noun = "a whole number in digits only" if kind == "integer" else "a number such as -4.8"
    allowed = Message(
        "allowed: {noun}, {minimum} to {maximum}", noun=noun, minimum=minimum, maximum=maximum
    )

    def check(text):
        right = written.fullmatch(text) and minimum <= float(text) <= maximum
        return None if right else (allowed, "")

    return check, allowed


def _text_check(field: dict, limits: dict) -> tuple[Check, str]:
    longest = limits.get("maxLength")
    pattern = limits.get("pattern")
    form = re.compile(pattern) if pattern else None
    meaning = field["description"]
    allowed = Message("allowed: a text ({meaning})", meaning=meaning)
    if pattern and pattern != _ANY_TEXT:
        allowed = Message("allowed: {form}", form=field["form"]) if "form" in field else ""
        allowed = allowed or Message(
            "allowed: a text of the form {pattern} ({meaning})", pattern=pattern, meaning=meaning
        )

    def check(text):
        if longest and len(text) > longest:
            return Message(
                "{n} characters; allowed: at most {longest}", n=len(text), longest=longest
            ), ""
        return None if form is None or form.fullmatch(text) else (allowed, "")

    return check, allowed
