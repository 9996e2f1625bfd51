"""The deck: what stands on it, that it fits, and that LibreOffice shows all of it."""

import itertools
import os
import re
import shutil
import subprocess
import zipfile
from functools import cache
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from conftest import require_chinese_font
from deck_figures import make_figures, read_records, write_records
from matplotlib import font_manager
from pptx import Presentation
from pptx.enum.text import PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Pt
from tiny_collection import STYLED, add_notebook, make_root, save

from lupuscart.deck.deck import MOST_IN_FRONT, make_deck, write_deck
from lupuscart.deck.slides import MOST_ROWS
from lupuscart.deck.tables import MARGIN_X, MARGIN_Y, MAX_ROWS, split_table
from lupuscart.deck.text import LINE_HEIGHT, balanced_width, clean, fit, sentences, text_width, wrap
from lupuscart.figures import style
from lupuscart.figures.fonts import font_family
from lupuscart.notebooks.run import NotebookError, run_notebooks
from lupuscart.reporting.in_short import explains_a_method, first_pages, settles_it
from lupuscart.words import lexicon

DECKS = [("en", "light"), ("zh", "dark")]
LISTS = ("answer", "supports", "does_not_support")
# Points: on what is talked from, and in a table behind the divider, whose rows stay whole.
SMALLEST, SMALLEST_IN_A_TABLE = 14, 12

LONG = "a label that somebody wrote without any thought of the slide it would stand on " * 9
NASTY = [
    "<b>bold</b> &amp; &lt;",
    '=HYPERLINK("x")',
    "a\x00b\x0bc\ud800d\ufffe",
    "مرض الذئبة الحمراء",
    "🧬👩‍⚕️ emoji",
    "x" * 300,
    LONG,
    "",
    "  \n\t ",
    "系统性红斑狼疮" * 40,
]


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """Make a deck once: its folder of figures, its file, its language."""

    @cache
    def deck(which):
        folder = tmp_path_factory.mktemp(which)
        if which == "nasty":
            make_nasty(folder)
            language, theme = "en", "light"
        else:
            language, theme = which.split("-")
            make_figures(folder, theme=theme)
        write_deck(folder, folder / "deck.pptx", language=language, theme=theme)
        return folder, folder / "deck.pptx", language

    return deck


def make_nasty(folder):
    """Fill a folder with what nobody should write, and somebody will."""
    records = read_records(make_figures(folder))
    table = {"columns": NASTY[:6], "rows": [[text] * 6 for text in NASTY], "right": [False] * 6}
    wide = {
        "columns": [f"column {n}" for n in range(25)],
        "rows": [[LONG[:50]] * 25] * 30,
        "right": [False] * 25,
    }
    for name, record in records.items():
        record["headline"] = LONG if name < "02" else NASTY[2]
        record["source"] = record["provenance"] = record["references"] = NASTY
        record["alt"] = " ".join(NASTY)
        record["table"] = wide if name < "02" else table
    write_records(folder, records)


@pytest.fixture(params=["en-light", "zh-dark"])
def made(request, build):
    """A deck of real figures and texts."""
    if request.param == "zh-dark":
        require_chinese_font()
    folder, path, language = build(request.param)
    with lexicon.using(language):
        yield folder, path, language


@pytest.fixture
def nasty(build):
    return build("nasty")


@pytest.fixture(params=["en-light", "zh-dark", "nasty"])
def slides(request, build):
    """Every slide of a deck."""
    return list(Presentation(build(request.param)[1]).slides)


def tables(slide):
    return [shape.table for shape in slide.shapes if shape.has_table]


def pictures(slide):
    return [shape for shape in slide.shapes if shape.shape_type == 13]


def runs(slide):
    frames = [shape.text_frame for shape in slide.shapes if shape.has_text_frame]
    frames += [cell.text_frame for table in tables(slide) for cell in table.iter_cells()]
    return [run for frame in frames for part in frame.paragraphs for run in part.runs]


def notes(slide):
    return slide.notes_slide.notes_text_frame.text if slide.has_notes_slide else ""


def whole_text(path):
    """Every text of a deck, notes too."""
    slides = Presentation(path).slides
    return "\n".join(part for slide in slides for part in (notes(slide), *texts(slide)))


def texts(slide):
    return [run.text for run in runs(slide)]


def lines(paragraph, width, bold):
    """How many lines a paragraph takes."""
    (run,) = paragraph.runs
    return len(wrap(run.text, width, size=run.font.size.pt, bold=bold or bool(run.font.bold)))


