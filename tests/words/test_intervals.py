"""An interval's label says what made it."""

import pytest

from lupuscart.stats.proportion import METHODS
from lupuscart.words.intervals import ci_label


@pytest.mark.parametrize(
    ("level", "printed"),
    [(0.95, "95 %"), (0.9, "90 %"), (0.8, "80 %"), (0.975, "97.5 %"), (0.999, "99.9 %"),
     (0.29, "29 %"), (1 - 0.1, "90 %"), (1 - 0.9, "10 %"), (1 - 1e-9, "99.9999999 %"),
     (1e-6, "0.0001 %")],
)  # fmt: skip
def test_label_prints_the_level(level, printed):
    assert ci_label(confidence_level=level) == f"{printed} CI, Clopper-Pearson"


def test_label_names_method_and_side():
    assert ci_label(method="mid-p") == "95 % CI, mid-P"
    assert ci_label(method="jeffreys") == "95 % CI, Jeffreys"
    assert ci_label(method="agresti-coull") == "95 % CI, Agresti-Coull"
    assert ci_label(bound="upper") == "one-sided 95 % upper limit, Clopper-Pearson"
    assert ci_label(bound="lower", method="wilson") == "one-sided 95 % lower limit, Wilson"
    assert ci_label(method="uniform-prior") == "95 % credible interval, uniform prior"
    assert (
        ci_label(method="uniform-prior", bound="upper")
        == "one-sided 95 % upper credible limit, uniform prior"
    )
    assert len({ci_label(method=method) for method in METHODS}) == len(METHODS)


@pytest.mark.parametrize(
    "options", [{"method": "wilsn"}, {"bound": "both"}, {"confidence_level": 95}]
)
def test_what_makes_no_interval_has_no_label(options):
    with pytest.raises(ValueError, match=f"{next(iter(options))} is"):
        ci_label(**options)
