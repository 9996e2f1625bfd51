"""The tables of data/, their schema and their dictionary say the same, and the facts hold."""

import csv
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from lupuscart.data import tables
from lupuscart.words import lexicon

DATA = Path(__file__).parents[2] / "data"
TRIALS_CSV = DATA / "trials.csv"
TABLES = (
    *("trials", "studies", "benchmarks", "benchmark_studies", "claims", "reviews", "outcomes"),
    *("announcements", "follow_up", "patient_times", "registrations"),
)


def rows_of(table):
    """Return the rows of a table as the csv module alone reads them."""
    with open(DATA / f"{table}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = {table: len(rows_of(table)) for table in TABLES}
# Columns whose codes mean something else in another table, or are fewer there.
OWN_LEVELS = {"cell_source", "modality", "phase"}
# Codes that no row has yet and a user's own row may need.
SPARE_LEVELS = {
    "phase": {"PHASE2|PHASE3", "PHASE4"},
    "modality": {"other"},
    "chemotherapy": {"fludarabine", "bendamustine"},
    "control": {"yes"},
    "conditioning": {
        "cyclophosphamide",
        "bendamustine",
        "fludarabine",
        "other lymphodepletion",
    },
    "spread_kind": {"sd", "iqr"},
    "relapses_count": {"events"},
    "event": {"relapse"},
}


def read_package():
    return json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))


def fields_of(resource):
    return resource["schema"]["fields"]


def dictionary(package):
    """Return the dictionary of data/README.md, from datapackage.json and outcomes.csv."""
    resources = package["resources"]
    levels = {
        (field["name"], *field["levels"]): field
        for resource in resources
        for field in fields_of(resource)
        if "levels" in field
    }
    parts = [columns_table(resource) for resource in resources]
    parts += [levels_table(field) for field in levels.values()]
    return "\n\n".join([*parts, outcomes_table()]) + "\n"


def columns_table(resource):
    keys = {key["fields"][0]: key["reference"] for key in resource["schema"].get("foreignKeys", [])}
    rows = [
        [
            f"`{each['name']}`",
            each["type"],
            each.get("unit", ""),
            allowed(each, keys.get(each["name"])),
            each["description"],
        ]
        for each in fields_of(resource)
    ]
    heading = f"### {resource['path']}\n\n{resource['title']}. {resource['description']}\n\n"
    return heading + markdown_table(["column", "type", "unit", "allowed", "meaning"], rows)


def allowed(field, reference):
    limits = field.get("constraints", {})
    parts = ["required"] if limits.get("required") else []
    parts += ["the column may be left out"] if field.get("optional") else []
    parts += [f"a row of {reference['resource']}"] if reference else []
    parts += [f"{limits['minimum']} to {limits['maximum']}"] if "minimum" in limits else []
    parts += [f"[a level](#levels-of-{field['name']})"] if "enum" in limits else []
    form = field.get("form") or ("pattern" in limits and f"`{limits['pattern']}`")
    parts += [form] if form and not reference else []
    parts += [f"at most {limits['maxLength']} characters"] if "maxLength" in limits else []
    return ", ".join(parts)


def levels_table(field):
    heading = f"### Levels of {field['name']}\n\n"
    rows = [[f"`{code}`", meaning] for code, meaning in field["levels"].items()]
    return heading + markdown_table(["code", "meaning"], rows)


def outcomes_table():
    rows = [
        [f"`{row['code']}`", row["domain"], row["definition_en"], row["contained_in"]]
        for row in rows_of("outcomes")
    ]
    return "### Outcomes\n\n" + markdown_table(["code", "domain", "meaning", "part of"], rows)


def markdown_table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    escaped = ([cell.replace("|", "\\|") for cell in cells] for cells in lines)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in escaped)


@pytest.fixture(scope="module")
def trials():
    return tables.load_trials(TRIALS_CSV)


@pytest.fixture(scope="module")
def studies():
    return tables.load_studies(TRIALS_CSV)


@pytest.fixture(scope="module")
def benchmarks():
    return tables.load_benchmarks(TRIALS_CSV)


def pick(trials, study, outcome):
    return trials[(trials.study == study) & (trials.outcome == outcome)]


