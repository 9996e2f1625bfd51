"""The controls of 09: what they answer, that they only answer, and who may listen."""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from html.parser import HTMLParser

import ipywidgets
import nbformat
import numpy as np
import pytest
from conftest import ROOT, TRIALS_CSV

from lupuscart.data import tables
from lupuscart.evidence import endpoints
from lupuscart.explore.controls import OWN, Explorer
from lupuscart.explore.page import ONLY_THIS_HOST, make_page, server_command, server_environment
from lupuscart.explore.scenarios import Scenario, answer, choose_count, scenario_table
from lupuscart.figures import style
from lupuscart.stats.background import added_response
from lupuscart.stats.proportion import METHODS, proportion_ci
from lupuscart.words import lexicon
from lupuscart.words.labels import add_labels


@pytest.fixture(scope="module")
def labelled():
    """The counts to choose from, in each language."""
    outcomes, studies = tables.load_trials(TRIALS_CSV), tables.load_studies(TRIALS_CSV)
    rows = tables.select_trials(outcomes, studies, domain="efficacy", statistic="count")
    kept = tables.with_studies(endpoints.choose_reports(rows).kept, studies)
    return {name: _labelled(kept, name) for name in lexicon.LANGUAGES}


def _labelled(kept, language):
    with lexicon.using(language):
        return add_labels(kept)


@pytest.fixture
def counts(labelled):
    return labelled["en"]


def _explorer(counts, **start):
    style.use_style(language=lexicon.current_language())
    return Explorer(counts, **start)


def _shown(explorer):
    return [part.value for part in explorer.parts.values()]


# The answer, without controls


def test_each_case_is_its_count_with_the_exact_interval():
    table = scenario_table(Scenario(12, 15, 2, 3, background_rate=0.4))
    assert table[["events", "n"]].to_numpy().tolist() == [[12, 15], [12, 17], [12, 20], [15, 20]]
    low, high = proportion_ci(table["events"], table["n"])
    added = added_response(table["events"], table["n"], 0.4)
    np.testing.assert_array_equal(table["low"], low)
    np.testing.assert_array_equal(table["high"], high)
    np.testing.assert_array_equal(table["increment_low"], added.low)
    np.testing.assert_array_equal(table["increment_high"], added.high)


def test_a_case_that_supposes_nobody_has_no_row():
    assert len(scenario_table(Scenario(12, 15))) == 1
    assert scenario_table(Scenario(12, 15, unassessed=1))["n"].tolist() == [15, 16, 16]


def test_one_more_non_responder_moves_zero_into_the_interval(counts):
    row = choose_count(counts, study="feng_2025")
    shown = answer(Scenario(12, 15, 1, background_rate=0.5), reported=row)
    assert "30 points (2 to 46) for “as reported”" in shown.sentences[-1]
    assert "25 points (−2 to 43) for “1 more without a response”" in shown.sentences[-1]
    # The assumed rate is a choice: no row of it is a verdict.
    assert "taken as exact" in shown.sentences[-1]
    assert "zero" not in " ".join(shown.sentences)


def test_a_case_says_everybody_whom_it_supposes():
    both = scenario_table(Scenario(12, 15, 2, 1))
    assert both["case"].tolist() == [
        "as reported",
        "2 more without a response",
        "2 more without a response and 1 not assessed: all failed",
        "2 more without a response and 1 not assessed: those not assessed responded",
    ]
    assert both["n"].tolist() == [15, 17, 18, 18]
    alone = scenario_table(Scenario(12, 15, unassessed=1))["case"].tolist()
    assert alone[1:] == ["1 not assessed: all failed", "1 not assessed: all responded"]


def test_the_caution_fits_the_cohort(counts):
    with_it, without = (
        " ".join(answer(Scenario(5, 5), reported=choose_count(counts, study=study)).cautions)
        for study in ("wang_x_2025", "wang_q_2025")
    )
    assert "chemotherapy before the cells (Wang X 2025)" in with_it
    assert "no chemotherapy was given" in without
    assert "typed in" in " ".join(answer(Scenario(5, 5)).cautions)


