"""What an interval is called, from the arguments that made it."""

from lupuscart.arguments import check_confidence_level
from lupuscart.stats.proportion import check_method
from lupuscart.words.lexicon import level_words, word

__all__ = ["ci_label"]


def ci_label(
    *, confidence_level: float = 0.95, method: str = "clopper-pearson", bound: str = "two-sided"
) -> str:
    """Return the label of an interval, built from the arguments that made it.

    Parameters
    ----------
    confidence_level, method, bound
        As for `lupuscart.stats.proportion_ci`.

    Returns
    -------
    str
        "CI" is a confidence interval; the interval of the uniform prior is a credible one.

    Examples
    --------
    >>> ci_label()
    '95 % CI, Clopper-Pearson'
    >>> ci_label(confidence_level=0.975, bound="upper")
    'one-sided 97.5 % upper limit, Clopper-Pearson'
    >>> ci_label(method="uniform-prior")
    '95 % credible interval, uniform prior'
    """
    level = check_confidence_level(confidence_level)
    check_method(method, bound)
    kind = "credible" if method == "uniform-prior" else "confidence"
    return word(
        f"interval.{kind}.{bound}", level=level_words(level), method=word(f"method.{method}")
    )
