"""Phrases that the sentences and headlines of several findings share."""

from lupuscart.words.labels import (
    PANELS,
    cohort_label,
)
from lupuscart.words.lexicon import join, word

__all__ = [
    "how_many_second_hand",
    "named",
    "second_hand",
    "which_are_drawn",
]


def second_hand(sentence, read_in):
    if read_in == "secondary":
        return word("sentence.secondhand", sentence=sentence)
    return sentence


def which_are_drawn(table):
    """Name the panels of a figure, where some have no room."""
    labels = list(dict.fromkeys(table["label"]))
    if len(labels) <= PANELS:
        return []
    studies, count = join(labels[:PANELS]), len(labels) - PANELS
    return [word("sentence.panels", studies=studies, count=count)]


def named(row):
    """The name of a row's cohort, marked where it was read second-hand."""
    name = cohort_label(row)
    if row.read_in != "secondary":
        return name
    return word("headline.second_hand", study=name)


def how_many_second_hand(rows):
    n = int(rows["read_in"].eq("secondary").sum())
    return word("headline.second_hand_rows", n=n) if n else ""