def height(frame, width, *, bold=False):
    """What the paragraphs of a frame take, in points."""
    return sum(
        max(1, lines(part, width, bold)) * part.line_spacing.pt + (part.space_after or Pt(0)).pt
        for part in frame.paragraphs
    )


def test_no_box_leaves_the_slide_or_meets_another(slides):
    for slide in slides:
        boxes = [(s.left, s.top, s.left + s.width, s.top + s.height) for s in slide.shapes]
        for left, top, right, bottom in boxes:
            assert left >= 0
            assert top >= 0
            assert right <= 12192000 + 1000
            assert bottom <= 6858000
        for one, other in itertools.combinations(boxes, 2):
            apart = one[2] <= other[0] or other[2] <= one[0]
            assert apart or one[3] <= other[1] or other[3] <= one[1]


def test_every_text_fits_its_box_and_can_be_read(slides):
    for slide in slides:
        for shape in slide.shapes:
            # The number of the slide is the template's affair.
            if shape.has_text_frame and not shape.name.startswith("Slide Number"):
                # A title is bold by its layout.
                bold = shape == slide.shapes.title
                needed = height(shape.text_frame, shape.width.pt, bold=bold)
                assert needed <= shape.height.pt + 0.5
        least = SMALLEST_IN_A_TABLE if tables(slide) else SMALLEST
        assert all(run.font.size.pt >= least for run in runs(slide))


def test_every_cell_fits_its_row(slides):
    assert any(tables(slide) for slide in slides)
    for slide in slides:
        for table in tables(slide):
            assert len(table.rows) <= MAX_ROWS + 1
            for row in table.rows:
                for column, cell in zip(table.columns, row.cells, strict=True):
                    needed = height(cell.text_frame, column.width.pt - 2 * MARGIN_X)
                    assert needed + 2 * MARGIN_Y <= row.height.pt + 0.1


def test_a_screen_reader_finds_titles_descriptions_and_language(slides):
    for slide in slides:
        assert slide.shapes[0] == slide.shapes.title
        assert slide.shapes.title.text.strip()
        described = [*pictures(slide), *(shape for shape in slide.shapes if shape.has_table)]
        assert all(shape._element.xpath(".//p:cNvPr")[0].get("descr") for shape in described)
        assert {run._r.rPr.get("lang") for run in runs(slide)} <= {"en-GB", "zh-CN"}
    # After the opening and the cautions.
    assert len(pictures(slides[2])) == 1


def test_the_order_of_slides_and_what_each_figure_says(made):
    folder, path, _ = made
    slides = list(Presentation(path).slides)
    shown = [slide for slide in slides if pictures(slide)]
    records = read_records(folder)
    in_order = in_talk_order(records)
    assert [pictures(slide)[0].name for slide in shown] == in_order
    for slide, record in zip(shown, (records[name] for name in in_order), strict=True):
        assert slide.shapes.title.text == clean(record["headline"])
        (picture,) = pictures(slide)
        assert picture._element.xpath(".//p:cNvPr")[0].get("descr") == clean(record["alt"])
        # As large as it fits between headline and source line.
        assert picture.width / picture.height == pytest.approx(16 / 9, rel=0.001)
        assert picture.height.inches > 6
        said = [record["headline"], record["alt"], *record["provenance"], *record["source"]]
        assert all(clean(text) in notes(slide) for text in said[1:])
        assert record["notebook"] in notes(slide)
        assert all(digest in notes(slide) for digest in record["data"].values())
        source = next(shape.text for shape in slide.shapes if shape.name == "Source")
        named = [*record["source"], record["notebook"]][0]
        assert named in source or str(len(record["source"])) in source
    title = lexicon.word("deck.references")
    in_front, _ = parted(slides)
    assert in_front[-1].shapes.title.text.startswith(title)


def parted(slides):
    """The slides before the divider, and those behind it."""
    divider = lexicon.word("deck.backup")
    place = [slide.shapes.title.text for slide in slides].index(divider)
    return slides[:place], slides[place + 1 :]


@pytest.mark.parametrize("studies", range(1, 24))
def test_the_source_line_counts_what_it_leaves_to_the_notes(tmp_path, studies):
    records = read_records(make_figures(tmp_path, names=["02_response_chosen"]))
    source = [f"Author{chr(97 + n)} 2025, doi 10.1/{n}" for n in range(studies)]
    records["02_response_chosen"] |= {"source": source, "table": None}
    write_records(tmp_path, records)
    write_deck(tmp_path, tmp_path / "deck.pptx")
    slide = next(s for s in Presentation(tmp_path / "deck.pptx").slides if pictures(s))
    line = next(shape.text for shape in slide.shapes if shape.name == "Source")
    named = [entry for entry in source if entry in line]
    assert named == source[: len(named)]
    left_out = studies - len(named)
    assert (f"{left_out} " in line.rpartition(source[len(named) - 1])[2]) == (left_out > 0)
    assert all(entry in notes(slide) for entry in source)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("tables", [1, 2, 5, 10, 40])
