"""Cohorts of one endpoint, labelled, as a reader's own tables might hold them."""

import pandas as pd


def cohorts_of(events, n, **columns):
    size = len(n)
    rows = {
        "study": [f"s{place}" for place in range(size)],
        "label": [f"Author {place} 2026" for place in range(size)],
        "cohort": "all",
        "outcome": "doris",
        "endpoint": "DORIS",
        "window": "week 24",
        "short_window": "wk 24",
        "statistic": "count",
        "events": list(events),
        "n": list(n),
        "n_treated": list(n),
        "conditioning": "fludarabine+cyclophosphamide",
        "product": [f"p{place}" for place in range(size)],
        "read_in": "primary",
        "note": None,
        "basket": "no",
        "basis": "stated",
        "locator": "abstract",
        "first_author": [f"Author {place}" for place in range(size)],
        "year": 2026,
        "citation": "own data",
    }
    return pd.DataFrame(rows | columns)
