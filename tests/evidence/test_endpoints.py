"""Which rows enter the response figure."""

import pandas as pd
import pytest

from lupuscart.data.tables import load_outcomes
from lupuscart.evidence import endpoints


def test_response_endpoints_are_codes_of_the_dictionary():
    defined = load_outcomes("data/trials.csv").set_index("code")
    assert set(defined.loc[[*endpoints.response_endpoints()], "domain"]) == {"efficacy"}
    assert set(defined.loc[[*endpoints.harms(), *endpoints.CYTOPENIAS], "domain"]) == {"safety"}


def test_a_fall_in_a_score_is_no_response_endpoint():
    others = {"sledai_decreased", "off_immunosuppression", "clinical_response", "sledai_zero"}
    assert others.isdisjoint(endpoints.response_endpoints())


def test_the_core_trials_each_at_its_own_endpoint(outcomes, studies):
    core = studies.loc[studies["role"] == "core", "study"]
    chosen = endpoints.choose_reports(outcomes[outcomes["study"].isin(core)])
    rows = chosen.kept[["study", "outcome", "week", "events", "n", "is_response"]]
    assert rows.values.tolist() == [
        ["feng_2025", "lldas_and_doris", 12, 12, 15, True],
        ["wang_x_2025", "sri4", 13, 5, 5, True],
        ["wang_q_2025", "sledai_decreased", 13, 5, 5, False],
    ]
    assert chosen.left_out[["outcome", "week", "reason"]].values.tolist() == [
        ["sri4", 26, "later_report"],
        ["qol_improved", 26, "not_response"],
    ]


def test_kept_and_left_out_are_all_candidates(outcomes):
    chosen = endpoints.choose_reports(outcomes)
    candidates = outcomes["domain"].eq("efficacy") & outcomes["statistic"].eq("count")
    together = chosen.kept.index.union(chosen.left_out.index)
    assert together.tolist() == outcomes.index[candidates].tolist()


def test_a_stated_week_goes_before_an_unstated_one():
    rows = pd.DataFrame(
        {
            "study": "a",
            "cohort": "all",
            "outcome": "doris",
            "domain": "efficacy",
            "statistic": "count",
            "week": pd.array([None, 24], dtype="Int64"),
        }
    )
    assert endpoints.choose_reports(rows).kept["week"].tolist() == [24]


def test_nothing_to_choose_from_is_refused(outcomes):
    with pytest.raises(ValueError, match="no row counts an outcome of efficacy"):
        endpoints.choose_reports(outcomes[outcomes["domain"] == "safety"])