def test_the_source_line_of_a_figure_without_studies_names_its_page(tmp_path, tables, language):
    records = read_records(make_figures(tmp_path, names=["05_small_samples_coverage"]))
    (record,) = records.values()
    files = {f"table_of_kind_{n}.csv": f"{n:064}" for n in range(tables)}
    record |= {"source": [], "data": files, "table": None}
    write_records(tmp_path, records)
    write_deck(tmp_path, tmp_path / "deck.pptx", language=language)
    slide = next(s for s in Presentation(tmp_path / "deck.pptx").slides if pictures(s))
    line = next(shape.text for shape in slide.shapes if shape.name == "Source")
    assert "05_small_samples.ipynb" in line
    assert all(file in line for file in files) or str(tables) in line
    assert all(file in notes(slide) for file in files)


def make_pages(folder, pages, **said):
    """Fill a folder with `pages`, a list of names of figures each, in the order of saving.

    Of the lists of texts each figure has those in `said` alone.
    """
    record = read_records(make_figures(folder, names=["02_response_chosen"]))["02_response_chosen"]
    record = {key: value for key, value in record.items() if key not in LISTS}
    picture = (folder / "02_response_chosen.png").read_bytes()
    records = {}
    for number, names in enumerate(pages, start=1):
        for order, name in enumerate(names):
            (folder / f"{name}.png").write_bytes(picture)
            own = {"notebook": f"{number:02}_page.ipynb", "order": order, "headline": f"Of {name}."}
            records[name] = {**record, **own, **said}
    write_records(folder, records)
    return folder


def test_figures_stand_as_their_page_saved_them_whatever_they_are_called(tmp_path):
    # Each name begins another, in every order of saving.
    for number, saved in enumerate(itertools.permutations(["02_a", "02_a_b", "02_a_b_c"])):
        folder = tmp_path / str(number)
        folder.mkdir()
        write_deck(make_pages(folder, [["03_z", "03"], saved], table=None), folder / "deck.pptx")
        slides = Presentation(folder / "deck.pptx").slides
        assert [p.name for s in slides for p in pictures(s)] == ["03_z", "03", *saved]


@pytest.mark.parametrize("pages", [1, 9, 12, 20])
@pytest.mark.parametrize("figures", [1, 3])
@pytest.mark.parametrize("cited", [0, 20, 200])
def test_a_talk_has_at_most_sixteen_slides_and_nothing_is_lost(tmp_path, pages, figures, cited):
    names = [[f"{page:02}_figure_{n}" for n in range(figures)] for page in range(1, pages + 1)]
    said = {kind: [f"{kind} one.", f"{kind} two."] for kind in LISTS}
    cites = [f"Author {n} 2025 (journal). doi 10.1/{n}" for n in range(cited)]
    make_pages(tmp_path, names, **said, references=cites, table=None)
    write_deck(tmp_path, tmp_path / "deck.pptx")
    slides = list(Presentation(tmp_path / "deck.pptx").slides)
    in_front, behind = parted(slides)
    assert len(in_front) <= MOST_IN_FRONT
    shown = [[p.name for slide in part for p in pictures(slide)] for part in (in_front, behind)]
    assert sorted(shown[0] + shown[1]) == sorted(itertools.chain(*names))
    assert shown == [in_talk_order(shown[0]), sorted(shown[1])]
    # No page has a second figure in front while another has none.
    numbers = [f"{page:02}" for page in range(1, pages + 1)]
    per_page = {page: sum(name.startswith(page) for name in shown[0]) for page in numbers}
    assert max(per_page.values()) - min(per_page.values()) <= 1
    # What explains a method gives way first.
    if 0 in per_page.values():
        assert not any(count for page, count in per_page.items() if explains_a_method(page))
    listed = whole_text(tmp_path / "deck.pptx")
    assert all(reference in listed for reference in cites)
    last = in_front[-1].shapes.title.text
    assert (last == lexicon.word("deck.references")) == (cited > 0)


def in_talk_order(names):
    """The figures as a talk shows them: last the trial that would settle what is open."""
    return sorted(names, key=lambda name: (settles_it(name), name))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("same", [1, 2, 5])
