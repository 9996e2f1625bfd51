"""Whole under damage: a broken table is refused by the cell, a harmless change changes nothing.

A small fixed set here; `make fuzz` draws thousands anew and prints how many of each kind.
"""

import contextlib
import io
import tempfile
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from damage import (
    CELLS,
    NO_NUMBERS,
    PATHS,
    SCRIPTS,
    TABLES,
    UNPRINTABLE,
    as_csv,
    broken_cells,
    broken_files,
    copy_data,
    damage_path,
    fields,
    harmless_files,
    noisy_files,
    other_cells,
    with_cell,
)
from drawn import LONG, examples
from hypothesis import given
from hypothesis import strategies as st
from pages_in_process import PAGES, run_page

from lupuscart.cli import main
from lupuscart.data import tables
from lupuscart.data.dictionary import REQUIRED_TABLES
from lupuscart.data.tables import check_data
from lupuscart.evidence import benchmarks, endpoints, poolable
from lupuscart.evidence.changes import changes_from_baseline, guaranteed_falls
from lupuscart.findings.response import response_sentences
from lupuscart.notebooks.parameters import check_parameters
from lupuscart.notebooks.project import find_notebooks, read_notebook
from lupuscart.stats import proportion
from lupuscart.words.cautions import cautions
from lupuscart.words.labels import add_labels

KINDS = Counter()
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", autouse=True)
def _counts():
    """Print, at the end of a long run, how many examples of each kind there were."""
    yield
    if LONG:
        total = sum(KINDS.values())
        print(
            "\n", *(f"{n:6d}  {kind}\n" for kind, n in sorted(KINDS.items())), f"{total:6d}  in all"
        )


@contextlib.contextmanager
def data_with(**contents):
    """The path of a trials table in a folder of its own, with these tables changed."""
    with tempfile.TemporaryDirectory() as folder:
        trials_csv = copy_data(Path(folder))
        for table, raw in contents.items():
            Path(folder, f"{table}.csv").write_bytes(raw)
        yield trials_csv


def loaded(trials_csv):
    """Every table, as a page gets it."""
    return {table: getattr(tables, f"load_{table}")(trials_csv) for table in TABLES}


def estimates(data):
    """What the pages compute: a table each, a row each known by what it is about."""
    rows, studies = data["trials"], data["studies"]
    counts = tables.select_trials(rows, studies, domain="efficacy", statistic="count")
    harms = tables.select_trials(rows, studies, domain="safety", statistic="count")
    changes = tables.select_trials(rows, studies, domain="activity_score")
    of_score = ["study", "cohort", "outcome"]
    reviews = data["reviews"].assign(statistic="count")
    kept = endpoints.choose_reports(counts).kept
    return {
        "responses": proportion.response_proportions(kept).set_index(of_score),
        "harms": proportion.response_proportions(harms).set_index([*of_score, "week", "timing"]),
        "changes": changes_from_baseline(changes).set_index([*of_score, "statistic", "week"]),
        "falls": guaranteed_falls(
            changes[changes["outcome"].ne("sle_disease_activity_score")]
        ).set_index(of_score),
        # Numbered in their order, so that one more moves the numbers of the others.
        "benchmarks": benchmarks.choose_benchmarks(data["benchmarks"], outcomes=["sri4"])
        .drop(columns="number")
        .set_index("study"),
        "reviews": proportion.response_proportions(reviews).set_index(["review", "outcome"]),
        "poolable": poolable.poolable(rows, studies, outcome="doris", week=24).kept.set_index(
            "study"
        ),
    }


