"""Simon's designs: printed values, every design beside them, properties, and refusals."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from lupuscart.stats.planning.simon import simon_two_stage

REFERENCE = Path(__file__).parents[1] / "reference"
QUESTIONS = list(
    pd.read_csv(REFERENCE / "planning_simon.csv").groupby(
        ["p0", "p1", "alpha", "beta", "n_max", "source"]
    )
)
COUNTS = ["r1", "n1", "r", "n"]
NUMBERS = ["expected_n", "early_stop", "type1", "power"]


@pytest.mark.parametrize(
    ("question", "rows"),
    QUESTIONS,
)
def test_simon_designs_match_what_is_printed(question, rows):
    p0, p1, alpha, beta_, n_max, source = question
    found = pd.DataFrame(simon_two_stage(p0, p1, alpha=alpha, beta=beta_, n_max=n_max))
    if source == "clinfun documentation":  # it prints optimal and minimax, or all admissible
        found = found[found["name"].isin(rows["name"])]
    else:
        found = found[found["name"] != "admissible"]
    found, printed = found.reset_index(drop=True), rows.reset_index(drop=True)
    pd.testing.assert_frame_equal(found[["name", *COUNTS]], printed[["name", *COUNTS]])
    off = (found[NUMBERS] - printed[NUMBERS]).abs()
    assert (off.le(printed["atol"], axis=0) | printed[NUMBERS].isna()).all(axis=None)


def all_designs(p0, p1, alpha, beta_, n_max):
    """Every design that meets alpha and beta, by the sum over the first stage's responders."""
    rows = []
    for n in range(2, n_max + 1):
        for n1 in range(1, n):
            x = np.arange(n1 + 1)
            for r in range(n):
                # Probability of pursuing when going on with at least x responders.
                type1, power = (
                    np.cumsum((binom.pmf(x, n1, p) * binom.sf(r - x, n - n1, p))[::-1])[::-1]
                    for p in (p0, p1)
                )
                r1 = np.arange(n1)
                expected_n = n1 + binom.sf(r1, n1, p0) * (n - n1)
                meets = (type1[1:] <= alpha) & (power[1:] >= 1 - beta_)
                rows += [(n, expected_n[each], r, each, n1) for each in r1[meets]]
    return pd.DataFrame(rows, columns=["n", "expected_n", "r", "r1", "n1"])


@pytest.mark.parametrize(
    ("p0", "p1", "alpha", "beta_"),
    [
        (0.1, 0.45, 0.1, 0.2),
        (0.37, 0.83, 0.05, 0.15),
        (0.52, 0.95, 0.025, 0.1),
        (0.02, 0.3, 0.05, 0.2),
        (0.2, 0.9, 0.3, 0.3),  # so easy that several r and very small n meet both limits
    ],
)
def test_simon_designs_are_the_best_of_all(p0, p1, alpha, beta_):
    every = all_designs(p0, p1, alpha, beta_, n_max=13)
    designs = simon_two_stage(p0, p1, alpha=alpha, beta=beta_, n_max=13)
    optimal, minimax, *between = designs
    best = every.groupby("n")["expected_n"].min()
    assert optimal.expected_n == pytest.approx(best.min(), rel=1e-12)
    assert optimal.n == best.index[np.isclose(best, best.min(), rtol=1e-12)][0]
    assert (minimax.n, minimax.expected_n) == pytest.approx((best.index[0], best.iloc[0]))
    for design in designs:
        same = every.query("n == @design.n and n1 == @design.n1 and r1 == @design.r1")
        assert design.r == same["r"].max()
        assert design.type1 <= alpha
        assert design.power >= 1 - beta_
    # Each weight of n against the expected n has its best design in the list, and no other is.
    weights = np.linspace(0, 1, 100_001)[:, np.newaxis]
    loss = weights * best.index.to_numpy() + (1 - weights) * best.to_numpy()
    admissible = best.index[np.unique(np.argmin(loss[1:-1], axis=1))]
    assert {design.n for design in designs} == set(admissible) | {minimax.n, optimal.n}
    assert [design.n for design in between] == sorted(design.n for design in between)


@examples(25)
@given(
    p0=st.floats(0.02, 0.6),
    step=st.floats(0.25, 0.39),
    alpha=st.floats(0.02, 0.2),
    beta_=st.floats(0.05, 0.3),
)
def test_properties_of_simon_designs(p0, step, alpha, beta_):
    optimal, minimax, *between = simon_two_stage(p0, p0 + step, alpha=alpha, beta=beta_, n_max=90)
    assert [design.name for design in (optimal, minimax)] == ["optimal", "minimax"]
    path = [minimax, *between, optimal] if optimal.n > minimax.n else [minimax]
    slopes = np.diff([design.expected_n for design in path]) / np.diff([d.n for d in path])
    assert (slopes < 0).all()
    assert (np.diff(slopes) > 0).all()
    for design in path:
        assert 0 <= design.r1 < design.n1 < design.n
        assert design.r1 <= design.r < design.n
        x = np.arange(design.r1 + 1, design.n1 + 1)
        for p, found in ((p0, design.type1), (p0 + step, design.power)):
            pursued = binom.sf(design.r - x, design.n - design.n1, p)
            assert found == pytest.approx(binom.pmf(x, design.n1, p) @ pursued, rel=1e-9)
        assert design.early_stop == pytest.approx(binom.cdf(design.r1, design.n1, p0), rel=1e-9)
        stopped, went_on = design.early_stop, 1 - design.early_stop
        assert design.expected_n == pytest.approx(stopped * design.n1 + went_on * design.n)


def test_a_single_best_design_has_both_names():
    optimal, minimax = simon_two_stage(0.1, 0.9, alpha=0.2, beta=0.2)
    assert (optimal.r1, optimal.n1, optimal.r, optimal.n) == (0, 1, 1, 2)
    assert optimal.n == minimax.n
    assert (optimal.name, minimax.name) == ("optimal", "minimax")


# --- refusals ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: simon_two_stage(0.4, 0.4, alpha=0.05, beta=0.1), "p1 is 0.4 and p0 is 0.4"),
        (lambda: simon_two_stage(0.4, 0.2, alpha=0.05, beta=0.1), "p1 is 0.2 and p0 is 0.4"),
        (lambda: simon_two_stage(-0.1, 0.2, alpha=0.05, beta=0.1), "p0 is -0.1"),
        (lambda: simon_two_stage(0.1, 1.2, alpha=0.05, beta=0.1), "p1 is 1.2"),
        (lambda: simon_two_stage(0.1, 0.2, alpha=0, beta=0.1), "alpha is 0"),
        (lambda: simon_two_stage(0.1, 0.2, alpha=0.05, beta=1), "beta is 1"),
        (lambda: simon_two_stage(0.1, 0.3, alpha=0.05, beta=0.1, n_max=500), "n_max is 500"),
        # Ruled out at once, and only after looking at every design.
        (lambda: simon_two_stage(0.1, 0.2, alpha=0.05, beta=0.1, n_max=20), "n_max is 20"),
        (lambda: simon_two_stage(0.2, 0.4, alpha=0.05, beta=0.2, n_max=32), "n_max is 32"),
    ],
)
def test_bad_input_is_refused_by_name(call, named):
    with pytest.raises(ValueError, match=f"^{named}"):
        call()