def test_what_was_read_second_hand_says_so(counts):
    shown = answer(Scenario(5, 5), reported=choose_count(counts, study="wang_q_2025"))
    assert shown.sentences[0].endswith("Read second-hand.")


def test_what_is_no_response_endpoint_is_told(counts):
    shown = answer(Scenario(5, 5), reported=choose_count(counts, study="wang_q_2025"))
    assert shown.label.endswith("(not a response endpoint)")
    assert shown.cautions[0].startswith("Not a response endpoint")


def test_wald_is_shown_as_a_warning():
    assert any("warning" in caution for caution in answer(Scenario(5, 5, method="wald")).cautions)


def test_a_page_starts_with_the_strictest_endpoint_of_a_study(counts):
    assert choose_count(counts, study="gc012f_2025")["outcome"].item() == "doris"
    assert choose_count(counts, study="gc012f_2025", outcome="sri4")["events"].item() == 10


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"study": "feng_2024"}, "study is 'feng_2024'; did you mean 'feng_2025'"),
        ({"study": "feng_2025", "outcome": "sri4"}, "outcome is 'sri4'; allowed: lldas_and_doris"),
    ],
)
def test_a_start_that_is_not_counted_is_refused(counts, wanted, said):
    with pytest.raises(ValueError, match=said):
        choose_count(counts, **wanted)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"k": 6}, "k is 6 and n is 5"),
        ({"n": 0}, "n is 0"),
        ({"added_nonresponders": -1}, "added_nonresponders is -1"),
        ({"unassessed": 1.5}, "unassessed is 1.5"),
        ({"background_rate": 1.1}, "background_rate is 1.1"),
        ({"confidence_level": 95}, "confidence_level is 95"),
        ({"method": "wilsn"}, "did you mean 'wilson'"),
    ],
)
def test_an_impossible_scenario_is_refused_by_name(setting, said):
    with pytest.raises(ValueError, match=said):
        Scenario(**{"k": 5, "n": 5, **setting})


# The controls


def test_the_controls_start_at_their_parameters(counts):
    start = {
        "study": "mackensen_2022",
        "outcome": "doris",
        "confidence_level": 0.42,
        "method": "wilson",
        "background_rate": 0.375,
        "added_nonresponders": 33,
        "unassessed": 2,
    }
    explorer = _explorer(counts, **start)
    assert explorer.scenario == Scenario(5, 5, 33, 2, 0.375, 0.42, "wilson")
    assert explorer.start is explorer.answer
    assert explorer.answer.sentences[0].startswith("Mackensen A 2022, DORIS")


def test_every_control_moves_sentence_table_and_figure(labelled, language):
    explorer = _explorer(labelled[language], unassessed=1)
    moves = {
        "added_nonresponders": 3,
        "unassessed": 4,
        "background": 20.0,
        "method": "wilson",
        "confidence_level": 0.8,
        "cohort": 1,
        "k": 2,
        "n": 40,
    }
    for name, value in moves.items():
        before = _shown(explorer)
        explorer.controls[name].value = value
        after = _shown(explorer)
        moved = [old != new for old, new in zip(before, after, strict=True)]
        assert moved[:3] == [True, True, True], name


def test_a_cohort_brings_its_endpoints_and_its_count(counts):
    explorer = _explorer(counts)
    names = [name for name, _ in explorer.controls["cohort"].options]
    explorer.controls["cohort"].value = names.index("Mackensen A 2022")
    offered = [name for name, _ in explorer.controls["endpoint"].options]
    assert len(offered) > 1
    explorer.controls["endpoint"].value = explorer.controls["endpoint"].options[-1][1]
    assert offered[-1] in explorer.answer.sentences[0]
    row = counts.loc[explorer.controls["endpoint"].value]
    assert (explorer.controls["k"].value, explorer.controls["n"].value) == (row["events"], row["n"])