def test_no_title_stands_twice(tmp_path, same, language):
    make_pages(tmp_path, [[f"{page:02}_{n}" for n in range(same)] for page in (1, 2, 3)])
    records = read_records(tmp_path)
    table = {
        "columns": ["a", "b"],
        "rows": [[str(n), LONG] for n in range(20)],
        "right": [True, False],
    }
    for place, record in enumerate(records.values()):
        record["headline"] = f"One finding of page {record['notebook']}."
        # The last page has one table for all its figures.
        number = 0 if record["notebook"] == "03_page.ipynb" else place
        record["table"] = {
            **table,
            "rows": [[f"{number} {one}", two] for one, two in table["rows"]],
        }
    write_records(tmp_path, records)
    write_deck(tmp_path, tmp_path / "deck.pptx", language=language)
    titles = [slide.shapes.title.text for slide in Presentation(tmp_path / "deck.pptx").slides]
    assert len(titles) == len(set(titles))


def test_a_column_is_set_right_where_the_finding_says_so_and_the_first_never(tmp_path):
    (record,) = read_records(make_figures(tmp_path, names=["02_response_chosen"])).values()
    # The second looks like numbers and names something; one without an entry is left out.
    rows = [["1", str(n), "–", "12 %"] for n in range(3)]
    right = [True, False, True, True]
    record["table"] = {"columns": ["a", "b", "c", "d"], "rows": rows, "right": right}
    write_records(tmp_path, {"02_response_chosen": record})
    write_deck(tmp_path, tmp_path / "deck.pptx")
    sides = [
        [cell.text_frame.paragraphs[0].alignment == PP_ALIGN.RIGHT for cell in row.cells]
        for slide in Presentation(tmp_path / "deck.pptx").slides
        for shape in slide.shapes
        if shape.has_table and len(shape.table.columns) == 3
        for row in shape.table.rows
    ]
    assert sides == [[False, False, True]] * 4


def test_a_table_leaves_out_columns_without_an_entry_and_cuts_nothing(tmp_path):
    (record,) = read_records(make_figures(tmp_path, names=["02_response_chosen"])).values()
    long = ", ".join(f"a fact that was not found {n}" for n in range(25))
    rows = [[f"study {n}", "–", "", long, "not reported"] for n in range(5)]
    columns = ["study", "none", "empty", "lacks", "said"]
    record["table"] = {"columns": columns, "rows": rows, "right": [False] * 5}
    write_records(tmp_path, {"02_response_chosen": record})
    write_deck(tmp_path, tmp_path / "deck.pptx")
    shown = [
        [cell.text for cell in row.cells]
        for slide in Presentation(tmp_path / "deck.pptx").slides
        for table in tables(slide)
        if table.cell(0, 0).text == "study"
        for row in list(table.rows)[1:]
    ]
    assert shown == [[study, lacks, said] for study, _, _, lacks, said in rows]


@pytest.mark.parametrize("cited", [1, 16, 42, 46, 47, 200])
def test_references_stand_on_one_slide_in_front_and_in_full_behind(tmp_path, cited):
    short = [f"Author{n:03} 2025, doi 10.1/{n}" for n in range(cited)]
    full = [f"Author{n:03} 2025 (journal). Nat Med 2025. doi 10.1/{n}" for n in range(cited)]
    make_pages(tmp_path, [["01_a"]], cited=short, references=full, table=None)
    write_deck(tmp_path, tmp_path / "deck.pptx")
    in_front, behind = parted(list(Presentation(tmp_path / "deck.pptx").slides))
    listed = [
        [
            line.text
            for shape in slide.shapes
            if shape.name.startswith("References")
            for line in shape.text_frame.paragraphs
        ]
        for slide in (*in_front, *behind)
    ]
    front, *rest = [lines for lines in listed if lines]
    if not rest:
        assert front == full
        return
    assert list(itertools.chain(*rest)) == full
    left_out = cited - sum(line in short for line in front)
    more = lexicon.word("deck.references_more", count=left_out)
    assert front == short[: cited - left_out] + [more] * (left_out > 0)
    assert all(text in notes(in_front[-1]) for text in short[cited - left_out :])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_notes_begin_with_three_sentences_and_no_digest_stands_before_the_sources(
    tmp_path, language
):
    stop = {"en": ". ", "zh": "。"}[language]
    said = {kind: [f"One {kind}{stop}Two {kind}{stop}".strip()] * 2 for kind in LISTS}
    make_pages(tmp_path, [["01_a"]], **said)
    write_deck(tmp_path, tmp_path / "deck.pptx", language=language)
    with lexicon.using(language):
        say = lexicon.word("deck.notes_say")
    in_front, _ = parted_in(language, tmp_path / "deck.pptx")
    for slide in in_front:
        # The opening says how reports were searched, as the data have it.
        if not notes(slide) or slide == in_front[0]:
            continue
        heading, *lines = notes(slide).splitlines()
        assert heading == say
        told = list(itertools.takewhile(bool, lines))
        assert 1 <= len(told) <= 3
        assert all(len(sentences(line)) == 1 for line in told)


