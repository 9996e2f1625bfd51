"""Every page has the same anatomy, and runs with other settings and other tables."""

import ast
import json
import re
import shutil
import subprocess
import sys

import nbformat
import pandas as pd
import papermill
import pytest
from conftest import ROOT

from lupuscart.kernels import execution
from lupuscart.stats.proportion import proportion_ci

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CLOSING = ("## Fine print", "## References")
# What no page may claim.
FORBIDDEN = re.compile(
    r"\bsignifican|\bsuperior\b|\bdue to CAR-T\b|\bproves?\b|100 % response", re.I
)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def page(request):
    return nbformat.read(request.param, as_version=4)


def _code(page):
    return [cell for cell in page.cells if cell.cell_type == "code"]


def _parameters(page):
    tagged = [cell for cell in _code(page) if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    return tagged[0].source


def test_there_are_pages():
    assert len(NOTEBOOKS) >= 3


def _kinds(page):
    """What each cell shows, in order: prose, the parameters, Markdown of a finding, a figure."""
    for cell in page.cells:
        if cell.cell_type == "markdown":
            yield "prose"
        elif "parameters" in cell.metadata.get("tags", []):
            yield "parameters"
        else:
            shown = {kind for output in cell.outputs for kind in output.get("data", {})}
            yield (
                "figure" if "image/png" in shown else "said" if "text/markdown" in shown else "code"
            )


def test_it_opens_with_a_question_its_answer_the_figure_and_what_is_supported(page):
    assert re.match(r"# .+\?\n", page.cells[0].source + "\n")
    kinds = [kind for kind in _kinds(page) if kind != "code"]
    assert kinds[:5] == ["prose", "parameters", "said", "figure", "said"]
    answer, balance = [
        "".join(output["data"]["text/markdown"])
        for cell in _code(page)
        for output in cell.outputs
        if "text/markdown" in output.get("data", {})
    ][:2]
    assert len(answer) > 100
    assert "**These data support**" in balance and "**These data do not support**" in balance


def test_nobody_who_only_reads_is_told_of_files_and_settings(page):
    prose = "\n".join(cell.source for cell in page.cells if cell.cell_type == "markdown")
    assert not re.search(r"\*Reads\*|\*Writes\*|Settings of this page|tools this page uses", prose)
    assert "figures_dir" not in prose


def test_code_is_folded_except_the_parameters(page):
    for cell in _code(page):
        folded = cell.metadata.get("jupyter", {}).get("source_hidden", False)
        assert folded != ("parameters" in cell.metadata.get("tags", []))


def test_a_page_has_few_lines_of_code(page):
    lines = [cell.source.splitlines() for cell in _code(page)]
    assert sum(map(len, lines)) - len(_parameters(page).splitlines()) <= 60


def test_every_link_to_a_file_leads_somewhere(page):
    text = "\n".join(cell.source for cell in page.cells if cell.cell_type == "markdown")
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    assert [target for target in targets if not (ROOT / "notebooks" / target).exists()] == []


def test_it_closes_as_every_page_does(page):
    text = "\n".join(cell.source for cell in page.cells if cell.cell_type == "markdown")
    places = [text.index(f"\n{heading}\n") for heading in CLOSING]
    assert places == sorted(places)
    assert re.search(r"\]\(\w+\.ipynb\)", page.cells[-1].source)


def test_parameters_are_literals_one_a_line_typed_and_explained(page):
    for line in _parameters(page).splitlines():
        assert re.fullmatch(r"\w+: (str|float|int|bool) = [^=#]+  # [^=]+", line), line
        (statement,) = ast.parse(line).body
        ast.literal_eval(statement.value)


def test_nothing_is_written_unless_a_folder_is_named(page):
    assert 'figures_dir: str = ""  #' in _parameters(page)


def test_cells_are_short_and_define_nothing(page):
    assert 12 <= len(page.cells) <= 45
    for cell in _code(page):
        # Of parameters there are as many as a page has.
        most = 16 if "parameters" in cell.metadata.get("tags", []) else 12
        assert len(cell.source.splitlines()) <= most
        assert not re.search(r"^\s*(def|class) ", cell.source, re.M)


def test_prose_stands_before_every_code_cell_below_the_opening(page):
    kinds = list(_kinds(page))
    opening = max(i for i, kind in enumerate(kinds) if kind == "said")
    below = kinds[opening + 1 :]
    assert "prose" in below
    code = [kind != "prose" for kind in below]
    assert [i for i in range(1, len(code)) if code[i - 1] and code[i]] == []


def test_each_figure_is_shown_with_its_name_and_alternative_text(page):
    shown = [
        (output["data"], output["metadata"]["image/png"])
        for cell in _code(page)
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]
    assert shown
    committed = json.loads((ROOT / "figures/figures.json").read_text(encoding="utf-8"))
    for data, known in shown:
        record = committed[known["figure"]]
        assert known["alt"] == record["alt"]
        assert data["text/plain"] == f"{known['figure']}: {record['headline']}"


def test_stored_outputs_are_whole_and_carry_no_trace_of_a_machine(page):
    cells = _code(page)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not any(o.output_type == "error" for cell in cells for o in cell.outputs)
    assert not any(o.get("name") == "stderr" for cell in cells for o in cell.outputs)
    assert set(page.metadata) == {"kernelspec", "language_info"}
    assert dict(page.metadata.language_info) == {"name": "python"}


def test_no_page_claims_more_than_it_can(page):
    prose = "\n".join(cell.source for cell in page.cells if cell.cell_type == "markdown")
    assert FORBIDDEN.findall(prose) == []


def test_plain_papermill_runs_a_page_with_other_settings(tmp_path):
    """As the README shows it, from the command line."""
    command = [
        *(sys.executable, "-m", "papermill", "--cwd", "notebooks"),
        *("notebooks/02_response.ipynb", str(tmp_path / "run.ipynb")),
        *("-p", "confidence_level", "0.9", "-p", "figures_dir", str(tmp_path)),
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    table = pd.read_csv(tmp_path / "02_response_chosen.csv")
    feng = table[table["study"] == "feng_2025"].iloc[0]
    low, high = proportion_ci(12, 15, confidence_level=0.9)
    assert (feng["low"], feng["high"]) == pytest.approx((low, high), abs=1e-7)
    assert (tmp_path / "02_response_chosen.png").stat().st_size > 10_000
    assert (tmp_path / "02_response_chosen.svg").read_text(encoding="utf-8").startswith("<?xml")


@pytest.fixture(scope="module")
def own_tables(tmp_path_factory):
    """A reader's own folder: two studies, one of them theirs, and its outcomes."""
    folder = tmp_path_factory.mktemp("my trials 试验")
    sisters = ("benchmarks", "benchmark_studies", "claims", "reviews", "follow_up", "registrations")
    for name in sisters:
        shutil.copy(ROOT / "data" / f"{name}.csv", folder)
    studies = pd.read_csv(ROOT / "data/studies.csv", dtype=str, keep_default_na=False)
    mine = studies.iloc[[0]].assign(
        study="mine_2027", first_author="Mine A", programme="mine", n_treated="9", conditioning=""
    )
    # A report of its own has identifiers of its own, here none.
    mine = mine.assign(pmid="", doi="", registration="", citation="")
    pd.concat([studies, mine]).to_csv(folder / "studies.csv", index=False)
    trials = pd.read_csv(ROOT / "data/trials.csv", dtype=str, keep_default_na=False)
    row = trials.iloc[[0]].assign(
        study="mine_2027", outcome="doris", week="24", timing="at", events="7", n="9", note=""
    )
    scores = trials[trials["domain"] == "activity_score"].head(2)
    safety = trials[trials["outcome"] == "crs_grade3plus"].head(1)
    other = trials[(trials["study"] == "gc012f_2025") & (trials["outcome"] == "doris")].head(1)
    pd.concat([row, other, scores, safety]).to_csv(folder / "mine.csv", index=False)
    return folder


@pytest.mark.usefixtures("warm_kernels")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_page_runs_on_a_table_of_ones_own(path, own_tables, tmp_path, tmp_path_factory):
    own = {"trials_csv": str(own_tables / "mine.csv"), "figures_dir": str(tmp_path)}
    given = papermill.inspect_notebook(path)
    if "role" in given:
        own["role"] = ""
    if path.stem == "08_next_trial":
        own["study"] = "mine_2027"
    copy = tmp_path_factory.mktemp("copy") / path.name
    job = execution.Job(path.read_text(encoding="utf-8"), str(path.parent), str(copy), own)
    assert execution.execute(job) is None
    tables = list(tmp_path.glob("*.csv"))
    assert tables
    said = {path.stem for path in tmp_path.glob("*.json")}
    assert said == {path.stem for path in tables}
    if path.stem == "02_response":
        chosen = pd.read_csv(tmp_path / "02_response_chosen.csv")
        assert chosen[["study", "events", "n"]].values.tolist() == [
            ["gc012f_2025", 5, 10],
            ["mine_2027", 7, 9],
        ]