def words_of(data):
    """The sentences and cautions on the chosen responses."""
    rows, studies = data["trials"], data["studies"]
    counts = tables.select_trials(rows, studies, domain="efficacy", statistic="count")
    kept = add_labels(tables.with_studies(endpoints.choose_reports(counts).kept, studies))
    level = {"confidence_level": 0.95, "method": "clopper-pearson"}
    return cautions(kept), response_sentences(proportion.response_proportions(kept), **level)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Tables, estimates and words of the undamaged data."""
    data = loaded(copy_data(tmp_path_factory.mktemp("sound")))
    return data, estimates(data), words_of(data)


def problems_of(table, trials_csv):
    """What a page that loads `table` is told; nothing if it is sound."""
    try:
        getattr(tables, f"load_{table}")(trials_csv)
    except tables.DataError as error:
        return error.problems
    return []


def assert_named(problems, file):
    """Each problem names its file and says what is allowed, in one printable line."""
    assert problems
    for problem in problems:
        text = str(problem)
        assert text.isprintable()
        assert "allowed" in text
        assert len(text) < 6000
    assert file in {Path(problem.file).name for problem in problems}


class TestHarmless:
    @examples(6, times=40)
    @given(harmless_files())
    def test_tables_and_estimates_are_identical(self, sound, damage):
        table, raw, kind = damage
        KINDS[f"harmless: {kind}"] += 1
        with data_with(**{table: raw}) as trials_csv:
            found = getattr(tables, f"load_{table}")(trials_csv)
        data, expected = {**sound[0], table: found}, sound[0][table]
        if kind != "order of rows":
            pd.testing.assert_frame_equal(found, expected)
            return
        # The file's own order says nothing: the rows are the same, and so is what comes of them.
        found, expected = (each.sort_values([*each]) for each in (found, expected))
        pd.testing.assert_frame_equal(found.reset_index(drop=True), expected.reset_index(drop=True))
        for name, rows in estimates(data).items():
            pd.testing.assert_frame_equal(rows, sound[1][name])
        assert words_of(data) == sound[2]


class TestBroken:
    @examples(24, times=40)
    @given(broken_cells())
    def test_a_cell_is_named(self, damage):
        (table, row, column), text, kind = damage
        KINDS[f"broken cell: {kind}"] += 1
        with data_with(**{table: as_csv(with_cell(table, row, column, text))}) as trials_csv:
            problems = problems_of(table, trials_csv)
        assert_named(problems, f"{table}.csv")
        places = {(each.file, each.row, each.column): each.value for each in problems}
        assert places[f"{table}.csv", row, column] == text
        if kind == "missing":
            assert "empty" in str(problems)

    @examples(4)
    @given(st.lists(broken_cells(), min_size=2, max_size=6, unique_by=lambda damage: damage[0]))
    def test_all_cells_are_named_at_once(self, damages):
        KINDS["broken cells, several"] += 1
        rows = {table: [list(cells) for cells in CELLS[table]] for table in TABLES}
        for (table, row, column), text, _ in damages:
            rows[table][row - 1][CELLS[table][0].index(column)] = text
        with data_with(**{table: as_csv(rows[table]) for table in TABLES}) as trials_csv:
            problems, _ = check_data(trials_csv)
        places = {(each.file, each.row, each.column) for each in problems}
        assert {(f"{table}.csv", row, column) for (table, row, column), *_ in damages} <= places

    @examples(24, times=25)
    @given(broken_files())
    def test_a_file_is_named(self, damage):
        table, raw, kind = damage
        KINDS[f"broken file: {kind}"] += 1
        with data_with(**{table: raw}) as trials_csv:
            problems = problems_of(table, trials_csv)
        assert_named(problems, f"{table}.csv")

    @pytest.mark.parametrize("kind", PATHS)
    @pytest.mark.parametrize("table", ["trials", "studies", "benchmarks"])
    def test_what_is_no_file(self, table, kind):
        if kind == "missing" and table not in REQUIRED_TABLES:
            return  # a folder need not have it
        with data_with() as trials_csv:
            damage_path(trials_csv.with_name(f"{table}.csv"), kind)
            assert_named(problems_of(table, trials_csv), f"{table}.csv")

    @examples(16, times=40)
    @given(noisy_files())
    def test_noise_is_refused_or_read(self, damage):
        table, raw = damage
        with data_with(**{table: raw}) as trials_csv:
            problems = problems_of(table, trials_csv)
        KINDS[f"noise: {'refused' if problems else 'read'}"] += 1
        if problems:
            assert_named(problems, f"{table}.csv")


class TestAnotherValue:
    @examples(8, times=30)
    @given(other_cells())
    def test_only_what_the_row_feeds_changes(self, sound, damage):
        (table, row, column), text = damage
        with data_with(**{table: as_csv(with_cell(table, row, column, text))}) as trials_csv:
            problems, _ = check_data(trials_csv)
            KINDS[f"another value: {'refused' if problems else 'read'}"] += 1
            if problems:
                assert_named(problems, f"{table}.csv")
                return
            changed = getattr(tables, f"load_{table}")(trials_csv)
        found = estimates_or_refusal({**sound[0], table: changed})
        keys = {CELLS[table][row - 1][0], text}
        for name, rows in found.items():
            expected = sound[1][name]
            if name in FED_BY[table]:
                rows, expected = (without(each, keys) for each in (rows, expected))
            # A column with a gap elsewhere has another type, and the same cells.
            pd.testing.assert_frame_equal(rows, expected, check_dtype=False, check_index_type=False)

    @examples(2, times=100)
    @given(st.lists(other_cells(), min_size=1, max_size=2), st.sampled_from(PAGES[:7]))
    def test_no_page_crashes(self, changes, page):
        rows = {table: [list(cells) for cells in CELLS[table]] for table in TABLES}
        for (table, row, column), text in changes:
            rows[table][row - 1][CELLS[table][0].index(column)] = text
        with data_with(**{table: as_csv(rows[table]) for table in TABLES}) as trials_csv:
            if check_data(trials_csv)[0]:
                return
            KINDS[f"page on other values: {page}"] += 1
            runs_or_refuses(page, trials_csv)


# Which estimates a table feeds; the rest may not move at all. What a report overlaps with
# decides which other report is pooled, so there no row is safe but those of the same choice.
FED_BY = {
    "trials": ("responses", "harms", "changes", "falls", "poolable"),
    "studies": ("poolable",),
    "benchmarks": ("benchmarks",),
    "benchmark_studies": (),
    "claims": (),
    "reviews": ("reviews",),
    "follow_up": (),
    "patient_times": (),
    "announcements": (),
    "registrations": (),
}


def estimates_or_refusal(data):
    """Estimates; none if the choice of rows is refused by name."""
    try:
        return estimates(data)
    except ValueError as error:
        assert "llowed" in str(error)
        return {}


def without(table, keys):
    """The rows whose first key is none of `keys`."""
    return table[~table.index.get_level_values(0).isin(keys)]


def runs_or_refuses(page, trials_csv, **parameters):
    """Run a page undrawn; the only error it may end in says what is allowed."""
    try:
        run_page(page, trials_csv, draw=False, **parameters)
    except ValueError as error:
        assert "llowed" in str(error) or "exists" in str(error)


NOTEBOOKS = [read_notebook(path) for path in find_notebooks(ROOT)]
TWO = [NOTEBOOKS[6], NOTEBOOKS[7]]
NAMES = sorted({name for notebook in NOTEBOOKS for name in notebook.defaults} - {"trials_csv"})
HOSTILE = [*NO_NUMBERS, *SCRIPTS, *UNPRINTABLE, "", "0", "1", "-1", "2", "0.5", "1e-320", "a\0b"]
VALUES = st.sampled_from(HOSTILE) | st.text(max_size=8) | st.floats().map(str)


class TestParameters:
    @examples(10, times=30)
    @given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=6), VALUES, max_size=3))
    def test_values_are_taken_or_refused_by_name(self, given_):
        KINDS["parameters"] += 1
        try:
            settings_ = check_parameters(TWO, given_)
        except ValueError as error:
            assert "llowed" in str(error) or "figures_dir" in str(error)
        else:
            assert set(settings_) == {each.name for each in TWO}

    @examples(12, times=30)
    @given(
        st.lists(
            st.sampled_from(["-p", "--language", "--method", "--confidence-level", "--theme"])
            | st.sampled_from(["--trials-csv", "--figures-dir", "02", "99", "--check", "-x"])
            | st.sampled_from(NAMES)
            | VALUES,
            max_size=6,
        )
    )
    def test_a_command_line_is_refused_in_one_message(self, arguments):
        KINDS["command lines"] += 1
        # Nothing runs: no number of notebooks at once is 0.
        told = io.StringIO()
        with contextlib.redirect_stderr(told), contextlib.redirect_stdout(io.StringIO()) as out:
            try:
                code = main(["figures", "--jobs", "0", *arguments])
            except SystemExit as stopped:
                code = stopped.code
        if code == 0:
            assert "usage: lupuscart" in out.getvalue()
        else:
            assert code in (1, 2)
            assert "lupuscart" in told.getvalue()
            assert "Traceback" not in told.getvalue()


@pytest.fixture(scope="module")
def hostile_csv(tmp_path_factory):
    """Tables in which every free text is a formula, a script or half a format."""
    folder = tmp_path_factory.mktemp("hostile $x_{ %s {0} <b> =1+1")
    copy_data(folder)
    for table in TABLES:
        free = [name for name in CELLS[table][0] if is_free(fields(table)[name])]
        rows = [dict(zip(CELLS[table][0], cells, strict=True)) for cells in CELLS[table][1:]]
        for number, row in enumerate(rows):
            for place, name in enumerate(free):
                if name == "relapse_printed" and not row["relapses"]:
                    # Words on relapses want their number.
                    continue
                script = SCRIPTS[(number + place) % (len(SCRIPTS) - 1)]
                # What tells rows apart still does.
                row[name] = f"{script} {number}" if name in ("arm", "topic") else script
        header = CELLS[table][0]
        path = folder / f"{table}.csv"
        path.write_bytes(as_csv([header, *([row[name] for name in header] for row in rows)]))
    assert check_data(folder / "trials.csv")[0] == []
    return folder / "trials.csv"


def is_free(field):
    limits = field.get("constraints", {})
    free = limits.get("pattern", r"\S(.*\S)?") == r"\S(.*\S)?"
    kept = field["name"] in ("cohort", "locator") or "registries" in field
    kept = kept or field["name"] == "control_arm"  # goes with what the row says of a control
    return field["type"] == "string" and "enum" not in limits and free and not kept


class TestHostileText:
    @pytest.mark.filterwarnings("ignore:constrained_layout not applied")
    @pytest.mark.parametrize("page", PAGES if LONG else PAGES[1:3])
    def test_it_is_drawn_and_shown_as_it_is(self, hostile_csv, page):
        KINDS["page on hostile texts"] += 1
        shown = run_page(page, hostile_csv)
        for table in shown.tables:
            html = table._repr_html_()
            assert "<script" not in html
            assert "<img" not in html
            assert "<b>" not in html
            assert 'class="dataframe tex2jax_ignore mathjax_ignore"' in html
        assert shown.figures

    def test_the_command_makes_no_markup_and_no_formula_of_it(self, hostile_csv, tmp_path):
        pages = [page[:2] for page in PAGES] if LONG else ["02"]
        made = tmp_path / "figures"
        made.mkdir()
        arguments = ["--quiet", "--trials-csv", str(hostile_csv), "--figures-dir", str(made)]
        assert main(["figures", *pages, *arguments]) == 0
        for path in made.glob("*.csv"):
            for cells in read_csv(path):
                assert not [cell for cell in cells if is_formula(cell)]
        for path in made.glob("*.svg"):
            assert svg_is_only_a_drawing(path)


def read_csv(path):
    import csv

    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def is_formula(cell):
    """Whether a spreadsheet would compute a cell: begins as a formula, and is no number."""
    if not cell.lstrip().startswith(("=", "+", "-", "@")):
        return False
    return pd.isna(pd.to_numeric(cell, errors="coerce"))


def svg_is_only_a_drawing(path):
    """Whether an SVG is well formed and holds no script, link or handler, nor a foreign image."""
    from xml.etree import ElementTree

    for element in ElementTree.parse(path).iter():
        name = element.tag.rpartition("}")[2]
        if name in ("script", "a", "foreignObject"):
            return False
        links = [value for key, value in element.attrib.items() if key.endswith("href")]
        if not all(link.startswith(("#", "data:image/png;base64,")) for link in links):
            return False
        if any(key.startswith("on") for key in element.attrib):
            return False
    return True
