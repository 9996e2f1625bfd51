"""A Chinese reader finds Chinese: headings, coded cells, punctuation, and a font for it."""

import json
import re
import string

import pytest
import tiny_collection
from conftest import TRIALS_CSV
from words.test_lexicon import _rows as word_rows

from lupuscart import cli
from lupuscart.data import tables
from lupuscart.figures import fonts, style
from lupuscart.words import lexicon, sources
from lupuscart.words.labels import add_labels

# Columns of the tables that are prose in the sources' language, or names and identifiers.
PROSE = ("note", "source_note", "conditioning_detail", "news_report", "primary_source", "locator")
NAMES = (
    "citation",
    "study",
    "first_author",
    "doi",
    "registration",
    "programme",
    "overlaps_with",
    "contains",
    "label",
)
NAMES += ("review", "method", "spread", "value_printed")

# Latin that Chinese papers print as it is: abbreviations, products, methods, symbols.
LATIN = """
    SLE SLEDAI SLEDAI-2K SELENA-SLEDAI SLE-DAS SRI-4 LLDAS DORIS CRS ICANS LICATS PERR GLMM REML
    DNA ATG CAR CAR-T STAR-T CAR-NK mRNA mRNA-LNP BCMA BCMA-CD19 T B P E z t n N d g mg kg m² logit
    Q Q-profile I²
    assurance admissible Beta Jeffreys Clopper-Pearson Blaker mid-P Sterne Wilson
    Agresti-Coull CI
    BILAG A N IEC-HS Berger-Boos Wald Freeman-Tukey Hartung-Knapp Boschloo Barnard Fisher p0 p1 p2
    ChiCTR ClinicalTrials gov CI Kaplan-Meier
    Tab doi PMID CSV csv PNG SHA-256 lupuscart JupyterLab ACR EULAR relma-cel anifrolumab KDIGO
"""


def _foreign(text):
    """The Latin words of a Chinese text that are not of the allowed ones."""
    bare = "".join(part for part, *_ in string.Formatter().parse(text) if part)
    # A command is typed as it stands; a file has the name it has.
    bare = re.sub(r"`[^`]*`|[\w/]+\.(?:csv|html|json|md|xlsx)", "", bare)
    found = re.findall(r"[A-Za-z][A-Za-z0-9²-]*", bare)
    return [
        name for name in found if name not in LATIN.split() and not re.fullmatch(r"[A-Z]+\d+", name)
    ]


def test_no_english_is_left_in_a_chinese_word(root):
    names = ("product.", "letter.", "dose.", "first_author.")
    texts = {row["code"]: row["zh"] for row in word_rows(root) if not row["code"].startswith(names)}
    assert {code: _foreign(text) for code, text in texts.items() if _foreign(text)} == {}


def test_every_coded_cell_of_the_data_is_chinese():
    """What is neither prose nor a name comes out in Chinese, from every table."""
    loaders = (
        tables.load_trials,
        tables.load_studies,
        tables.load_benchmarks,
        tables.load_benchmark_studies,
        tables.load_claims,
        tables.load_reviews,
    )
    left = set()
    for load in loaders:
        table = load(TRIALS_CSV).drop(columns=[*PROSE, *NAMES, "product"], errors="ignore")
        with lexicon.using("zh"):
            shown = lexicon.in_words(table)
        # A column whose heading has no word is on no page.
        for column in shown.filter(regex="[\u4e00-\u9fff]").select_dtypes(exclude="number"):
            left |= {(column, cell) for cell in shown[column].astype(str) if _foreign(cell)}
    assert left == set()


def test_where_a_number_comes_from_is_said_in_chinese():
    """All but the name in front, and names in a note."""
    reported = tables.with_studies(tables.load_trials(TRIALS_CSV), tables.load_studies(TRIALS_CSV))
    compared = tables.with_studies(
        tables.load_benchmarks(TRIALS_CSV), tables.load_benchmark_studies(TRIALS_CSV)
    )
    with lexicon.using("zh"):
        said = sources.provenance_sentences([reported, compared])
        mark = lexicon.word("provenance.note", sentence="", note="\n").split("\n")[0]
    facts = [sentence.split(mark)[0].split("，", 1)[1] for sentence in said]
    assert len(facts) > 100
    assert {fact: _foreign(fact) for fact in facts if _foreign(fact)} == {}


