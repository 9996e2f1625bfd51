"""`make test-quick` has every room that it names, and can try fewer examples in each."""

import re

from conftest import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
ROOMS = [ROOT / room for room in re.search(r"^QUICK := (.+)$", MAKEFILE, re.M)[1].split()]


def test_no_room_is_slow_as_a_whole():
    for room in ROOMS:
        modules = [path.read_text(encoding="utf-8") for path in room.glob("test_*.py")]
        quick = [text for text in modules if "pytestmark = pytest.mark.slow" not in text]
        assert len(quick) > len(modules) / 2, room.name


def test_no_test_fixes_how_many_examples_it_tries():
    """`examples` gives a quick run fewer."""
    for room in ROOMS:
        for path in room.glob("test_*.py"):
            assert "max_examples" not in path.read_text(encoding="utf-8"), path.name