def test_every_cohort_and_endpoint_can_be_shown(counts):
    explorer = _explorer(counts)
    seen = set()
    for _, cohort in explorer.controls["cohort"].options[:-1]:
        explorer.controls["cohort"].value = cohort
        for _, index in explorer.controls["endpoint"].options:
            explorer.controls["endpoint"].value = index
            seen.add(index)
            assert explorer.answer.table["n"].iloc[0] == counts.loc[index, "n"]
    assert seen == set(counts.index)


def test_typing_a_count_leaves_the_report(counts):
    explorer = _explorer(counts, added_nonresponders=1)
    explorer.controls["n"].value = 20
    assert explorer.controls["cohort"].value == OWN
    assert explorer.controls["endpoint"].disabled
    assert explorer.answer.sentences[0].startswith("Typed in: 12 of 20")
    assert "Feng" not in "".join(_shown(explorer))


def test_more_responders_than_patients_is_told_and_mended(labelled, language):
    explorer = _explorer(labelled[language])
    explorer.controls["k"].value = 99
    told = lexicon.word("explore.impossible", k=99, n=15)
    assert _shown(explorer) == [f"<p>{told}</p>", "", "", ""]
    explorer.controls["n"].value = 120
    assert explorer.answer.table["events"].tolist() == [99]


def test_slider_and_figure_use_one_word_for_the_assumed_rate(counts):
    explorer = _explorer(counts)
    slider = explorer.controls["background"].description
    figure = lexicon.word("figure.scenarios.background", rate="")
    assert "response without the cells" in slider and "response without the cells" in figure
    for _, cohort in explorer.controls["cohort"].options:
        explorer.controls["cohort"].value = cohort
        assert explorer.controls["background"].description == slider


@pytest.mark.parametrize("typed", [1001, 100000, 10**12, -1, -(10**6)])
@pytest.mark.parametrize("name", ["k", "n"])
def test_a_number_that_is_changed_is_said(labelled, language, name, typed):
    explorer = _explorer(labelled[language])
    explorer.controls[name].value = typed
    taken = explorer.controls[name].value
    assert taken == (1000 if typed > 1000 else {"k": 0, "n": 1}[name])
    first = explorer.parts["sentence"].value.split("</p>")[0]
    assert str(typed) in first and str(taken) in first
    explorer.controls["added_nonresponders"].value = 3
    assert str(typed) not in explorer.parts["sentence"].value


def test_every_control_has_a_label_of_its_own(counts, language):
    controls = _explorer(counts).controls.values()
    labels = [control.description for control in controls]
    assert all(labels) and len(set(labels)) == len(labels)


def test_every_method_is_offered(counts):
    explorer = _explorer(counts)
    for method in METHODS:
        explorer.controls["method"].value = method
        assert explorer.scenario.method == method


class _Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.names, self.attributes = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes += [name for name, _ in attrs]


def test_text_from_a_table_is_text_and_never_markup(counts):
    evil = '<img src=x onerror="alert(1)"><script>alert(1)</script>'
    explorer = _explorer(counts.assign(label=evil, endpoint=evil, window=evil))
    tags = _Tags("".join(_shown(explorer)))
    assert tags.names == {"p", "img", "table", "tr", "th", "td", "ul", "li"}
    assert set(tags.attributes) == {"alt", "style", "src", "scope"}
    assert "&lt;script&gt;" in explorer.parts["sentence"].value
    assert not any(control.description_allow_html for control in explorer.controls.values())


def test_the_figure_says_in_words_what_it_shows(counts):
    explorer = _explorer(counts, added_nonresponders=1)
    assert f'alt="{explorer.answer.alt}"' in explorer.parts["figure"].value
    assert "12 of 16" in explorer.answer.alt


