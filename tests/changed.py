"""Run the tests that what has changed can touch: ``make test-changed``.

What has changed is what differs from a commit, the last one by default, by content. Which tests it
can touch is read from the sources: every import, at the top of a file or in a function, and every
module named in a text, such as a cell of a test's own page or the code of another process. Where
that does not answer, as for a table, whoever may read it is run: too many tests rather than too
few. `make test`, and CI, run all.
"""

import argparse
import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Set
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES, TESTS, PAGES = (ROOT / name for name in ("src", "tests", "notebooks"))
COMMANDS = SOURCES / "lupuscart" / "commands"

#: A module of the package as a text names it, with the package's name or from its rooms on.
_NAMED = re.compile(r"(?:lupuscart\.)?([a-z_]\w*(?:\.[a-z_]\w*)*)")
#: How a test speaks of the pages and of what they made, and of the collection's own tables.
_OF_PAGES = re.compile(r"ipynb|notebooks|figures\.json|write_pages|make_deck")
_OF_DATA = re.compile(r"\b(outcomes|studies|ROOT|TRIALS_CSV|root|DATA|load_\w+)\b")
_OWN_ROOT = re.compile(r"\bROOT\b")
_TEXTS = (".md", ".cff", ".po", "LICENSE")


def touched(changed: Iterable[Path]) -> list[Path]:
    """Return the files whose tests these changed files can touch, sorted.

    Parameters
    ----------
    changed : iterable of Path
        Absolute; a file that is gone counts too.

    Returns
    -------
    list of Path
        Files of tests, modules with examples, and pages.
    """
    changed = set(changed)
    found = {path for path in all_tests() if any(touches(each, path) for each in changed)}
    return sorted(found)


def all_tests() -> list[Path]:
    """Return every file that holds tests: of the folder of tests, of the package, the pages."""
    return [*TESTS.rglob("test_*.py"), *SOURCES.rglob("*.py"), *PAGES.glob("*.ipynb")]


def touches(changed: Path, test: Path) -> bool:
    """Return whether a changed file can touch one file of tests."""
    if changed in needed(test):
        return True
    if _reads_pages(test) and any(changed in needed(page) for page in PAGES.glob("*.ipynb")):
        return True
    if changed.is_relative_to(SOURCES):
        # Words, style sheets and templates belong to whoever uses a module of their room. What
        # is gone was a module that its room's `__init__` stands for.
        room = SOURCES / "lupuscart" / changed.relative_to(SOURCES / "lupuscart").parts[0]
        is_module = changed.suffix == ".py" and changed.exists()
        return not is_module and any(each.is_relative_to(room) for each in needed(test))
    if changed.is_relative_to(PAGES) or changed.is_relative_to(ROOT / "figures"):
        return _reads_pages(test)
    if changed.is_relative_to(ROOT / "data"):
        return bool(_OF_DATA.search(_text(test)))
    if changed.is_relative_to(TESTS):
        # Reference values, by their names; other helpers are imported.
        return changed.suffix != ".py" and changed.stem.split("_")[0] in _text(test)
    if changed.name.endswith(_TEXTS):
        return test.is_relative_to(TESTS) and (
            test.parent == TESTS / "house" or changed.name in _text(test)
        )
    return True  # settings, the lock, what all tests share: all of them


@cache
def _reads_pages(test: Path) -> bool:
    """Return whether a test looks at the collection's pages, and not at some of its own alone."""
    if not test.is_relative_to(TESTS):
        return False
    text = _text(test)
    own_alone = "make_root" in text and not _OWN_ROOT.search(text)
    return bool(_OF_PAGES.search(text)) and not own_alone


@cache
def needed(path: Path) -> Set[Path]:
    """Return a file, and every file of package and tests that it imports, however far."""
    found, waiting = set(), [path]
    code = path.read_text(encoding="utf-8")
    while waiting:
        if (each := waiting.pop()) not in found:
            found.add(each)
            # The command line imports what a command does once it is called by its name.
            is_called = each.parent != COMMANDS or each.stem.replace("_", "-") in code
            waiting += _imported(each) if is_called or path.is_relative_to(SOURCES) else []
    return found


@cache
def _text(path: Path) -> str:
    """Return the source of a file and of the tests' helpers that it imports."""
    helpers = (each for each in needed(path) if each.is_relative_to(TESTS) and each != path)
    return "\n".join(each.read_text(encoding="utf-8") for each in (path, *helpers))


@cache
def _imported(path: Path) -> list[Path]:
    """Return the files that one file imports, or names as modules in its texts."""
    folders = [SOURCES, *([path.parent, TESTS] if path.is_relative_to(TESTS) else [])]
    found = (_module(folder, name) for name in _names(_code(path)) for folder in folders)
    return [file for file in found if file]


def _code(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = (cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code")
    lines = "\n".join("".join(cell["source"]) for cell in cells).splitlines()
    return "\n".join(line for line in lines if not line.startswith("%"))


def _names(code: str) -> Iterator[str]:
    tree = ast.parse(code)
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{each.name}" for each in names)
            case ast.Constant(value=str(text)) if id(node) not in said:
                # A word alone is no module, unless the text says so.
                named = (found for found in _NAMED.finditer(text) if "." in found[0])
                yield from (f"lupuscart.{found[1]}" for found in named)


@cache
def _module(folder: Path, name: str) -> Path | None:
    """Return the file of a module, or of the one that a dotted name is of.

    Python reads the `__init__` of each package on the way too; it touches nothing that the module
    answers, and through it a room would be one piece.
    """
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        head = folder.joinpath(*parts[:count])
        for file in (head.with_suffix(".py"), head / "__init__.py"):
            if file.is_file():
                return file
    return None


def changed_since(commit: str) -> list[Path]:
    """Return the files that differ from a commit, and those that git does not know yet."""
    told = (
        ("git", "diff", "--name-only", "--no-renames", "-z", commit, "--"),
        ("git", "ls-files", "--others", "--exclude-standard", "-z"),
    )
    answers = [subprocess.run(line, cwd=ROOT, capture_output=True, text=True) for line in told]
    if problems := [answer.stderr.strip() for answer in answers if answer.returncode]:
        sys.exit("\n".join(problems))
    names = "".join(answer.stdout for answer in answers).split("\0")
    return sorted({ROOT / name for name in names if name})


def main() -> int:
    """Run them with pytest, which gets all other arguments; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--since", default="HEAD", metavar="COMMIT")
    parser.add_argument("--list", action="store_true", help="name the files and run nothing")
    options, others = parser.parse_known_args()
    files = [str(path.relative_to(ROOT)) for path in touched(changed_since(options.since))]
    print(f"{len(files)} of {len(all_tests())} files of tests, examples and pages", flush=True)
    if options.list or not files:
        print(*files, sep="\n")
        return 0
    code = subprocess.run([sys.executable, "-m", "pytest", *others, *files], cwd=ROOT).returncode
    # pytest's word for files without a test in them, such as modules without an example.
    return 0 if code == 5 else code


if __name__ == "__main__":
    sys.exit(main())