def parted_in(language, path):
    with lexicon.using(language):
        return parted(list(Presentation(path).slides))


@pytest.mark.parametrize(
    "text", ["狼疮首批 CAR-T 试验：能说明什么，不能说明什么", "one two " * 9, LONG]
)
@pytest.mark.parametrize("width", [200, 400, 700])
def test_lines_of_a_title_are_about_equally_long(text, width):
    narrow = balanced_width(text, width, size=24, bold=True)
    assert narrow <= width
    before, after = (wrap(text, one, size=24, bold=True) for one in (width, narrow))
    assert len(after) == len(before)
    widths = [[text_width(line, size=24, bold=True) for line in lines] for lines in (before, after)]
    assert max(widths[1]) <= max(widths[0])


def test_notes_begin_with_what_to_say_and_end_with_how_it_was_made(tmp_path):
    said = {kind: [f"{kind} {n}." for n in range(4)] for kind in LISTS}
    write_deck(make_pages(tmp_path, [["01_a"]], **said), tmp_path / "deck.pptx")
    slides = list(Presentation(tmp_path / "deck.pptx").slides)
    (slide,) = (slide for slide in slides if pictures(slide))
    lines = notes(slide).splitlines()
    caution = lexicon.word("deck.say_not", text="does_not_support 0.")
    assert lines[:4] == [lexicon.word("deck.notes_say"), "answer 0.", "answer 1.", caution]
    assert not re.search("SHA|[0-9a-f]{64}", "".join(lines[: lines.index("Source")]))
    titles = [slide.shapes.title.text for slide in slides]
    balance = slides[titles.index(lexicon.word("deck.balance"))]
    conclusions = slides[titles.index(lexicon.word("deck.conclusions"))]
    assert "supports 0." in " ".join(texts(balance))
    assert "does_not_support 0." in " ".join(texts(balance))
    assert all(f"{kind} 3." in notes(balance) for kind in LISTS[1:])
    assert "answer 0." in " ".join(texts(conclusions))
    assert "answer 3." in notes(conclusions)


@pytest.mark.parametrize("missing", LISTS)
def test_a_slide_without_its_texts_is_left_out(tmp_path, missing):
    said = {kind: [f"{kind}."] for kind in LISTS if kind != missing}
    write_deck(make_pages(tmp_path, [["01_a"]], **said), tmp_path / "deck.pptx")
    titles = [slide.shapes.title.text for slide in Presentation(tmp_path / "deck.pptx").slides]
    assert (lexicon.word("deck.balance") in titles) == (missing == "answer")
    assert (lexicon.word("deck.conclusions") in titles) == (missing != "answer")