def test_moving_a_control_writes_nothing(counts):
    explorer = _explorer(counts)
    watching, written = [True], []

    def watch(event, arguments):
        # An audit hook stays for the whole process; this one is deaf when the test is over.
        if watching and event == "open" and re.search("[wax+]", str(arguments[1])):
            written.append(arguments[0])
        if watching and event in ("os.rename", "os.remove", "os.mkdir"):
            written.append(arguments[0])

    sys.addaudithook(watch)
    for value in (1, 5, 0):
        explorer.controls["added_nonresponders"].value = value
    explorer.controls["k"].value = 3
    watching.clear()
    assert written == []


def test_a_reused_figure_is_what_a_new_one_would_be(counts):
    reused = _explorer(counts, added_nonresponders=4, unassessed=2, background_rate=0.1)
    reused.controls["added_nonresponders"].value = 1
    reused.controls["unassessed"].value = 0
    reused.controls["background"].value = 50.0
    fresh = _explorer(counts, added_nonresponders=1)
    assert reused.parts["figure"].value == fresh.parts["figure"].value


def test_where_no_controls_can_be_there_are_words(counts):
    bundle = _explorer(counts)._repr_mimebundle_()
    assert bundle["text/plain"] == lexicon.word("explore.static")
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert isinstance(_explorer(counts), ipywidgets.DOMWidget)


# The page without code


@pytest.fixture
def page(tmp_path):
    """The page of a collection in another folder, in Chinese."""
    for folder in ("notebooks", "data"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    path = make_page(tmp_path, {"language": "zh", "added_nonresponders": "2"}, browser=False)
    return path


def test_the_page_has_the_parameters_and_ends_with_the_controls(page):
    code = [cell for cell in nbformat.read(page, as_version=4).cells if cell.cell_type == "code"]
    assert "language = 'zh'\n" in code[0].source
    assert "added_nonresponders = 2\n" in code[0].source
    assert os.path.isabs(re.search("trials_csv = '(.+)'", code[0].source)[1])
    assert code[-1].metadata.tags == ["explore"]
    assert page.parent.parts[-2:] == ("build", "explore")


def test_a_wrong_parameter_makes_no_page(tmp_path):
    for folder in ("notebooks", "data"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    with pytest.raises(ValueError, match=r"background_rate is 1\.5"):
        make_page(tmp_path, {"background_rate": 1.5})
    assert not (tmp_path / "build").exists()


def test_the_server_listens_on_loopback_with_a_token_and_loads_from_nowhere_else(page):
    settings = json.loads((page.parent / "voila.json").read_text(encoding="utf-8"))
    assert settings["Voila"]["ip"] == "127.0.0.1"
    assert settings["Voila"]["auto_token"] is True
    assert "http" not in ONLY_THIS_HOST and "*" not in ONLY_THIS_HOST.replace("127.0.0.1:*", "")


def _status(address):
    """The status of an address that is not followed elsewhere."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *arguments):
            return None

    try:
        with urllib.request.build_opener(Stay).open(address) as answered:
            return answered.status, answered.read().decode(), answered.headers
    except urllib.error.HTTPError as error:
        return error.code, "", error.headers


def test_the_served_page_needs_the_token_and_asks_no_other_host(page):
    server = subprocess.Popen(
        server_command(page),
        env={**server_environment(), "PYTHONUNBUFFERED": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        address = next(
            found[0]
            for line in server.stderr
            if (found := re.search(r"http://127\.0\.0\.1:\d+/\?token=\w+", line))
        )
        closed, _, headers = _status(address.partition("?")[0])
        assert (closed, "/login" in headers["Location"]) == (302, True)
        status, text, headers = _status(address)
        if status == 302:  # the token becomes a cookie
            pytest.fail(f"the token is not accepted: {headers['Location']}")
    finally:
        server.terminate()
        server.wait(timeout=60)
        server.stderr.close()
    assert status == 200
    assert headers["Content-Security-Policy"] == ONLY_THIS_HOST
    loaded = re.findall(r"""<(?:script|link|img)\b[^>]*?(?:src|href)=["']([^"']+)""", text)
    assert len(loaded) > 1
    assert [each for each in loaded if re.match(r"(?:\w+:)?//", each)] == []
