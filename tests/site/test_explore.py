"""What a page lets its reader move: every number in it is this package's."""

import json
import re

import pandas as pd
import pytest

from lupuscart.findings import response
from lupuscart.reporting.marks import marks
from lupuscart.site import explore
from lupuscart.stats.proportion import METHODS, proportion_ci
from lupuscart.words.labels import hundredths
from lupuscart.words.lexicon import LANGUAGES, using


@pytest.fixture(scope="module")
def limits():
    script = explore.limits_script(0.9)
    return json.loads(script.removeprefix("window.limits = ").rstrip().removesuffix(";"))


@pytest.mark.parametrize("method", METHODS)
def test_every_limit_of_the_script_reads_as_the_limit_itself(limits, method):
    for level, by_size in limits[method].items():
        for n, lower in enumerate(by_size, start=1):
            events = list(range(n + 1))
            options = {"confidence_level": float(level), "method": method}
            low, high = proportion_ci(events, [n] * (n + 1), **options)
            for k in events:
                assert hundredths(lower[k]) == hundredths(low[k]), (method, level, k, n)
                mirrored = 1 - lower[n - k]
                assert abs(mirrored - high[k]) < 1e-8
                assert hundredths(mirrored) == hundredths(high[k]), (method, level, k, n)


def test_a_level_of_ones_own_is_among_those_to_choose():
    assert "0.87" in explore.limits_script(0.87)


def test_a_page_without_counts_has_nothing_to_move():
    assert explore.explore_view([{"headline": "A curve."}]) is None


def _counts(**more):
    row = {
        "label": "A 2026",
        "study": "a_2026",
        "first_author": "A",
        "year": 2026,
        "cohort": "all",
        "outcome": "doris",
        "endpoint": "DORIS",
        "timing": "by",
        "week": 12,
        "window": "by week 12",
        "statistic": "count",
        "events": 4,
        "n": 5,
        "rate": 0.8,
        "low": 0.284,
        "high": 0.995,
        "conditioning": "none",
        "basis": "stated",
        "read_in": "secondary",
        "locator": "abstract",
        "note": None,
    }
    return pd.DataFrame([row | more])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mark_has_its_count_its_source_and_how_it_was_read(language):
    with using(language):
        options = {"confidence_level": 0.95, "method": "clopper-pearson"}
        (mark,) = marks(_counts(), response.response_sentences(_counts(), **options))
    assert (mark["count"], mark["low"], mark["second_hand"]) == ("4/5", 0.284, True)
    assert "A 2026" in mark["said"] and "12" in mark["when"]
    # The row says the number; how it was read does not say it again.
    assert not re.search(r"A 2026|4 of 5|5 例中", mark["read"])
    assert {"en": "second-hand: abstract", "zh": "转引：摘要"}[language] in mark["read"]
    assert json.loads(json.dumps(mark, allow_nan=False)) == mark


def test_a_row_without_a_sentence_is_refused():
    with pytest.raises(ValueError, match="0 sentences for 1 rows"):
        marks(_counts(), [])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_frame_filled_in_is_the_sentence(language):
    with using(language):
        options = {"confidence_level": 0.95, "method": "clopper-pearson"}
        (sentence,) = response.response_sentences(_counts(), **options)
        (frame,) = response.sentence_frames(_counts())
    assert all(f"{{{gap}}}" in frame for gap in ("rate", "interval", "low", "high"))
    assert set(frame.split("{")[0]) <= set(sentence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_that_the_script_fills_in_has_only_gaps_that_it_knows(language):
    """A gap that the script does not know would stay in braces on the page."""
    known = {"value", "low", "high", "text", "inside", "k", "n", "rate", "interval", "case"}
    known |= {"cases", "increment", "number", "added", "typed", "most", "total", "above", "below"}
    known |= {"within", "names"}
    with using(language):
        page = explore.explore_view([_record("scenario")])
        rates = [explore.explore_view([_record(about)]) for about in ("response", "harm")]
    texts = [*page["words"].values(), *(rate["said"] for rate in rates)]
    gaps = {gap.split("}")[0] for text in texts for gap in text.split("{")[1:]}
    assert gaps <= known


def _record(about):
    row = {"said": "A.", "group": "DORIS"}
    given = {"about": about, "rows": [row], "row": 0, "start": {"confidence_level": 0.95}}
    return {"to_explore": given}
