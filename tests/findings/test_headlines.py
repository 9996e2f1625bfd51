"""No headline is made of no rows; what each says is tested beside its page."""

import pandas as pd
import pytest

from lupuscart.findings import response, scores, trials

EXACT = {"confidence_level": 0.95, "method": "clopper-pearson"}
NONE = pd.DataFrame(columns=["study", "label", "cohort", "endpoint", "outcome", "events", "n"])


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
        say(NONE)
