"""No level and no row of one's own makes a page say what is not so: the pages run whole."""

import re
import shutil

import pandas as pd
import pytest
from conftest import ROOT
from pages_in_process import run_page

from lupuscart.stats.proportion import proportion_ci

COUNTS = [(0, 1), (1, 1), (0, 5), (5, 5), (12, 15), (0, 60), (30, 60), (60, 60)]
PAGES = ("05_small_samples", "06_conditioning", "07_synthesis", "08_next_trial")


def _own(folder, counts):
    """A reader's own folder: one study a count of DORIS at week 24."""
    for name in ("benchmarks", "benchmark_studies", "claims", "reviews"):
        shutil.copy(ROOT / "data" / f"{name}.csv", folder)
    studies, trials = (
        pd.read_csv(ROOT / f"data/{name}.csv", dtype=str, keep_default_na=False)
        for name in ("studies", "trials")
    )
    study = studies[studies["study"] == "feng_2025"]
    row = trials[(trials["study"] == "gc012f_2025") & (trials["outcome"] == "doris")].iloc[[0]]
    bare = dict.fromkeys(("pmid", "doi", "registration", "citation"), "")
    bare |= dict.fromkeys(("overlaps_with", "contains"), "")
    parts = [
        (
            study.assign(study=f"mine_{i}", first_author=f"Mine {i}", programme=f"mine_{i}",
                         n_treated=str(n), **bare),
            row.assign(study=f"mine_{i}", week="24", timing="at", events=str(k), n=str(n), note=""),
        )
        for i, (k, n) in enumerate(counts)
    ]  # fmt: skip
    for name, tables in zip(("studies", "trials"), zip(*parts, strict=True), strict=True):
        pd.concat(tables).to_csv(folder / f"{name}.csv", index=False)
    return folder / "trials.csv"


def _said(page):
    """Everything that a page says of its figures, and prints."""
    parts = [page.text]
    for words in page.said.values():
        for part in (words.headline, words.answer, words.supports, words.does_not_support):
            parts += [part] if isinstance(part, str) else list(part or [])
    return parts


@pytest.mark.slow
@pytest.mark.parametrize("count", COUNTS, ids=str)
@pytest.mark.parametrize("stem", PAGES)
def test_a_page_of_one_count_says_nothing_that_the_count_falsifies(stem, count, tmp_path):
    k, n = count
    level = (0.8, 0.9, 0.95, 0.99)[COUNTS.index(count) % 4]
    settings = {"study": "mine_0"} if stem == "08_next_trial" else {"confidence_level": level}
    if stem in ("05_small_samples", "06_conditioning"):
        settings["role"] = ""
    said = _said(run_page(stem, _own(tmp_path, [count]), draw=False, **settings))
    text = "\n".join(said)
    assert not re.search(r"\bnan\b|\binf\b|\bNone\b(?! of)| -0 |fewer than 0 %|0\.0000", text)
    assert ("Few patients" in text) == (n <= 40)
    assert not re.search(r"\b1 (products|windows|reports)\b|\ba 8\d", text)
    if stem == "06_conditioning":
        low = proportion_ci(k, n, confidence_level=level)[0]
        assert ("whatever the rate without the cells" in text) == (low == 0)
        assert ("provided that fewer than" in text) == (low > 0)


@pytest.mark.slow
@pytest.mark.parametrize("level", [0.8, 0.9, 0.95, 0.99])
@pytest.mark.parametrize(
    "counts",
    [
        [(3, 7), (5, 5)],
        [(0, 5), (0, 60), (0, 1)],
        [(60, 60), (0, 60), (1, 60), (59, 60)],
        [(1, 1), (1, 1)],
    ],
    ids=str,
)
def test_a_pool_of_ones_own_says_its_level_and_nothing_false(counts, level, tmp_path):
    page = run_page("07_synthesis", _own(tmp_path, counts), draw=False, confidence_level=level)
    text = "\n".join(_said(page))
    assert not re.search(r"\bnan\b|\binf\b|\bNone\b(?! of)", text)
    (new,) = re.findall(r"in a new cohort, if it is like these \((.*?)\)\.", text)
    assert new.endswith(f"; {100 * level:g} %")
    assert ("Few patients" in text) == (min(n for _, n in counts) <= 40)
    assert f"The intervals called z take the spread that {len(counts)} cohorts show" in text
