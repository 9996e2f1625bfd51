"""A headline says what the numbers say: computed here again, in both languages."""

import re

import pandas as pd
import pytest
from scipy.special import betaincinv

from lupuscart.data import tables
from lupuscart.evidence import endpoints
from lupuscart.findings import (
    response,
    scores,
    trials,
)
from lupuscart.stats import proportion
from lupuscart.words import labels

EXACT = {"confidence_level": 0.95, "method": "clopper-pearson"}


def _numbers(headline, *names):
    """Every number of a headline that is not part of a name, in the order of size."""
    for name in names:
        headline = headline.replace(name, "")
    return sorted(map(float, re.findall(r"\d+(?:\.\d+)?", headline)))


def _in_percent(rate):
    return float(f"{100 * rate:.0f}")


def _limits(k, n, level=0.95):
    tail = (1 - level) / 2
    low = betaincinv(k, n - k + 1, tail) if k else 0
    return low, betaincinv(k + 1, n - k, 1 - tail) if k < n else 1


def _counts(outcomes, studies, language, confidence_level=0.95, **wanted):
    rows = tables.select_trials(outcomes, studies, domain="efficacy", statistic="count", **wanted)
    rows = tables.with_studies(endpoints.choose_reports(rows).kept, studies)
    rows = labels.add_labels(rows)
    return proportion.response_proportions(rows, confidence_level=confidence_level)


def _rows(**columns):
    """Two counts of two reports, as a reader's own table might hold them."""
    rows = {
        "study": ["a", "b"],
        "label": ["A 2025", "B 2026"],
        "cohort": ["all", "all"],
        "endpoint": ["DORIS", "DORIS"],
        "outcome": ["doris", "doris"],
        "statistic": ["count", "count"],
        "events": [7, 2],
        "n": [9, 4],
        "read_in": ["primary", "primary"],
    }
    return pd.DataFrame(rows | columns)


@pytest.mark.parametrize(
    "say",
    [
        lambda none: trials.evidence_headline(none, none),
        lambda none: response.response_headline(none, **EXACT),
        lambda none: response.endpoints_headline(none, **EXACT),
        lambda none: scores.scores_headline(none, none),
        scores.changes_headline,
    ],
)
def test_no_row_is_refused(say):
    with pytest.raises(ValueError, match=r"the table has no rows; allowed: at least one row"):
        say(_rows().head(0))
