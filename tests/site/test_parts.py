"""What a page shows of a notebook: prose in order, tables and text as text."""

import re

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lupuscart.site.parts import Prose, page_parts, plain, read_table, short_alt, title_and_summary

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> | $x$ `y` & \"z\" 'w' <b>"


def parts(*cells, figures=()):
    prose = Prose("notebooks", {"notebooks/02_b.ipynb": "02_b.html", "data/README.md": "data.html"})
    return list(page_parts(new_notebook(cells=list(cells)), prose, {name: {} for name in figures}))


def code(source="1", *outputs, tags=()):
    return new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def shown(**data):
    named = {name.replace("_", "/"): value for name, value in data.items()}
    return new_output("execute_result", data=named, execution_count=1)


def html(*markdown):
    return "".join(part.content for part in parts(*map(new_markdown_cell, markdown)))


def test_headings_are_in_order_and_one_is_on_top():
    levels = "# A\n\n### B\n\n## C\n\n# D\n\n#### E"
    assert [line[:3] for line in html(levels).splitlines()] == ["<h1", "<h2", "<h2", "<h2", "<h3"]


def test_headings_go_on_from_cell_to_cell():
    assert html("# A", "## *B* c, d_e", "### F") == (
        '<h1 id="a">A</h1>\n'
        '<h2 id="b-c-d_e"><a class="self" href="#b-c-d_e"><em>B</em> c, d_e</a></h2>\n'
        '<h3 id="f"><a class="self" href="#f">F</a></h3>\n'
    )


def test_two_headings_of_one_name_have_a_place_each():
    anchors = re.findall(r'<h\d id="([^"]*)"', html("# A", *["## Same"] * 4, "## Same 2"))
    assert len(set(anchors)) == 6


@pytest.mark.parametrize("text", ["02_b", "02_b.ipynb", "notebooks/02_b.ipynb", "`02_b`"])
def test_a_link_that_only_names_a_file_reads_as_the_title_of_its_page(text):
    prose = Prose("notebooks", {"notebooks/02_b.ipynb": "02_b.html"}, {"02_b.html": "Is <b> so?"})
    link = '<a href="02_b.html"><cite>Is &lt;b&gt; so?</cite></a>'
    assert link in prose.html(f"See [{text}](02_b.ipynb).")
    assert ">this page</a>" in prose.html("See [this page](02_b.ipynb).")


def test_a_cell_for_the_lab_is_left_out():
    cell = new_markdown_cell("For the lab.", metadata={"tags": ["lab"]})
    assert [part.kind for part in parts(new_markdown_cell("# A"), cell)] == ["prose"]


@pytest.mark.parametrize("sentence", ["Of 5, 3 % (a; b) met it. ", "应答 3 例；共 5 例。", "x" * 9])
def test_a_short_alt_is_the_beginning_and_never_too_long(sentence):
    for length in (*range(1, 60), 400):
        text = (sentence * length).strip()
        short = short_alt(text)
        assert len(short) <= 250
        assert (short == text) == (len(text) <= 250)
        assert text.startswith(short.removesuffix(" …"))
        if short != text and not sentence.startswith("x"):
            assert short.removesuffix(" …")[-1] in ".。"


def test_links_lead_to_pages_and_to_papers():
    text = html("[b](02_b.ipynb#x), [d](../data/README.md), [p](https://doi.org/1), [e](#here)")
    for link in ('"02_b.html#x">b', '"data.html">d', '"https://doi.org/1">p', '"#here">e'):
        assert f"<a href={link}</a>" in text


@pytest.mark.parametrize("target", ["07_c.ipynb", "../src/a.py", "../../02_b.ipynb"])
def test_a_file_without_a_page_is_only_its_name(target):
    assert html(f"See [this]({target}).") == "<p>See this.</p>\n"


def test_a_link_cannot_run_anything():
    assert "javascript:" not in html("[a](javascript:alert(1))")


def test_markup_in_prose_is_text():
    assert "<script" not in html(HOSTILE)
    assert "<img" not in html(HOSTILE)


def test_formulas_are_drawn():
    assert html("$k/n$").count("<math") == 1
    assert 'display="block"' in html("$$k/n$$")
    assert "$" not in html("$k/n$, $$k/n$$")


def test_a_long_formula_scrolls_and_a_comma_stays_with_a_short_one():
    assert 'class="formula" tabindex="0"' in html(f"${'+'.join('abcdefghijklmnopqrstuvwxyz')}$")
    joined = html("of $k$ and $n$, all")
    assert joined.endswith("</math>,</span> all</p>\n")
    assert '</math> and <span class="together"><math' in joined


def test_a_table_of_prose_has_headings_and_scrolls_by_itself():
    text = html("## Codes\n\n| a | b |\n| --- | --- |\n| 1 | 2 |")
    assert text.count('<th scope="col">') == 2
    assert 'role="region" tabindex="0" aria-label="Codes"' in text


def test_code_in_prose_is_as_it_was_written():
    assert html("```csv\na,<b>\n```") == ('<pre tabindex="0"><code>a,&lt;b&gt;\n</code></pre>\n')


def test_a_picture_in_prose_is_its_description():
    assert html("![a <b>](x.png)") == "<p><em>a &lt;b&gt;</em></p>\n"


