"""Pages on folders that lack a kind of row, or are about another disease: each one is run."""

import pytest
from folders import another_disease, without
from pages_in_process import PAGES, run_page

from lupuscart.evidence import needs
from lupuscart.words.lexicon import using


@pytest.mark.parametrize("need", needs.NEEDS)
def test_a_folder_without_a_kind_of_row_runs_every_page_that_has_rows(need, tmp_path):
    trials_csv = without(tmp_path, need)
    empty = {page for page, wanted in needs.PAGE_NEEDS.items() if need in wanted}
    assert empty <= {page for page in needs.PAGE_NEEDS if needs.lacking(page, trials_csv)}
    for page in PAGES:
        with using("en"):
            sentence = needs.nothing_to_show(page, trials_csv)
        if sentence:
            with pytest.raises(needs.NothingToShowError) as stopped:
                run_page(page, trials_csv, draw=False)
            assert str(stopped.value) == sentence
            with pytest.raises(needs.NothingToShowError) as in_chinese:
                run_page(page, trials_csv, draw=False, language="zh")
            assert str(in_chinese.value).endswith("。")
        else:
            assert run_page(page, trials_csv, draw=False).figures


@pytest.mark.parametrize("domain", [[], ["efficacy"], ["safety"], ["activity_score"]])
def test_another_disease_is_drawn_on_every_page_for_which_it_has_rows(domain, tmp_path):
    trials_csv = another_disease(tmp_path, *domain)
    for page in PAGES:
        if not needs.lacking(page, trials_csv):
            assert run_page(page, trials_csv).figures
        else:
            with pytest.raises(needs.NothingToShowError):
                run_page(page, trials_csv)