@pytest.mark.parametrize("length", [1, 20, 90, 400, 3000])
def test_a_list_that_is_too_long_says_how_many_stand_in_the_notes(tmp_path, length):
    pages = [[f"{n:02}_a"] for n in range(1, 13)]
    make_pages(tmp_path, pages)
    records = read_records(tmp_path)
    for name, record in records.items():
        record |= {kind: [f"{name} {kind} " + "word " * (length // 5)] for kind in LISTS}
    write_records(tmp_path, records)
    write_deck(tmp_path, tmp_path / "deck.pptx")
    for slide in Presentation(tmp_path / "deck.pptx").slides:
        for shape in slide.shapes:
            if shape.name not in (*LISTS, "Conclusions"):
                continue
            assert height(shape.text_frame, shape.width.pt) <= shape.height.pt + 0.5
            bullets = [part.text for part in shape.text_frame.paragraphs if "•" in part.text]
            # The conclusions answer what is asked first.
            named = [f"{n:02}_a" for n in range(1, 13)]
            found = [page for page in named if not explains_a_method(page)]
            most = len(found if shape.name in LISTS else first_pages(named))
            more = lexicon.word("deck.list_more", count=most - len(bullets))
            assert (shape.text_frame.paragraphs[-1].text == more) == (len(bullets) < most)


@pytest.mark.parametrize("search", [{"until": "2026-11", "sentence_en": "In PubMed."}, {}])
def test_the_title_says_until_when_reports_were_searched(tmp_path, search):
    write_deck(make_pages(tmp_path, [["01_a"]]), tmp_path / "deck.pptx", search=search)
    opening = Presentation(tmp_path / "deck.pptx").slides[0]
    said = lexicon.word("deck.searched", date="November 2026") in opening.placeholders[1].text
    assert said == bool(search)
    assert ("In PubMed." in notes(opening)) == bool(search)


def test_tables_are_native_and_whole(made):
    folder, path, _ = made
    record = read_records(folder)["04_safety_events"]
    headline = clean(record["headline"]).rstrip("。.")
    of_figure = [
        table
        for slide in Presentation(path).slides
        if slide.shapes.title.text.startswith(f"{headline} ·")
        for table in tables(slide)
    ]
    assert len(of_figure) > 1
    rows = [
        [cell.text for cell in row.cells] for table in of_figure for row in list(table.rows)[1:]
    ]
    assert rows == [[clean(cell) for cell in row] for row in record["table"]["rows"]]
    for table in of_figure:
        assert [cell.text for cell in table.rows[0].cells] == record["table"]["columns"]
        assert table.first_row


def test_a_table_too_large_for_slides_is_left_to_the_csv(made):
    folder, path, _ = made
    record = read_records(folder)["05_small_samples_coverage"]
    assert len(record["table"]["rows"]) > MOST_ROWS
    (slide,) = [
        slide
        for slide in Presentation(path).slides
        if slide.shapes.title.text.startswith(clean(record["headline"]))
    ]
    said = lexicon.word(
        "deck.notes_large", rows=len(record["table"]["rows"]), figure="05_small_samples_coverage"
    )
    assert said in notes(slide)


def test_each_reference_stands_once(made):
    folder, path, _ = made
    wanted = {ref for record in read_records(folder).values() for ref in record["references"]}
    listed = [
        part.text
        for slide in Presentation(path).slides
        for shape in slide.shapes
        if shape.name == "References"
        for part in shape.text_frame.paragraphs
    ]
    assert sorted(listed) == sorted(map(clean, wanted))


def test_the_opening_says_what_the_intervals_are(made):
    _, path, _ = made
    opening, cautions = list(Presentation(path).slides)[:2]
    assert "Clopper-Pearson" in opening.placeholders[1].text
    assert "trials.csv" in notes(opening)
    # The lower limit of five of five, computed.
    text = " ".join(run.text for run in runs(cautions))
    assert lexicon.word("percent", value=48).replace(" ", "\u00a0") in text


def test_what_was_cut_stands_in_the_notes_in_full(nasty):
    deck = list(Presentation(nasty[1]).slides)
    cut = [slide for slide in deck if slide.shapes.title.text.endswith("…")]
    assert cut
    assert all(clean(LONG).rstrip(".") in notes(slide) for slide in cut)
    assert any("x" * 300 in notes(slide) for slide in deck)
    assert any(NASTY[-1] in notes(slide) for slide in deck)


def test_markup_and_formulas_are_text_and_forbidden_characters_are_shown(nasty):
    cells = {
        cell.text
        for slide in Presentation(nasty[1]).slides
        for table in tables(slide)
        for cell in table.iter_cells()
    }
    assert {*NASTY[:2], "a\ufffdb\ufffdc\ufffdd\ufffd", NASTY[3]} <= cells


def test_no_missing_glyph(made):
    """Every character of every text is in a font of the language."""
    _, path, language = made
    known = set()
    for family in font_family(language):
        file = font_manager.findfont(family, fallback_to_default=False)
        known |= set(font_manager.get_font(file).get_charmap())
    text = whole_text(path)
    assert {character for character in text if ord(character) not in known} <= {"\n"}


def test_no_missing_string(made):
    _, path, language = made
    text = whole_text(path)
    assert "deck." not in text
    assert not re.search(r"\{\w*\}", text)
    if language == "zh":
        with lexicon.using("en"):
            english = [lexicon.word(code) for code in lexicon.codes("deck")]
        plain = [text for text in english if "{" not in text]
        assert plain
        told = text.splitlines()
        assert [sentence for sentence in plain if len(sentence) > 8 and sentence in told] == []


def test_the_same_figures_give_the_same_bytes(made, tmp_path):
    folder, path, language = made
    theme = dict(DECKS)[language]
    write_deck(folder, tmp_path / "again.pptx", language=language, theme=theme)
    with zipfile.ZipFile(path) as one, zipfile.ZipFile(tmp_path / "again.pptx") as other:
        assert one.namelist() == other.namelist()
        assert [name for name in one.namelist() if one.read(name) != other.read(name)] == []
    assert (tmp_path / "again.pptx").read_bytes() == path.read_bytes()


def test_nobody_and_no_day_is_named(made):
    _, path, language = made
    properties = Presentation(path).core_properties
    assert properties.author == properties.last_modified_by == "lupuscart"
    assert properties.created.year == properties.modified.year == 1980
    assert properties.language == {"en": "en-GB", "zh": "zh-CN"}[language]
    assert properties.title == lexicon.word("deck.title")
    with zipfile.ZipFile(path) as deck:
        assert not [name for name in deck.namelist() if "thumbnail" in name or "printer" in name]


def test_colours_and_fonts_are_those_of_the_theme(made):
    _, path, language = made
    colours = style.THEMES[dict(DECKS)[language]]
    with zipfile.ZipFile(path) as deck:
        theme = deck.read("ppt/theme/theme1.xml").decode()
    assert f'<a:lt1><a:srgbClr val="{colours["paper"][1:]}"/>' in theme
    assert f'<a:dk1><a:srgbClr val="{colours["ink"][1:]}"/>' in theme
    assert theme.count('<a:ea typeface="Microsoft YaHei"/>') == 2
    master = Presentation(path).slide_master.element
    assert master.find(f".//{qn('p:titleStyle')}//{qn('a:ea')}").get("typeface") == "+mj-ea"


def require_libreoffice():
    if shutil.which("soffice") is None:
        if os.environ.get("CI"):
            pytest.fail("soffice is missing; .ci/run installs it")
        pytest.skip("LibreOffice is not installed")


@pytest.mark.parametrize("which", ["en-light", "zh-dark", "nasty"])
def test_libreoffice_shows_every_slide(which, build, tmp_path):
    require_libreoffice()
    _, path, _ = build(which)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(path)], check=True, capture_output=True, timeout=180)
    pages = list(pdfium.PdfDocument(tmp_path / "deck.pdf"))
    slides = list(Presentation(path).slides)
    assert len(pages) == len(slides)
    for page, slide in zip(pages, slides, strict=True):
        width, page_height = page.get_size()
        assert width / page_height == pytest.approx(16 / 9, rel=0.01)
        if which != "nasty":
            text = joined(page.get_textpage().get_text_bounded())
            assert joined(slide.shapes.title.text) in text
            assert "\ufffd" not in text
            for table in tables(slide):
                assert all(joined(cell.text) in text for cell in list(table.rows)[-1].cells)


def joined(text):
    """The text without spaces: a change of font or line puts some in."""
    return "".join(text.replace("\u00ad", "-").replace("\x02", "-").split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"output": "deck.ppt"}, r"output is 'deck\.ppt'; allowed: a file that ends in \.pptx"),
        ({"output": "none/deck.pptx"}, "output is .*; allowed: a file in a folder that exists"),
        ({"output": "/proc/deck.pptx"}, "which cannot be written"),
        ({"language": "fr"}, "language is 'fr'; allowed: en, zh"),
        ({"theme": "blue"}, "theme is 'blue'; allowed: light, dark"),
        ({"figures_dir": "."}, "figures_dir is '.'; allowed: a folder that holds figures"),
    ],
)
def test_a_wrong_choice_is_refused_by_name(tmp_path, monkeypatch, arguments, message):
    if "/proc" in str(arguments.get("output")) and not Path("/proc").is_dir():
        pytest.skip("no folder here that nobody can write to")
    make_figures(tmp_path, names=["02_response_chosen"])
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match=message):
        write_deck(**{"figures_dir": tmp_path, "output": "deck.pptx", **arguments})
    assert list(Path().iterdir()) == []


