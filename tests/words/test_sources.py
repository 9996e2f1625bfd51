"""Every number shown names its study, its window, its denominator and how it was read."""

import pandas as pd
import pytest

from lupuscart.data.tables import load_benchmark_studies, load_benchmarks, with_studies
from lupuscart.words import sources
from lupuscart.words.lexicon import using, word_for


@pytest.fixture
def reported(outcomes, studies):
    return with_studies(outcomes, studies)


@pytest.fixture
def compared():
    rows = load_benchmarks("data/trials.csv")
    return with_studies(rows, load_benchmark_studies("data/trials.csv"))


def _of(table, study, outcome=None):
    rows = table[table["study"] == study]
    return rows if outcome is None else rows[rows["outcome"] == outcome]


def test_one_line_a_study_with_its_identifier(reported, compared, tongue):
    lines = sources.source_lines([reported, compared])
    rows = pd.concat([reported, compared]).drop_duplicates("study")
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows.itertuples(), strict=True):
        author = word_for("first_author", row.first_author)
        assert line.startswith(f"{author} {row.year}")
        known = [each for each in (row.doi, row.pmid, row.registration) if not pd.isna(each)]
        assert not known or known[0] in line
        assert "{" not in line


def test_windows_of_one_denominator_stand_together(reported):
    assert sources.source_lines([_of(reported, "wang_x_2025", "sri4")]) == [
        "Wang X 2025, doi 10.1038/s41591-025-03899-x, week 13 (month 3), week 26 (month 6), n = 5"
    ]


def test_windows_of_different_denominators_are_told_apart(reported):
    rows = _of(reported, "feng_2025").iloc[[0, -1]]
    (line,) = sources.source_lines([rows])
    assert line.endswith("by week 12, n = 15; week 52 (month 12), n = 3")


@pytest.mark.parametrize(
    ("language", "mark"),
    [("en", "second-hand: news report"), ("zh", "转引：新闻报道")],
)
def test_the_news_report_is_named(reported, language, mark):
    rows = _of(reported, "wang_q_2025", "sledai_decreased")
    with using(language):
        (line,) = sources.source_lines([rows])
    assert line.endswith(mark)


def test_a_study_read_second_hand_in_part_says_so(reported):
    (line,) = sources.source_lines([_of(reported, "relma_cel_2024", "selena_sledai")])
    assert line.endswith("n = 3, second-hand in part: company summary")


def test_what_is_not_known_is_said_to_be_unknown(reported):
    (line,) = sources.source_lines([_of(reported, "kysa1_2024", "flare").assign(registration=None)])
    assert "no identifier found" in line
    assert "n not stated" in line


def test_a_study_without_an_outcome_shown_has_its_patients(studies):
    core = studies[studies["study"] == "feng_2025"]
    assert sources.source_lines([core]) == [
        "Feng J 2025, doi 10.1038/s41591-025-03937-8, 15 treated"
    ]
    assert sources.provenance_sentences([core]) == []


def test_what_was_counted_stands_before_how_many_were_treated(reported, studies):
    rows = _of(reported, "feng_2025", "lldas_and_doris")
    (line,) = sources.source_lines([studies[studies["study"] == "feng_2025"], rows])
    assert line.endswith("by week 12, n = 15")


def test_without_patients_the_line_says_so(tongue):
    (line,) = sources.source_lines([])
    assert (
        line
        == {"en": "computed here; no patient data", "zh": "由本项目计算得出，不含患者数据"}[tongue]
    )


def test_without_patients_the_line_gives_the_assumed_rates():
    assert sources.source_lines([], assumed=(0.8, 0.35)) == [
        "computed here; assumed rates: 80 % with the cells, 35 % without"
    ]


def test_a_sentence_for_every_number_of_the_tables(reported, compared, tongue):
    tables = [reported, compared]
    sentences = sources.provenance_sentences(tables)
    assert len(sentences) == len(reported) + len(compared)
    rows = [row for table in tables for row in table.itertuples()]
    for sentence, row in zip(sentences, rows, strict=True):
        assert not any(gap in sentence for gap in ("{", "nan", "<NA>", "None"))
        if row.statistic == "count":
            count = {"en": f"{row.events} of {row.n};", "zh": f"{row.n} 例中 {row.events} 例；"}
            assert count[tongue] in sentence
        elif row.statistic != "events_only":
            assert row.value_printed in sentence
        if not pd.isna(row.note):
            assert word_for("note", row.note) in sentence


def test_a_sentence_has_every_fact_of_its_row(reported):
    (sentence,) = sources.provenance_sentences([_of(reported, "wang_q_2025", "sledai_decreased")])
    assert sentence.startswith(
        "Wang Q 2025, all patients, SLEDAI fell, by week 13 (month 3): 5 of 5; "
        "inferred from a statement; second-hand: news report. Note: SLEDAI-2000 fell"
    )


def test_numbers_that_are_no_counts(reported, compared):
    def say(table, study, outcome):
        return sources.provenance_sentences([_of(table, study, outcome)])[0]

    assert "median 16 (8-16), n = 5;" in say(reported, "mackensen_2022", "sledai_unspecified")
    assert "1 of a number that is not known;" in say(reported, "kysa1_2024", "flare")
    assert "92 %, not a count (n = 26);" in say(compared, "burt_2018", "remission")
    assert "n not stated;" in say(reported, "wang_w_2024", "sledai_2k")


def test_a_number_shown_twice_has_one_sentence(reported):
    rows = _of(reported, "feng_2025", "lldas_and_doris")
    assert len(sources.provenance_sentences([rows, pd.concat([rows, rows])])) == 1


def test_references_are_alphabetical_one_a_study(reported, compared, tongue):
    references = sources.reference_lines([reported, compared])
    studies = pd.concat([reported, compared]).drop_duplicates("study")
    assert len(references) == len(studies)
    authors = studies["first_author"].map(lambda name: word_for("first_author", name))
    names = (authors + " " + studies["year"].astype(str)).str.casefold()
    for reference, name in zip(references, sorted(names), strict=True):
        assert reference.casefold().startswith(name)


def test_a_reference_has_the_journal_and_every_identifier(studies, compared):
    (core,) = sources.reference_lines([studies[studies["study"] == "wang_x_2025"]])
    assert core == (
        "Wang X 2025 (journal). Nat Med 2025;31:3713-3724. "
        "doi 10.1038/s41591-025-03899-x, PMID 40866583, NCT06379646"
    )
    (other,) = sources.reference_lines([_of(compared, "petri_2010")])
    assert other == "Petri M 2010 (randomised trial). doi 10.1002/art.27371, PMID 20131296"


def test_a_study_without_a_citation_has_none(studies):
    row = studies[studies["study"] == "chen_2025"].assign(citation=pd.NA)
    (reference,) = sources.reference_lines([row])
    assert reference == "Chen Y 2025 (journal). no identifier found"