def test_a_table_is_its_text_and_nothing_else():
    table = pd.DataFrame({HOSTILE: [HOSTILE, "–"], "n": [5, 0.8]})
    with pd.option_context("display.max_colwidth", None):
        read = read_table(table._repr_html_())
    assert read.columns == [HOSTILE, "n"]
    assert read.rows == [[HOSTILE, "5.0"], ["–", "0.8"]]


def test_row_numbers_are_left_out_and_row_names_are_not():
    assert read_table(pd.DataFrame({"a": ["x"]}, index=[7]).to_html()).columns == ["a"]
    named = read_table(pd.DataFrame({"a": ["x"]}, index=["feng"]).to_html())
    assert (named.columns, named.rows) == (["", "a"], [["feng", "x"]])


def test_columns_are_numbers_or_text():
    table = pd.DataFrame(
        {
            "a": ["12", "–"],
            "b": ["-0.5", "1.2e-05"],
            "c": ["80 %", "<5"],
            "d": ["12 of 15", ""],
            "e": ["", "w" * 40],
        }
    )
    assert read_table(table.to_html()).kinds == ["number", "number", "number", "text", "long"]


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<p>no table</p>",
        "<table><tr><td>a & b</td></tr></table>",
        "<table><tr><th>a</th></tr></table>",
        pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])).to_html(),
    ],
)
def test_what_is_no_simple_table_is_none(html):
    assert read_table(html) is None or len(read_table(html).columns) == 2


def test_a_table_that_cannot_be_read_is_shown_as_text():
    (_, part) = parts(code("1", shown(text_html="<table><b></table>", text_plain="a  b")))
    assert (part.kind, part.content) == ("text", "a  b")


def test_the_settings_are_shown_and_the_injected_ones_are_not():
    cells = [code("a = 1", tags=["parameters"]), code("a = '/tmp'", tags=["injected-parameters"])]
    found = parts(new_markdown_cell("# A"), *cells, code("b"))
    assert [(p.kind, p.number) for p in found[1:]] == [("settings", 1), ("code", 2)]


def test_printed_sentences_are_lines_and_columns_keep_their_spaces():
    sentences = new_output("stream", name="stdout", text="One.\n\nTwo.\n")
    columns = new_output("stream", name="stdout", text="a  b\n1  2\n")
    noise = new_output("stream", name="stderr", text="/home/me: warning\n")
    found = parts(code("1", sentences, columns, noise))
    assert [p.kind for p in found] == ["code", "lines", "text"]
    assert [p.content for p in found[1:]] == [["One.", "Two."], "a  b\n1  2"]


def picture(name):
    output = shown(image_png="", text_plain="<Figure>")
    output.metadata = {"image/png": {"alt": "Words.", "figure": name}}
    return output


def test_a_picture_is_the_figure_that_its_output_names_whatever_the_code_says():
    cell = code('response.save("01_a_b")  # not "01_a"', picture("01_a"))
    for figures in (["01_a", "01_a_b"], ["01_a_b", "01_a"]):
        part = parts(new_markdown_cell("## Head"), cell, figures=figures)[-1]
        assert (part.kind, part.content, part.number, part.section) == ("figure", "01_a", 1, "Head")
    with pytest.raises(ValueError, match="does not save"):
        parts(cell, figures=["01_a_b"])


def test_what_a_finding_says_is_paragraphs_headings_and_lists_of_text():
    said = f"12 of 15.\nSecond line.\n\n{HOSTILE}\n\n**Support**\n\n- one *a*\n- [two](http://b)\n"
    (_, part) = parts(code("1", shown(text_markdown=said, text_plain="x")))
    assert part.kind == "said"
    assert part.content == [
        ("paragraph", "12 of 15. Second line."),
        ("paragraph", HOSTILE),
        ("heading", "Support"),
        ("list", ["one *a*", "[two](http://b)"]),
    ]


def test_a_picture_without_description_is_refused():
    with pytest.raises(ValueError, match=r"does not save.*\nfigure_of\(7\)"):
        parts(code("figure_of(7)", shown(image_png="", text_plain="<Figure>")), figures=["01_a"])


def test_sliders_are_mentioned():
    view = {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "interactive(...)"}
    output = nbformat.from_dict({"output_type": "display_data", "data": view, "metadata": {}})
    assert parts(code("1", output))[-1].kind == "widget"


def test_title_and_summary():
    notebook = new_notebook(cells=[new_markdown_cell("# Why?\n\nThis\nshows.\n\nMore.")])
    assert title_and_summary(notebook) == ("Why?", "This\nshows.")


@pytest.mark.parametrize("cells", [[], [new_markdown_cell("Why?")]])
def test_a_page_without_a_title_is_refused(cells):
    with pytest.raises(ValueError, match="allowed: '# ' and a title"):
        title_and_summary(new_notebook(cells=cells))


@pytest.mark.parametrize("mark", "，、：；。？！")
def test_a_chinese_title_breaks_between_its_clauses_and_keeps_its_text(mark):
    title = f"什么样的试验{mark}才能给出答案？"
    page = Prose("notebooks", {}).html(f"# {title}\n\n## {title}")
    assert plain(page) == f"{title} {title}"
    first, second = page.split("<h2")
    assert re.findall('<span class="clause">(.*?)</span>', first) == [
        f"什么样的试验{mark}",
        "才能给出答案？",
    ]
    assert "clause" not in second
