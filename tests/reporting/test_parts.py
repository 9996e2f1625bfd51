"""A finding of several figures says its answer once."""

import pandas as pd
import pytest

from lupuscart.reporting.finding import Finding
from lupuscart.reporting.parts import Parts


def _figure(number):
    return Finding(
        *("response", pd.DataFrame({"n": [number]}), f"Headline {number}.", [f"Row {number}."]),
        draw=None,
        answer=["The answer."],
        supports=["This."],
        does_not_support=["That."],
    )


@pytest.mark.parametrize("count", range(4))
def test_only_the_first_figure_holds_the_answer_and_the_balance(count):
    parts = Parts(lambda: [_figure(number) for number in range(count)])
    said = [(each.answer, each.supports, each.does_not_support) for each in parts.figures]
    once = (["The answer."], ["This."], ["That."])
    assert said == [once, *[([], [], [])] * (count - 1)][:count]
    assert parts.sentences == [f"Row {number}." for number in range(count)]
    assert [each.headline for each in parts.figures] == [f"Headline {n}." for n in range(count)]