def counts(rows):
    return list(rows[["events", "n"]].itertuples(index=False, name=None))


class TestFiles:
    def test_no_problem_in_any_row(self):
        assert tables.check_data(TRIALS_CSV) == ([], sum(ROWS.values()))

    @pytest.mark.parametrize(("table", "rows"), ROWS.items())
    def test_every_row_is_loaded(self, table, rows):
        assert len(getattr(tables, f"load_{table}")(TRIALS_CSV)) == rows

    @pytest.mark.parametrize("table", ROWS)
    def test_plain_utf8_text_with_unix_line_ends(self, table):
        raw = (DATA / f"{table}.csv").read_bytes()
        assert raw.decode("utf-8")
        assert b"\r" not in raw
        assert raw.endswith(b"\n")
        assert not raw.startswith(b"\xef\xbb\xbf")

    @pytest.mark.parametrize("table", ROWS)
    def test_loaded_cells_are_those_of_the_file(self, table):
        loaded = getattr(tables, f"load_{table}")(TRIALS_CSV)
        text = pd.read_csv(DATA / f"{table}.csv", dtype=str, keep_default_na=False)
        numbers = [name for name in loaded if loaded[name].dtype == "float64" and name != "value"]
        for name in numbers:
            found = [f"{value:g}" for value in loaded[name].dropna()]
            assert found == [f"{float(cell):g}" for cell in text[name] if cell]
        if "mean" in text:
            assert loaded.pop("mean_printed").fillna("").tolist() == text["mean"].tolist()
        loaded, text = loaded.drop(columns=numbers), text.drop(columns=numbers)
        if "value" in text:
            assert loaded["value_printed"].fillna("").tolist() == text["value"].tolist()
            loaded = loaded.drop(columns=["value_printed", "value"])
            text = text.drop(columns="value")
        as_text = loaded.astype(object).where(loaded.notna(), "").astype(str)
        pd.testing.assert_frame_equal(as_text, text, check_dtype=False)

    def test_licence_is_cc0(self):
        licence = (DATA / "LICENSE").read_text(encoding="utf-8")
        assert "CC0 1.0 Universal" in licence
        assert "4. Limitations and Disclaimers." in licence
        assert read_package()["licenses"][0]["name"] == "CC0-1.0"


