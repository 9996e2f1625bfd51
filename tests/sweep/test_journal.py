"""The journal keeps whole outcomes, once, and only as long as nothing changed."""

import pytest

from lupuscart.sweep.journal import Journal
from lupuscart.sweep.tasks import Outcome, Table

SOURCES = {"page": "1", "table": "1"}


def outcome(key, number=1):
    return Outcome(key, (Table("figure", 1, f"x\n{number}\n"),), None, 0.1)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "journal.jsonl"
    with Journal(path, SOURCES) as journal:
        journal.add(outcome("a"))
        journal.add(outcome("b", 2))
    return path


def test_outcomes_are_there_again(path):
    with Journal(path, SOURCES) as journal:
        assert "a" in journal and len(journal) == 2
        assert journal.tables("b") == [Table("figure", 1, "x\n2\n")]
        assert journal.changed == []


def test_an_outcome_is_kept_once(path):
    before = path.read_bytes()
    with Journal(path, SOURCES) as journal:
        journal.add(outcome("a", 7))
    assert path.read_bytes() == before


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_line_that_was_not_finished_is_cut_off(path, cut):
    path.write_bytes(path.read_bytes()[:-cut])
    with Journal(path, SOURCES) as journal:
        assert "a" in journal and "b" not in journal
        journal.add(outcome("b", 3))
        assert journal.tables("b")[0].text == "x\n3\n"
    with Journal(path, SOURCES) as journal:
        assert len(journal) == 2


def test_a_damaged_line_costs_one_outcome(path):
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"\x00" * 30 + b"\n" + lines[2])
    with Journal(path, SOURCES) as journal:
        assert "a" not in journal and "b" in journal


def test_a_changed_source_throws_all_away_and_is_named(path):
    with Journal(path, {**SOURCES, "table": "2"}) as journal:
        assert journal.changed == ["table"]
        assert len(journal) == 0
        journal.add(outcome("c"))
    with Journal(path, {**SOURCES, "table": "2"}) as journal:
        assert journal.changed == [] and "c" in journal


def test_a_further_source_throws_nothing_away(path):
    with Journal(path, {**SOURCES, "another table": "1"}) as journal:
        assert len(journal) == 2
    with Journal(path, {"another table": "2"}) as journal:
        assert journal.changed == ["another table"]


def test_two_sweeps_do_not_share_a_folder(path):
    pytest.importorskip("fcntl")
    with (
        Journal(path, SOURCES),
        pytest.raises(ValueError, match="another sweep is at work"),
    ):
        Journal(path, SOURCES)


def test_a_full_disk_is_named_with_the_file_and_costs_only_what_it_did_not_take(path):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Journal(path, SOURCES) as journal:
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 10, hard))
        try:
            with pytest.raises(OSError, match=r"journal\.jsonl"):
                journal.add(outcome("c"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with Journal(path, SOURCES) as journal:
        assert "a" in journal and "b" in journal and "c" not in journal
