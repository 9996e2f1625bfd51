"""An answer is kept as long as nothing that decides it has changed, and never longer."""

import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lupuscart import kept as module
from lupuscart.kept import Kept


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"study,n\r\na,5\r\n")
    return path


def asker(folder, table, shared="version 1", question="rows"):
    """Return what asks for the lines of a table, and the list that notes when it was read."""
    read = []

    def find():
        read.append(table)
        return table.read_text().splitlines() if table.is_file() else []

    def ask():
        kept = Kept(folder / "kept.json", shared)
        answer = kept.ask(question, [table], find)
        kept.keep()
        return answer

    return ask, read


def asked_again(folder, table, **other):
    """Return how often a table is read that was read before."""
    ask, read = asker(folder, table, **other)
    answer = ask()
    assert answer == (table.read_text().splitlines() if table.is_file() else [])
    return len(read)


def test_what_has_not_changed_is_not_asked_again(tmp_path, table):
    assert asked_again(tmp_path, table) == 1
    os.utime(table, (0, 0))
    assert asked_again(tmp_path, table) == 0


@pytest.mark.parametrize("place", range(14))
def test_every_byte_counts(tmp_path, table, place):
    asked_again(tmp_path, table)
    content = bytearray(table.read_bytes())
    content[place] ^= 1
    table.write_bytes(content)
    assert asked_again(tmp_path, table) == 1
    table.write_bytes(b"\xef\xbb\xbf" + content)
    assert asked_again(tmp_path, table) == 1


def test_a_file_that_comes_or_goes_counts(tmp_path, table):
    asked_again(tmp_path, table)
    content = table.read_bytes()
    table.unlink()
    assert asked_again(tmp_path, table) == 1
    assert asked_again(tmp_path, table) == 0
    table.write_bytes(content)
    assert asked_again(tmp_path, table) == 1


def test_what_all_answers_depend_on_counts_and_so_does_the_question(tmp_path, table):
    asked_again(tmp_path, table)
    assert asked_again(tmp_path, table, shared="version 2") == 1
    assert asked_again(tmp_path, table, question="columns") == 1
    assert asked_again(tmp_path, table, shared="version 2") == 0


@pytest.mark.skipif(os.name == "nt", reason="links and pipes of POSIX")
@pytest.mark.parametrize("kind", ["folder", "pipe", "link that leads nowhere"])
def test_what_is_no_file_is_never_known(tmp_path, table, kind):
    table.unlink()
    {
        "folder": table.mkdir,
        "pipe": lambda: os.mkfifo(table),
        "link that leads nowhere": lambda: table.symlink_to("nowhere"),
    }[kind]()
    assert [asked_again(tmp_path, table) for _ in range(2)] == [1, 1]


def test_an_error_is_not_kept(tmp_path, table):
    def refuse():
        raise ValueError("row 2")

    for _ in range(2):
        kept = Kept(tmp_path / "kept.json", 1)
        with pytest.raises(ValueError, match="row 2"):
            kept.ask("rows", [table], refuse)
        kept.keep()
    assert not (tmp_path / "kept.json").exists()


def test_a_file_that_changes_meanwhile_is_asked_again(tmp_path, table):
    """The answer may be of the file before or after it."""
    later = table.read_bytes() + b"b,6\r\n"
    kept = Kept(tmp_path / "kept.json", "version 1")
    kept.ask("rows", [table], lambda: table.write_bytes(later))
    kept.keep()
    assert asked_again(tmp_path, table) == 1


@settings(max_examples=50)
@given(st.data())
def test_a_damaged_record_means_asking_again(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("kept")
    (folder / "a.csv").write_bytes(b"study,n\na,5\n")
    asked_again(folder, folder / "a.csv")
    record = folder / "kept.json"
    whole = record.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.sampled_from([b"", b"0", b"x", b'"', b"[", b"}", b",", b"\x00", b"\xff"]))
    record.write_bytes(whole[:place] + other + whole[place + 1 :])
    # The same answer, read from the table or from the record, and never another one.
    if json_or_none(record) != json.loads(whole):
        assert asked_again(folder, folder / "a.csv") == 1
    assert asked_again(folder, folder / "a.csv") == 0


def json_or_none(path):
    try:
        return json.loads(path.read_bytes())
    except ValueError:
        return None


@pytest.mark.parametrize("record", ["", "[]", "null", '{"a": 3}', "{", "\x00"])
def test_a_record_of_another_shape_means_asking_again(tmp_path, table, record):
    (tmp_path / "kept.json").write_text(record)
    assert [asked_again(tmp_path, table) for _ in range(2)] == [1, 0]


def test_an_answer_of_another_hand_means_asking_again(tmp_path, table):
    asked_again(tmp_path, table)
    record = tmp_path / "kept.json"
    for other in ([], None, True, 3, {"answer": []}):
        entries = json.loads(record.read_text())
        for entry in entries.values():
            entry["answer"] = other
        record.write_text(json.dumps(entries))
        assert asked_again(tmp_path, table) == 1


def test_a_record_that_cannot_be_written_is_no_error(tmp_path, table):
    (tmp_path / "kept.json").mkdir()
    assert [asked_again(tmp_path, table) for _ in range(2)] == [1, 1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "kept.json"]


def test_the_oldest_answers_go_first(tmp_path, table):
    questions = range(module.MOST + 3)
    for question in questions:
        asked_again(tmp_path, table, question=question)
    read = [asked_again(tmp_path, table, question=question) for question in reversed(questions)]
    assert read == [0] * module.MOST + [1] * 3
