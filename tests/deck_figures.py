"""A folder of figures as the runner leaves one: real pictures and data, records written here.

What a reader is told comes from the tables in figures/, so the texts are as long as real ones.
"""

import json
import shutil
from functools import cache

import pandas as pd
from conftest import ROOT

from lupuscart.data import tables
from lupuscart.words import labels, lexicon

HEADLINES = {
    "01_trials_evidence": {
        "en": "21 reports, none with a control arm: 18 gave conditioning, 3 none; response "
        "endpoint counted in 15",
        "zh": "21 份报告共 165 例患者：14 份在明确的时间点读取了应答终点，均无对照组",
    },
    "02_response_chosen": {
        "en": "LLDAS and DORIS by week 12: 12 of 15 (80 %; exact 95 % CI 52 to 96 %), Feng J 2025",
        "zh": "12 周内 LLDAS 且 DORIS：15 例中 12 例（80%；精确 95% 置信区间 52%～96%）",
    },
    "04_safety_events": {
        "en": "No severe CRS among 15 still leaves a true rate of up to 18 % possible",
        "zh": "15 例均无重度细胞因子释放综合征，真实发生率仍可能高达 18%",
    },
    "05_small_samples_coverage": {
        "en": "With 5 patients the usual 95 % interval covers as little as 0.2 %",
        "zh": "5 例患者时，常用的 95% 区间最低覆盖率仅为 0.2%",
    },
    "08_next_trial_power": {
        "en": "Against a control rate of 48 %, 35 patients in an arm reach a power of 80 %",
        "zh": "对照组应答率为 48% 时，每组 35 例可达到 80% 的检验效能",
    },
}

TABLES = {
    "01_trials_evidence": [
        "label",
        "product",
        "target",
        "conditioning",
        "n_treated",
        "followup",
        "publication",
    ],
    "02_response_chosen": [
        "label",
        "outcome",
        "window",
        "events",
        "n",
        "rate",
        "low",
        "high",
        "basis",
        "read_in",
    ],
    "04_safety_events": ["label", "outcome", "window", "events", "n", "rate", "upper", "note"],
    "05_small_samples_coverage": ["method", "n", "true_rate", "coverage"],
}

MARKED = {"en": " (read second-hand)", "zh": "（据二手资料）"}


def make_figures(folder, *, language="en", theme="light", names=None, pictures=None):
    """Fill an existing folder with figures and their records."""
    records = {}
    for name in names or HEADLINES:
        shutil.copy((pictures or ROOT / "figures") / f"{name}.png", folder)
        records[name] = json.loads(_record(name, language, theme))
    write_records(folder, records)
    return folder


@cache
def _record(name, language, theme):
    """The record of a figure as JSON, so that whoever reads it may change it."""
    committed = _committed()[name]
    shown = pd.read_csv(ROOT / "figures" / f"{name}.csv")
    with lexicon.using(language):
        studies = labels.label_studies(tables.load_studies(ROOT / "data/trials.csv"))
        cited = studies[studies["study"].isin(shown.get("study", []))]
        record = {
            **committed,
            "parameters": {**committed["parameters"], "language": language, "theme": theme},
            "headline": HEADLINES[name][language],
            "source": [_source(study, language) for _, study in cited.iterrows()],
            "provenance": [_provenance(row) for _, row in shown.head(30).iterrows() if len(cited)],
            "references": [_reference(study) for _, study in cited.iterrows()],
            "table": _table(shown, TABLES.get(name), language),
        }
    return json.dumps(record)


@cache
def _committed():
    return json.loads((ROOT / "figures/figures.json").read_text(encoding="utf-8"))


def read_records(folder):
    return json.loads((folder / "figures.json").read_text(encoding="utf-8"))


def write_records(folder, records):
    text = json.dumps(records)
    (folder / "figures.json").write_text(text, encoding="utf-8")


def _identifier(study):
    for name, shown in (("doi", "doi "), ("registration", ""), ("pmid", "PMID ")):
        if pd.notna(study[name]):
            return f"{shown}{study[name]}"
    return "no identifier"


def _source(study, language):
    window = lexicon.word("window.by", week=12)
    mark = MARKED[language] if study["publication"] == "company" else ""
    comma = lexicon.word("clause_separator")
    return comma.join(
        [str(study["label"]), _identifier(study), window, f"n = {study['n_treated']:g}{mark}"]
    )


def _reference(study):
    return f"{study['label']}. {study['source_note']}. {_identifier(study)}."


def _provenance(row):
    return "; ".join(f"{name} {value}" for name, value in row.items() if pd.notna(value)) + "."


def _table(shown, columns, language):
    if columns is None:
        return None
    columns = [name for name in columns if name in shown]
    table = lexicon.in_words(shown[columns])
    rows = [[_cell(value) for value in row] for row in table.itertuples(index=False)]
    right = [pd.api.types.is_numeric_dtype(shown[name]) for name in columns]
    return {"columns": list(table.columns), "rows": rows, "right": right}


def _cell(value):
    return f"{value:.3g}" if isinstance(value, float) else str(value)
