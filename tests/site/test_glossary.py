"""Every outcome is defined in one place of the site, and every table leads to it."""

import pytest
from folders import another_disease

from lupuscart.data import outcomes, tables
from lupuscart.site import glossary
from lupuscart.words.lexicon import word_for


def test_every_outcome_has_an_entry_with_its_source_in_both_languages(tongue):
    table = outcomes.current().table.set_index("code")
    entries = glossary.entries()
    assert [entry.code for entry in entries] == outcomes.current().codes
    for entry in entries:
        row = table.loc[entry.code]
        assert entry.meaning == row[f"definition_{tongue}"]
        assert tongue == "zh" or entry.source == row["source"]
        assert entry.source
        link = f'<a href="glossary.html#{entry.code}">'
        assert glossary.with_glossary(word_for("outcome", entry.code)).startswith(link)


@pytest.mark.parametrize("text", ["", "12", "SRI", "<b>SRI-4</b>", "SRI-4 of 5"])
def test_other_cells_stay_as_they_are(text):
    assert "glossary" not in glossary.with_glossary(text)


def test_the_outcomes_of_another_disease_are_entries_too(tmp_path):
    assert not any(entry.code == "qmg" for entry in glossary.entries())
    tables.load_trials(another_disease(tmp_path))
    (entry,) = (entry for entry in glossary.entries() if entry.code == "qmg")
    assert (entry.label, entry.source) == ("QMG", "protocol")
    assert glossary.with_glossary("QMG") == '<a href="glossary.html#qmg">QMG</a>'