def test_a_deck_that_could_not_be_finished_leaves_the_old_one(tmp_path):
    make_figures(tmp_path, names=["02_response_chosen"])
    old = tmp_path / "deck.pptx"
    old.write_bytes(b"the old deck")
    (tmp_path / "02_response_chosen.png").write_bytes(b"no picture")
    with pytest.raises(OSError, match="cannot identify image"):
        write_deck(tmp_path, old)
    assert old.read_bytes() == b"the old deck"
    make_figures(tmp_path, names=["02_response_chosen"])
    write_deck(tmp_path, old)
    assert zipfile.is_zipfile(old)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".png", ".pptx"]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = make_root(tmp_path_factory.mktemp("collection") / "root")
    log = "with open('ran.txt', 'a') as log:\n    log.write('01 ')"
    add_notebook(root, "01_a.ipynb", "shade = 1", log, save("01_one"), parameters=STYLED)
    add_notebook(root, "02_b.ipynb", "shade = 2", save("02_two"), save("02_one"))
    add_notebook(root, "03_fails.ipynb", "shade = 1 / 0", parameters=STYLED)
    return root


def test_a_deck_from_notebooks(root):
    path = make_deck(root=root, names=["01", "02"], progress=False)
    assert path == root / "build" / "lupuscart-en-light.pptx"
    shown = [p.name for slide in Presentation(path).slides for p in pictures(slide)]
    assert [name[:2] for name in shown] == ["01", "02", "02"]
    # The collection's own figures are left alone.
    assert not (root / "figures").exists()