class TestSchema:
    def test_frictionless_finds_no_fault(self):
        frictionless = pytest.importorskip("frictionless")
        report = frictionless.Package(str(DATA / "datapackage.json")).validate()
        assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])
        assert {task.name for task in report.tasks} == set(ROWS)

    def test_every_table_has_a_resource(self):
        package = read_package()
        assert {each["path"] for each in package["resources"]} == {f"{name}.csv" for name in ROWS}
        assert {path.stem for path in DATA.glob("*.csv")} == set(ROWS)

    def test_nothing_is_left_to_guessing(self):
        for resource in read_package()["resources"]:
            assert not {"hash", "bytes"} & set(resource)
            assert resource["schema"]["missingValues"] == [""]
            assert (resource["format"], resource["encoding"]) == ("csv", "utf-8")
            assert resource["mediatype"] == "text/csv"
            assert resource["dialect"]["delimiter"] == ","

    def test_keys(self):
        schemas = {each["name"]: each["schema"] for each in read_package()["resources"]}
        primary = {name: schema.get("primaryKey") for name, schema in schemas.items()}
        assert primary == {
            "trials": None,
            "studies": ["study"],
            "benchmarks": None,
            "benchmark_studies": ["study"],
            "claims": ["study", "topic"],
            "reviews": ["review", "outcome"],
            "outcomes": ["code"],
            "announcements": ["announcement"],
            "follow_up": ["study", "cohort"],
            "patient_times": ["study", "cohort", "patient"],
            "registrations": ["registration"],
        }
        foreign = {
            name: [key["reference"]["resource"] for key in schema["foreignKeys"]]
            for name, schema in schemas.items()
            if "foreignKeys" in schema
        }
        assert foreign == {
            "trials": ["studies", "outcomes"],
            "benchmarks": ["benchmark_studies", "outcomes"],
            "reviews": ["outcomes"],
            "announcements": ["studies"],
            "follow_up": ["studies"],
            "patient_times": ["studies"],
        }

    def test_an_outcome_is_defined_in_one_place(self):
        (fields,) = ([f for f in fields_of(r)] for r in read_package()["resources"][:1])
        (outcome,) = [field for field in fields if field["name"] == "outcome"]
        assert not {"levels", "domains"} & set(outcome)
        assert "enum" not in outcome["constraints"]

    def test_every_number_has_bounds(self):
        for resource in read_package()["resources"]:
            for field in fields_of(resource):
                assert field["type"] in ("string", "integer", "number")
                if field["type"] != "string":
                    assert {"minimum", "maximum"} <= set(field["constraints"])
                    assert field["unit"]

    def test_columns_are_those_of_the_files(self):
        for resource in read_package()["resources"]:
            header = (DATA / resource["path"]).read_text(encoding="utf-8").split("\n", 1)[0]
            assert header.split(",") == [field["name"] for field in fields_of(resource)]

    def test_levels_are_the_allowed_codes(self):
        for resource in read_package()["resources"]:
            for field in fields_of(resource):
                enum = field.get("constraints", {}).get("enum")
                assert enum == (list(field["levels"]) if "levels" in field else None)

    def test_a_column_has_the_same_levels_in_every_table(self):
        seen = {}
        for resource in read_package()["resources"]:
            for field in fields_of(resource):
                if "levels" in field and field["name"] not in OWN_LEVELS:
                    assert seen.setdefault(field["name"], field["levels"]) == field["levels"]

    def test_every_level_is_used_or_kept_for_users(self):
        used, levels = {}, {}
        for resource in read_package()["resources"]:
            table = getattr(tables, f"load_{resource['name']}")(TRIALS_CSV)
            for field in fields_of(resource):
                if "levels" in field:
                    levels.setdefault(field["name"], set()).update(field["levels"])
                    used.setdefault(field["name"], set()).update(table[field["name"]].dropna())
        spare = {name: codes - used[name] for name, codes in levels.items() if codes - used[name]}
        assert spare == SPARE_LEVELS

    def test_each_outcome_has_the_domain_of_its_definition(self, trials):
        domains = {row["code"]: row["domain"] for row in rows_of("outcomes")}
        assert trials.domain.tolist() == trials.outcome.map(domains).tolist()

    def test_words_csv_says_of_an_outcome_what_its_definition_says(self):
        words = {**lexicon._words()}
        for row in rows_of("outcomes"):
            said = words.get(f"outcome.{row['code']}")
            assert said is None or said == {"en": row["label_en"], "zh": row["label_zh"]}


class TestReadme:
    readme = (DATA / "README.md").read_text(encoding="utf-8")

    def test_dictionary_is_that_of_the_schema(self):
        written = "### trials.csv" + self.readme.partition("### trials.csv")[2]
        assert written == dictionary(read_package()), (
            "put what `python tests/data/test_dictionary.py` prints in place of the tables of "
            "data/README.md"
        )

    def test_the_example_trial_is_accepted(self, tmp_path):
        study, rows, outcomes = re.findall(r"```csv\n(.*?)```", self.readme, flags=re.DOTALL)
        for name, added in (("studies", study), ("trials", rows)):
            table = (DATA / f"{name}.csv").read_text(encoding="utf-8") + added
            (tmp_path / f"{name}.csv").write_text(table, encoding="utf-8", newline="\n")
        (tmp_path / "outcomes.csv").write_text(outcomes, encoding="utf-8")
        added = 1 + added.count("\n") + study.count("\n")
        checked = ROWS["trials"] + ROWS["studies"] + added
        examination = tables.examine(tmp_path / "trials.csv")
        assert (examination.problems, examination.warnings) == ([], [])
        assert examination.rows == checked

    def test_overlaps_are_all_named(self, studies):
        section = self.readme.partition("## Overlaps")[2].partition("\n## ")[0]
        overlapping = studies.loc[studies.overlaps_with.notna(), "study"]
        assert all(f"`{study}`" in section for study in overlapping)
        shared = studies.loc[studies.programme.duplicated(keep=False), "study"]
        assert all(f"`{study}`" in section for study in shared)


