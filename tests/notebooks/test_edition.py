"""The pages as notebooks in Chinese: the same code, prose in words, nothing of a reader's lost."""

import ast
import re
from types import SimpleNamespace

import nbformat
import pytest
from conftest import ROOT

from lupuscart.cli import main
from lupuscart.commands import lab
from lupuscart.notebooks.edition import CONTENTS, write_notebooks
from lupuscart.notebooks.project import read_notebook

PAGES = sorted(path.name for path in ROOT.glob("notebooks/[0-9][0-9]_*.ipynb"))


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edition") / "zh"
    assert write_notebooks(folder, language="zh", root=ROOT)[0] == CONTENTS
    return folder


def cells(path, kind):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


@pytest.mark.parametrize("name", PAGES)
def test_code_is_the_same_but_for_two_defaults(edition, name):
    own, given = read_notebook(edition / name), read_notebook(ROOT / "notebooks" / name)
    changed = {key: value for key, value in own.defaults.items() if given.defaults[key] != value}
    assert changed.pop("language") == "zh"
    assert (edition / changed.pop("trials_csv")).samefile(ROOT / "data/trials.csv")
    assert changed == {}
    assert list(own.defaults) == list(given.defaults)
    pairs = zip(cells(edition / name, "code"), cells(given.path, "code"), strict=True)
    for mine, theirs in pairs:
        assert mine.outputs == []
        if "parameters" not in theirs.metadata.get("tags", ()):
            assert mine.source == theirs.source
        else:
            ast.parse(mine.source)


def test_every_link_of_the_edition_leads_to_a_file_of_it(edition):
    for path in edition.iterdir():
        text = path.read_text(encoding="utf-8")
        prose = (
            [cell.source for cell in cells(path, "markdown")] if path.suffix == ".ipynb" else [text]
        )
        for target in re.findall(r"\]\(([^)#:]+)\)", "\n".join(prose)):
            if path.suffix == ".ipynb" or path.name == CONTENTS:
                assert (edition / target).is_file(), (path.name, target)


def test_a_notebook_that_its_reader_changed_stays_and_is_named(tmp_path):
    folder, told = tmp_path / "zh", []
    write_notebooks(folder, language="zh", root=ROOT)
    mine = folder / PAGES[0]
    mine.write_text("mine", encoding="utf-8")
    (folder / PAGES[1]).unlink()
    write_notebooks(folder, language="zh", root=ROOT, report=told.append)
    assert mine.read_text(encoding="utf-8") == "mine"
    assert (folder / PAGES[1]).is_file()
    assert [PAGES[0] in sentence for sentence in told] == [True]


def test_a_notebook_that_was_never_ours_stays(tmp_path):
    folder = tmp_path / "zh"
    folder.mkdir()
    (folder / CONTENTS).write_text("mine", encoding="utf-8")
    write_notebooks(folder, language="zh", root=ROOT)
    assert (folder / CONTENTS).read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("output", ["none/zh", "a-file", "notebooks"])
def test_a_folder_that_cannot_be_one_is_refused_before_anything_is_written(tmp_path, output):
    (tmp_path / "a-file").write_text("mine", encoding="utf-8")
    place = ROOT / "notebooks" if output == "notebooks" else tmp_path / output
    with pytest.raises(ValueError, match="output is"):
        write_notebooks(place, language="zh", root=ROOT)
    assert [path.name for path in tmp_path.iterdir()] == ["a-file"]


def test_the_command_writes_an_edition_and_refuses_an_unknown_language(tmp_path, capsys):
    folder = str(tmp_path / "zh")
    assert main(["notebooks", "--language", "fr", "--output", folder]) == 1
    assert "language is 'fr'; allowed: en, zh" in capsys.readouterr().err
    assert main(["notebooks", "--language", "zh", "--output", folder]) == 0
    assert f"begin with {CONTENTS}" in capsys.readouterr().out


def test_lab_in_chinese_opens_the_list_of_the_edition(tmp_path):
    options = SimpleNamespace(port=8888, no_browser=True, allow_root=False)
    command = lab.lab_command(options, f"my-notebooks-zh/{CONTENTS}")
    assert f"--LabApp.default_url=/lab/tree/my-notebooks-zh/{CONTENTS}" in command
    assert not any("default_url" in each for each in lab.lab_command(options))
    assert lab._edition(tmp_path, "en") is None