def test_every_heading_of_a_page_has_a_word(root):
    """No column of a table that a page shows is headed by a code."""
    headings = set()
    for path in sorted(root.glob("notebooks/*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                table = "".join(output.get("data", {}).get("text/html", []))
                headings |= set(
                    re.findall(r"<th[^>]*>([^<]+)</th>", table.partition("</thead>")[0])
                )
    assert len(headings) > 40
    codes = {code.partition(".")[2] for code in lexicon.codes("column")}
    assert {name for name in headings & codes if "_" in name} == set()
    assert {name for name in headings if re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", name)} == set()


def test_chinese_is_punctuated_as_chinese(root):
    """Full-width marks beside Chinese; a blank between Chinese and Latin letters or digits."""
    han = "[\u4e00-\u9fff]"
    wrong = {
        row["code"]: row["zh"]
        for row in word_rows(root)
        if re.search(rf"{han}[,;:?!()]|[,;:?!(]{han}", row["zh"])
        or re.search(rf"{han}[A-Za-z0-9]|[A-Za-z0-9%]{han}", re.sub(r"\{\w+\}", "", row["zh"]))
    }
    assert wrong == {}


def test_credible_and_confidence_are_two_words(root):
    for row in word_rows(root):
        assert ("可信" in row["zh"]) == ("credible" in row["en"]), row["code"]
        if "置信" in row["zh"]:
            assert re.search(r"\bCI\b|confidence|limit|level", row["en"]), row["code"]


def test_a_cohort_is_named_in_the_readers_language(outcomes, studies):
    rows = outcomes[outcomes["study"].eq("carlysle_2025")]
    with lexicon.using("zh"):
        labels = add_labels(tables.with_studies(rows, studies))["label"]
    assert labels.str.contains("（50×10⁶ 细胞）").any()
    assert not labels.str.contains("cells").any()


@pytest.fixture
def no_chinese_font(monkeypatch):
    """A machine with none of the fonts that have Chinese characters."""
    latin = [font for font in fonts.font_manager.fontManager.ttflist if "DejaVu" in font.name]
    monkeypatch.setattr(fonts.font_manager.fontManager, "ttflist", latin)
    monkeypatch.setattr(fonts.font_manager, "findSystemFonts", lambda: [])
    fonts._cjk_font.cache_clear()
    yield
    fonts._cjk_font.cache_clear()


def test_without_a_font_chinese_says_how_to_get_one(no_chinese_font):
    with pytest.raises(ValueError, match=r"Noto Sans CJK SC.*apt-get install fonts-noto-cjk"):
        style.use_style(language="zh")


def test_without_a_font_english_draws(no_chinese_font, tmp_path):
    style.use_style(language="en")
    figure = style.new_figure()
    figure.suptitle("English needs none")
    figure.savefig(tmp_path / "english.png")
    assert (tmp_path / "english.png").stat().st_size > 0


NO_FONT = """\
from lupuscart.figures import fonts, style

fonts.font_manager.fontManager.ttflist = []
fonts.font_manager.findSystemFonts = lambda: []
style.use_style(language=language)
"""


def test_the_command_says_how_to_get_a_font(tmp_path, monkeypatch, capsys):
    root = tiny_collection.make_root(tmp_path / "collection")
    tiny_collection.add_notebook(root, "01_first.ipynb", NO_FONT)
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(root)
    wanted = ["figures", "--language", "zh", "--figures-dir", str(tmp_path / "mine")]
    assert cli.main(wanted) != 0
    assert "apt-get install fonts-noto-cjk" in capsys.readouterr().err
    assert list((tmp_path / "mine").iterdir()) == []