def test_a_deck_shows_the_figures_that_are_there_and_runs_nothing_again(root, tmp_path):
    log = root / "notebooks" / "ran.txt"
    own = {"root": root, "parameters": {"theme": "dark", "context": "slides"}}
    for folder in ("figures", "build/slides"):
        shutil.rmtree(root / folder, ignore_errors=True)
    (root / "my-figures").mkdir()
    log.unlink(missing_ok=True)
    run_notebooks(["01", "02"], **own, figures_dir=root / "my-figures", progress=False)
    assert log.read_text() == "01 "
    taken = make_deck(tmp_path / "taken.pptx", names=["01", "02"], **own, progress=False)
    assert log.read_text() == "01 "
    # The deck is to the byte that of figures which it has made itself.
    for folder in ("my-figures", "build/slides"):
        shutil.rmtree(root / folder)
    made = make_deck(tmp_path / "made.pptx", names=["01", "02"], **own, progress=False)
    assert log.read_text() == "01 01 "
    assert made.read_bytes() == taken.read_bytes()


def test_a_failing_notebook_leaves_the_old_deck(root, tmp_path):
    old = tmp_path / "deck.pptx"
    old.write_bytes(b"the old deck")
    with pytest.raises(NotebookError, match="03_fails"):
        make_deck(old, root=root, progress=False)
    assert old.read_bytes() == b"the old deck"


def test_everything_wrong_is_told_before_anything_runs(root, monkeypatch):
    def no_font(language):
        raise ValueError("no font with Chinese characters is installed")

    def run(*arguments, **options):
        raise AssertionError("a notebook ran")

    monkeypatch.setattr("lupuscart.deck.deck.font_family", no_font)
    monkeypatch.setattr("lupuscart.deck.deck.run_notebooks", run)
    wrong = {"language": "zh", "theme": "blue", "confidence_level": "95"}
    with pytest.raises(ValueError) as refused:
        make_deck("none/deck.pdf", root=root, parameters=wrong, progress=False)
    for told in ("theme is 'blue'", "confidence_level is 95", "no font", "ends in .pptx"):
        assert told in str(refused.value)


def test_a_table_loses_nothing_when_its_columns_do_not_fit():
    columns = [f"column number {n}" for n in range(30)]
    rows = [[f"cell {row}-{n}" for n in range(30)] for row in range(20)]
    parts = split_table(columns, rows, width=800, height=300)
    seen = {cell for part in parts for row in part.rows for cell in row}
    assert seen == {cell for row in rows for cell in row}
    for part in parts:
        assert part.columns[0] == columns[0]
        assert sum(part.widths) <= 800.01
        assert sum(part.heights) <= 300.01
        assert len(part.rows) <= MAX_ROWS


def test_a_table_without_rows_or_with_one_column():
    (part,) = split_table(["a"], [], width=800, height=300)
    assert (part.columns, part.rows) == (["a"], [])
    (part,) = split_table(["a"], [[LONG]], width=800, height=300)
    assert sum(part.widths) <= 800.01


@pytest.mark.parametrize("text", NASTY[3:])
@pytest.mark.parametrize("size", [12, 26])
def test_lines_hold_the_whole_text_and_are_no_wider_than_the_box(text, size):
    text = clean(text)
    found = wrap(text, 200, size=size)
    assert "".join(found) == text
    assert all(text_width(line.rstrip(), size=size) <= 200 for line in found)
    fitted = fit(text, 200, 100, sizes=(26, size))
    assert fitted.lines * fitted.size * LINE_HEIGHT <= 100
    assert len(wrap(fitted.text, 200, size=fitted.size)) <= max(1, fitted.lines)


def test_chinese_punctuation_begins_no_line():
    for width in range(100, 200, 7):
        found = wrap("患者很少：请先看区间，再看百分比（95%）。", width, size=14)
        assert not any(line[0] in "：，）。%" for line in found)