class TestFacts:
    """What the traps of the dictionary rest on."""

    def test_every_study_has_an_outcome(self, trials, studies):
        # A report may stand in the table without a count that could be read.
        assert set(trials.study) <= set(studies.study)
        silent = studies[~studies.study.isin(trials.study)]
        section = TestReadme.readme.partition("## What was not found")[2]
        assert all(f"`{study}`" in section for study in silent.study)

    def test_core_trials(self, trials, studies):
        assert studies.loc[studies.role == "core", "study"].tolist() == [
            "feng_2025",
            "wang_x_2025",
            "wang_q_2025",
        ]
        both = pick(trials, "feng_2025", "lldas_and_doris")
        assert (both.week.item(), both.timing.item(), counts(both)) == (12, "by", [(12, 15)])
        sri4 = pick(trials, "wang_x_2025", "sri4")
        assert (sri4.week.tolist(), counts(sri4)) == ([13, 26], [(5, 5), (5, 5)])
        assert counts(pick(trials, "wang_x_2025", "flare")) == [(1, 5)]
        fell = pick(trials, "wang_q_2025", "sledai_decreased")
        assert (counts(fell), fell.read_in.tolist()) == ([(5, 5)], ["secondary"])

    def test_printed_decimals_are_kept(self, trials):
        scores = trials[trials.outcome == "sle_disease_activity_score"]
        assert scores.value_printed.tolist() == ["31.30", "5.35"]
        assert scores.value.tolist() == [31.3, 5.35]
        assert scores.n.tolist() == [4, 4]

    def test_one_cohort_at_one_week_differs_by_endpoint(self, trials):
        cohort = trials[(trials.study == "gc012f_2025") & (trials.week == 24)]
        assert dict(zip(cohort.outcome, counts(cohort), strict=True)) == {
            "sri4": (10, 10),
            "doris": (5, 10),
        }

    def test_without_conditioning_there_are_eleven_patients_read_second_hand(self, trials, studies):
        none = studies[studies.conditioning == "none"]
        assert (len(none), none["product"].nunique(), none.n_treated.sum()) == (3, 3, 11)
        assert set(trials.loc[trials.study.isin(none.study), "read_in"]) == {"secondary"}

    def test_placebo_arms_reach_sri4_more_often_than_lldas(self, benchmarks):
        placebo = benchmarks[benchmarks.arm == "placebo + standard care"]
        rate = (100 * placebo.events / placebo.n).astype("float64")
        percent = placebo.value.where(placebo.statistic == "percent", rate)
        by_outcome = percent.groupby(placebo.outcome).agg(["min", "max"]).round()
        assert by_outcome.loc["sri4", "min"] > by_outcome.loc["lldas", "max"]

    def test_benchmarks_of_cyclophosphamide_alone(self, benchmarks):
        petri = benchmarks[(benchmarks.study == "petri_2010") & (benchmarks.week == 26)]
        assert dict(zip(petri.arm, counts(petri), strict=True)) == {
            "high-dose cyclophosphamide": (11, 21),
            "monthly IV cyclophosphamide": (9, 26),
        }

    def test_an_adjusted_percentage_is_no_count(self, benchmarks):
        percent = benchmarks[benchmarks.value_printed.isin(["46.4", "71"])]
        assert len(percent) == 2
        for row in percent.itertuples():
            decimals = len(row.value_printed.partition(".")[2])
            rates = {round(100 * events / row.n, decimals) for events in range(row.n + 1)}
            assert row.value not in rates

    def test_a_fall_without_a_new_drug(self, benchmarks):
        fall = benchmarks[benchmarks.study == "illuminate1"]
        assert (fall.statistic.item(), fall.value.item()) == ("mean_change", -4.8)

    def test_reviews_count_the_evaluable(self):
        review = tables.load_reviews(TRIALS_CSV).set_index("review").loc["li_2026"]
        assert (review.events, review.n, review.n_patients) == (45, 45, 114)

    def test_claims_cover_the_core_trials_and_the_disease(self, studies):
        claims = tables.load_claims(TRIALS_CSV)
        core = set(studies.loc[studies.role == "core", "study"])
        assert set(claims.study) == core | {"disease"}


if __name__ == "__main__":
    print(dictionary(read_package()), end="")
