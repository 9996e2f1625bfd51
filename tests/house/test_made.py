"""What was made of the same, and stands as it was made, is not made again."""

import pytest

from lupuscart.made import key_of, note, noted


@pytest.fixture(params=["file", "folder"])
def place(request, tmp_path):
    place = tmp_path / "place"
    if request.param == "file":
        place.write_text("made")
    else:
        (place / "inner").mkdir(parents=True)
        for name in ("a.html", "inner/b.svg", ".list"):
            (place / name).write_text(f"made {name}")
    return place


def files_in(place):
    return [place] if place.is_file() else [path for path in place.rglob("*") if path.is_file()]


def test_what_was_said_of_it_is_known(tmp_path, place):
    assert noted(tmp_path, place, "key") is None
    note(tmp_path, place, "key", ["index.html"])
    assert noted(tmp_path, place, "key") == ["index.html"]
    assert noted(tmp_path, place, "another") is None
    assert noted(tmp_path, tmp_path / "elsewhere", "key") is None


def test_every_file_of_it_counts_to_the_byte(tmp_path, place):
    note(tmp_path, place, "key", 1)
    for path in files_in(place):
        whole = path.read_bytes()
        for damaged in (whole[:-1], whole + b"\r", whole.replace(b"m", b"n"), b""):
            path.write_bytes(damaged)
            assert noted(tmp_path, place, "key") is None
        path.unlink()
        assert noted(tmp_path, place, "key") is None
        path.write_bytes(whole)
        assert noted(tmp_path, place, "key") == 1


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"key": "key"}', "\x00"])
def test_a_damaged_note_is_none(tmp_path, place, text):
    note(tmp_path, place, "key", 1)
    (path,) = (tmp_path / "made").iterdir()
    path.write_text(text)
    assert noted(tmp_path, place, "key") is None


def test_names_contents_and_settings_decide(tmp_path):
    paths = [tmp_path / name for name in ("a", "b")]
    for path in paths:
        path.write_text(path.name)
    keys = {key_of(paths, {"x": 1}), key_of(paths[:1], {"x": 1}), key_of(paths, {"x": 2})}
    assert key_of(paths[::-1], {"x": 1}) in keys
    paths[0].write_text("other")
    assert len({*keys, key_of(paths, {"x": 1})}) == 4
