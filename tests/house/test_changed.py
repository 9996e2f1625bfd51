"""`make test-changed` runs what a change can touch, and not what it cannot."""

import subprocess
import sys

import changed
import pytest
from changed import COMMANDS, PAGES, ROOT, SOURCES, TESTS, needed, touched

PACKAGE = SOURCES / "lupuscart"


def names(*paths):
    return {path.name for path in touched(paths)}


@pytest.mark.parametrize(
    ("path", "among", "not_among"),
    [
        (
            PACKAGE / "stats/paired.py",
            {"paired.py", "test_paired.py", "test_scores.py", "03_sledai.ipynb"},
            {"test_simon.py", "test_safety.py", "04_safety.ipynb"},
        ),
        (
            PACKAGE / "findings/safety.py",
            {"test_safety.py", "04_safety.ipynb", "test_pages_as_committed.py"},
            {"test_response.py", "02_response.ipynb", "test_proportion.py", "test_run.py"},
        ),
        (
            PAGES / "04_safety.ipynb",
            {"04_safety.ipynb", "test_pages_as_committed.py", "test_committed_results.py"},
            {"02_response.ipynb", "test_safety.py", "test_proportion.py", "test_up_to_date.py"},
        ),
        (
            ROOT / "data/trials.csv",
            {"02_response.ipynb", "test_tables.py", "test_pages_as_committed.py", "test_run.py"},
            {"test_beta.py", "test_atomic.py"},
        ),
        (
            PACKAGE / "words/words.csv",
            {"test_lexicon.py", "test_safety.py", "02_response.ipynb", "test_deck.py"},
            {"test_paired.py", "test_beta.py"},
        ),
        (
            TESTS / "reference/planning_simon.csv",
            {"test_simon.py", "test_planning.py"},
            {"test_markdown.py", "02_response.ipynb"},
        ),
        (TESTS / "tiny_collection.py", {"test_run.py", "test_site.py"}, {"test_paired.py"}),
        (ROOT / "README.md", {"test_readmes.py"}, {"test_paired.py", "02_response.ipynb"}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_change_runs_what_it_can_touch_alone(path, among, not_among):
    assert path.exists()
    found = names(path)
    assert among <= found
    assert not not_among & found


def test_a_file_touches_itself():
    files = changed.all_tests()
    assert touched(files) == sorted(files)
    assert all(changed.touches(file, file) for file in files)


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml", "conftest.py", "Makefile"])
def test_what_all_tests_share_runs_all(name):
    assert touched([ROOT / name]) == sorted(changed.all_tests())


def test_a_module_that_is_gone_runs_the_tests_of_its_room():
    assert {"test_paired.py", "test_safety.py"} <= names(PACKAGE / "stats" / "gone.py")


def test_a_command_is_followed_by_the_tests_that_call_it():
    commands = {path.name for path in COMMANDS.glob("*.py")}
    followed = needed(TESTS / "sweep" / "test_sweep_run.py")
    assert PACKAGE / "sweep" / "run.py" in followed
    assert {path.name for path in followed if path.parent == COMMANDS} <= commands


@pytest.mark.parametrize(
    "test",
    [
        "stats/test_paired.py",
        "findings/test_safety.py",
        "deck/test_deck.py",
        "words/test_lexicon.py",
    ],
)
def test_every_module_that_python_loads_for_a_test_is_known(test):
    """What the sources say, against what is loaded when the test is imported."""
    path = TESTS / test
    code = (
        "import runpy, sys; sys.path[:0] = sys.argv[2:]; runpy.run_path(sys.argv[1]);"
        "own = [m.__file__ for name, m in sys.modules.items() if name.startswith('lupuscart')];"
        "print(*own, sep='\\n')"
    )
    line = [sys.executable, "-c", code, str(path), str(TESTS), str(ROOT)]
    answer = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {SOURCES / file.partition("/src/")[2] for file in answer.stdout.split()}
    # Those that a package's own `__init__` loads on the way are no matter of the test.
    on_the_way = {each for file in loaded if file.name == "__init__.py" for each in needed(file)}
    shared = needed(ROOT / "conftest.py")
    assert loaded - needed(path) - shared - on_the_way == set()


def test_only_what_git_sees_as_changed_counts(tmp_path, monkeypatch):
    def git(*words):
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=tmp_path, check=True
        )

    git("init", "-q")
    for name in ("kept", "edited", "removed", "touched"):
        (tmp_path / name).write_text(name)
    (tmp_path / ".gitignore").write_text("made\n")
    git("add", "-A")
    git("commit", "-qm", "all")
    (tmp_path / "edited").write_text("else")
    (tmp_path / "removed").unlink()
    (tmp_path / "touched").touch()
    for name in ("new", "made", "数据 1"):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(changed, "ROOT", tmp_path)
    assert {path.name for path in changed.changed_since("HEAD")} == {
        "edited",
        "removed",
        "new",
        "数据 1",
    }
    with pytest.raises(SystemExit, match="nothing-like-it"):
        changed.changed_since("nothing-like-it")
