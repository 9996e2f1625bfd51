"""The benchmarks: that they run, and that README.md says what was measured."""

import math

import pytest
from benchmarks import __main__ as command
from benchmarks import readme, results, timing
from benchmarks.timing import beside, effort, row

from lupuscart.stats import risk_difference_ci
from lupuscart.stats.comparison import _difference_limits


@pytest.fixture(autouse=True)
def _as_before():
    before = vars(effort).copy()
    yield
    vars(effort).update(before)


def made(tmp_path, *rows):
    """The rows as a run writes and reads them."""
    path = tmp_path / "results.csv"
    lines = [results.cells("rebuild", each, "a machine, 3 rounds", "0.1") for each in rows]
    text = [",".join(f'"{cell}"' for cell in line) for line in [results.COLUMNS, *lines]]
    results.written(path, "\n".join(text))
    return results.read(path)


def test_every_part_without_a_kernel_runs_and_makes_table_and_plots(tmp_path):
    topics = ["proportions", "comparisons", "planning", "pooling", "explore", "scale"]
    assert command.main([*topics, "--quick", "--output", str(tmp_path)]) == 0
    rows = results.read(tmp_path / "results.csv")
    assert list(dict.fromkeys(each["topic"] for each in rows)) == topics
    assert all(each["value"] > 0 for each in rows)
    with_ratio = {each["topic"] for each in rows if each["ratio"] is not None}
    growing = {each["topic"] for each in rows if each["series"]}
    plots = {f"ratio-{topic}.png" for topic in with_ratio}
    plots |= {f"growth-{topic}.png" for topic in growing}
    assert {path.name for path in tmp_path.glob("*.png")} == plots
    text = (tmp_path / "results.md").read_text(encoding="utf-8")
    assert all(results.TITLES[topic] in text for topic in topics)


@pytest.mark.parametrize(("ours", "verdict"), [(0.9, "met"), (1.0, "met"), (1.1, "missed")])
def test_an_aim_is_met_by_as_much_and_missed_by_more(tmp_path, ours, verdict):
    alone = row("alone", ours, aim=1.0)
    paired = beside("paired", [4 * ours], "peer", [16.0], aim=0.25)
    rows = made(tmp_path, alone, paired)
    lines = results.as_markdown(rows).splitlines()
    assert [line.rsplit("|", 2)[1].strip() for line in lines[-2:]] == [verdict] * 2
    assert ("- alone" in "\n".join(lines)) == (verdict == "missed")


def test_a_ratio_is_ours_for_one_of_the_peers(tmp_path):
    (read,) = made(tmp_path, beside("pages", [2.0, 3.0, 2.0], "peer", [8.0, 6.0, 10.0]))
    assert read["ratio"] == 0.25
    assert read["rounds"] == [0.25, 0.5, 0.2]
    assert math.isclose(read["peer_value"], 8)


def test_a_topic_that_does_not_exist_is_refused(capsys):
    with pytest.raises(SystemExit):
        command.main(["speed"])
    assert "TOPIC is 'speed'; allowed: rebuild" in capsys.readouterr().err


def test_the_readme_says_what_the_kept_run_measured(tmp_path):
    text = readme.README.read_text(encoding="utf-8")
    rows = made(tmp_path, row("nothing changed", 0.5, aim=0.6))
    changed = readme.with_results(text, rows)
    assert "| nothing changed | 0.50 s |" in changed
    assert readme.with_results(changed, rows) == changed
    if readme.KEPT.exists():
        assert readme.with_results(text, results.read(readme.KEPT)) == text
    else:
        assert "No run of the whole is kept yet." in text


def test_a_quick_run_is_not_kept(tmp_path):
    made(tmp_path, row("nothing changed", 0.5))
    table = tmp_path / "results.csv"
    table.write_text(table.read_text("utf-8").replace("3 rounds", "quick"), encoding="utf-8")
    with pytest.raises(SystemExit, match="quick"):
        readme.main([str(table)])


def test_no_run_looks_up_what_an_earlier_one_has_found():
    found = []

    def limits():
        before = _difference_limits.exact_lower.cache_info().misses
        risk_difference_ci(7, 10, 3, 12, method="exact")
        found.append(_difference_limits.exact_lower.cache_info().misses - before)

    timing.seconds(limits, repeats=3)
    assert found[0] > 0
    assert len(set(found)) == 1
