"""Tables as programs and people make them: read, or refused by what is wrong with them."""

import codecs
import csv
import datetime
import io
import sys
import unicodedata

import pandas as pd
import pytest
from damage import CELLS, as_csv, copy_data, fields, with_cell
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from lupuscart.data import tables
from lupuscart.data.faults import cell_fault
from lupuscart.data.problems import as_lines
from lupuscart.data.text.cells import LONGEST_CELL, read_cells
from lupuscart.data.text.signs import date_fault, invisible_fault, is_missing_code, skeleton
from lupuscart.words import lexicon

TRIALS = CELLS["trials"]
HEADER = TRIALS[0]
LAST = len(TRIALS)


@pytest.fixture
def examined(tmp_path):
    """Return what is found in the collection with this content of one table."""
    trials_csv = copy_data(tmp_path)

    def examine(raw, table="trials"):
        (tmp_path / f"{table}.csv").write_bytes(raw)
        return tables.examine(trials_csv)

    return examine


@pytest.fixture(scope="module")
def trials():
    return tables.load_trials("data/trials.csv")


def row_of(table="trials", **cells):
    header, *rows = CELLS[table]
    return next(
        number
        for number, row in enumerate(rows, 2)
        if all(row[header.index(name)] == text for name, text in cells.items())
    )


def places_of(problems):
    return [(each.file, each.row, each.column) for each in problems]


INVISIBLE = [
    code
    for code in range(sys.maxunicode + 1)
    if unicodedata.category(chr(code)) in ("Cf", "Zl", "Zp", "Cc")
]
BLANK = [0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800, 0x034F, 0xFE0F, 0xE0100, 0x180B]


class TestInvisible:
    """Every character that cannot be seen is refused by its number and name."""

    @pytest.mark.parametrize("form", ["{}", "a{}", "{}a", "a{}b", "a {} b"])
    def test_wherever_it_stands(self, form):
        passed = [
            f"{code:04X}"
            for code in (*INVISIBLE, *BLANK)
            if f"U+{code:04X}, " not in (invisible_fault(form.format(chr(code))) or "")
        ]
        assert passed == []

    def test_the_names_of_control_characters_are_those_of_unicode(self):
        for code in (*range(0x20), *range(0x7F, 0xA0)):
            name = invisible_fault(chr(code)).partition(", ")[2].partition(", cannot")[0]
            assert unicodedata.lookup(name) == chr(code)

    def test_what_can_be_seen_passes(self):
        for text in ("狼疮（SLE）", "Müller F", "e\u0301", "β-cell", "≥ 3", "עברית", "ไทย", "😀"):
            assert invisible_fault(text) is None

    def test_a_heap_of_marks_is_refused(self):
        assert "COMBINING ACUTE ACCENT" in invisible_fault("a" + "\u0301" * 3000)

    @examples(60)
    @given(st.sampled_from([*INVISIBLE, *BLANK]), st.sampled_from(HEADER), st.integers(2, LAST))
    def test_in_any_cell_of_a_table(self, code, column, row):
        if code in (0x0A, 0x0D, 0x00) or not TRIALS[row - 1][HEADER.index(column)]:
            return
        text = f"{TRIALS[row - 1][HEADER.index(column)]}{chr(code)}"
        sheet = tables.Sheet("trials", "trials.csv", as_csv(with_cell("trials", row, column, text)))
        (problem,) = [each for each in sheet.problems if each.column == column]
        assert problem.row == row
        assert f"U+{code:04X}" in problem.message
        assert str(problem).isprintable()

    def test_a_note_may_have_lines_and_a_name_may_not(self, examined):
        assert examined(as_csv(with_cell("trials", 2, "note", "one\ntwo"))).problems == []
        (problem,) = examined(as_csv(with_cell("trials", 2, "cohort", "a\nb"))).problems
        assert "LINE FEED" in problem.message


class TestMissing:
    CODES = (
        *("NA", "N/A", "n/a", "n.a.", "n.r.", "NR", "n. r.", "ND", "NULL", "null", "None", "NaN"),
        *("-", "--", "–", "—", ".", "..", "?", "/", "*", "#N/A", "<NA>", "NA_integer_", ".a"),
        *("not reported", "Not available", "missing", "unknown", "k.A.", "未报告", "无", "缺失"),
        *("不详", "未提及", "ＮＡ", " NA "),
    )

    def test_each_code_is_answered_with_an_empty_cell(self):
        columns = ["week", "n", "value", "spread_kind", "spread", "note", "basket"]
        rows = [list(cells) for cells in TRIALS[: len(self.CODES) + 1]]
        for cells, code in zip(rows[1:], self.CODES, strict=True):
            for column in columns:
                cells[HEADER.index(column)] = code
        sheet = tables.Sheet("trials", "trials.csv", as_csv(rows))
        answered = {
            (each.row, each.column) for each in sheet.problems if "an empty cell" in each.message
        }
        assert answered == {
            (row, column) for row in range(2, len(self.CODES) + 2) for column in columns
        }

    @pytest.mark.parametrize("text", ["0", "12", "none of five", "Na L", "not DORIS", "n = 5"])
    def test_what_is_said_is_no_code(self, text):
        assert not is_missing_code(text)

    def test_all_cells_of_a_file_are_one_line(self, examined):
        table = pd.DataFrame(TRIALS[1:], columns=HEADER).replace("", "NA")
        found = examined(table.to_csv(index=False).encode())
        (line,) = as_lines(found.problems)
        assert len(found.problems) > 500
        assert line.startswith("trials.csv, rows 2 to ")
        assert "an empty cell where nothing was reported" in line

    def test_a_cell_that_may_not_be_empty_is_not_to_be_left_empty(self, examined):
        (problem,) = examined(as_csv(with_cell("trials", 2, "locator", "n.r."))).problems
        assert "may not be empty" in problem.message

    def test_none_is_a_level_where_it_is_one(self, examined):
        row = row_of("studies", conditioning="none")
        assert CELLS["studies"][row - 1][CELLS["studies"][0].index("conditioning")] == "none"
        assert examined(as_csv(CELLS["studies"]), "studies").problems == []


class TestLookAlikes:
    MINUS = "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"

    @pytest.mark.parametrize("sign", MINUS)
    def test_a_minus_and_a_dash_are_named(self, examined, sign):
        row = row_of(statistic="largest_fall")
        (problem,) = examined(as_csv(with_cell("trials", row, "value", f"{sign}20"))).problems
        assert f"U+{ord(sign):04X}, {unicodedata.name(sign)}" in problem.message
        assert problem.message.endswith("such as -20")
        row = row_of(spread="10-22")
        (problem,) = examined(as_csv(with_cell("trials", row, "spread", f"10{sign}22"))).problems
        assert problem.message.endswith("such as 10-22")

    @pytest.mark.parametrize("zero", [0xFF10, 0x0660, 0x06F0, 0x0966, 0x1D7CE])
    def test_digits_of_another_width_or_script_are_named(self, examined, zero):
        digits = chr(zero + 1) + chr(zero + 2)
        (problem,) = examined(as_csv(with_cell("trials", 2, "events", digits))).problems
        assert unicodedata.name(digits[0]) in problem.message
        assert problem.message.endswith("such as 12")

    @pytest.mark.parametrize(
        "text",
        [
            *("22-Oct", "Oct-22", "16-Aug", "Jun-00", "22. Okt", "4-Mrz", "6月1日", "2026年6月1日"),
            *("2026/6/1", "6/1/2026", "01.06.2026", "2026-06-01", "2026-06-01 00:00:00", "10/22"),
        ],
    )
    def test_a_range_that_became_a_date(self, examined, text):
        row = row_of(spread="10-22")
        (problem,) = examined(as_csv(with_cell("trials", row, "spread", text))).problems
        assert "a date, made by a spreadsheet" in problem.message
        assert "set the column to text" in problem.message

    @pytest.mark.parametrize(
        "form",
        [
            *(
                "%d-%b",
                "%b-%d",
                "%d-%b-%y",
                "%b %d",
                "%Y/%m/%d",
                "%m/%d/%Y",
                "%d.%m.%Y",
                "%Y-%m-%d",
            ),
            *("%m月%d日", "%Y年%m月%d日", "%d. %B", "%d %B %Y", "%B %d, %Y", "%Y-%m-%d %H:%M:%S"),
        ],
    )
    def test_every_day_of_a_year_is_known_for_a_date(self, form):
        for number in range(366):
            day = datetime.datetime(2024, 1, 1) + datetime.timedelta(days=number)
            assert date_fault(day.strftime(form)), day.strftime(form)

    def test_a_number_that_became_a_date(self, examined):
        (problem,) = examined(as_csv(with_cell("trials", 2, "week", "2026-01-12"))).problems
        assert "a date" in problem.message

    @pytest.mark.parametrize(
        ("column", "text", "code"),
        [
            *(
                ("outcome", "SRI-4", "sri4"),
                ("outcome", "应答", "sri4"),
                ("outcome", "Sri 4", "sri4"),
            ),
            *(("outcome", "SRI-4 应答", "sri4"), ("outcome", "DORIS", "doris")),
            *(("outcome", "DORIS 缓解", "doris"), ("timing", "随访期间", "during_followup")),
            *(("outcome", "SRI5", "sri4"), ("outcome", "Doriss", "doris")),
            *(("statistic", "均值", "mean"), ("read_in", "Primary", "primary")),
        ],
    )
    def test_a_label_in_place_of_a_code(self, examined, column, text, code):
        found = examined(as_csv(with_cell("trials", 2, column, text)))
        assert f"did you mean {code!r}?" in found.problems[0].message

    @pytest.mark.parametrize(
        "name", ["\u0430ll", "100e6 \u0441ells", "N\u0421T0637", "p\u0430tient"]
    )
    def test_a_letter_of_another_script_in_a_word(self, examined, name):
        found = examined(as_csv(with_cell("trials", 2, "cohort", name)))
        assert "CYRILLIC" in found.problems[0].message

    def test_whatever_stands_in_place_of_a_code_only_codes_are_suggested(self):
        """Words of every kind, in both languages, and parts of them, in every column of codes."""
        words = []
        for language in lexicon.LANGUAGES:
            with lexicon.using(language):
                words += [lexicon.word(code) for code in lexicon.codes()]
        texts = sorted({part for text in words for part in (text, text[:4], text[-4:])})[::29]
        for table in CELLS:
            for field in fields(table).values():
                codes = field.get("constraints", {}).get("enum", [])
                for start in range(0, len(texts) if codes else 0, 40):
                    # Only the first wrong texts of a column get a suggestion.
                    fault = cell_fault(field)
                    found = [fault(text) for text in texts[start : start + 40]]
                    meant = [
                        each[0].split("'")[1] for each in found if each and "did you" in each[0]
                    ]
                    assert set(meant) <= set(codes)

    def test_two_names_that_look_the_same(self, examined):
        for name in ("All", "ALL", "aⅼl"):
            found = examined(as_csv(with_cell("trials", 3, "cohort", name)))
            assert [each.column for each in found.problems] == ["cohort"], name
        assert skeleton("50e6  cells") == skeleton("50e6 cells") != skeleton("100e6 cells")

    def test_many_dashes_are_one_line(self, examined):
        rows = [list(cells) for cells in TRIALS]
        place = HEADER.index("value")
        for cells in rows[1:]:
            if cells[place]:
                cells[place] = f"\u2212{cells[place].removeprefix('-')}"
        assert len(as_lines(examined(as_csv(rows)).problems)) == 1


WAYS = {
    "semicolons": lambda rows: as_csv(rows, delimiter=";"),
    "tabs": lambda rows: as_csv(rows, delimiter="\t"),
    "bars": lambda rows: as_csv(rows, delimiter="|"),
    "sep line": lambda rows: b"sep=;\n" + as_csv(rows, delimiter=";"),
    "sep line with commas": lambda rows: b"\xef\xbb\xbfsep=,\r\n" + as_csv(rows),
    "quoted sep line": lambda rows: b'"sep=;"\n' + as_csv(rows, delimiter=";"),
    "UTF-16": lambda rows: as_csv(rows).decode().encode("utf-16"),
    "UTF-16 of the other end": lambda rows: (
        codecs.BOM_UTF16_BE + as_csv(rows, delimiter="\t").decode().encode("utf-16-be")
    ),
    "blank rows below": lambda rows: as_csv([*rows, [], [""] * len(rows[0]), [" "], []]),
    "blank columns": lambda rows: as_csv([[*cells, "", "", ""] for cells in rows]),
    "commas without a header": lambda rows: as_csv(
        [rows[0], *([*cells, "", ""] for cells in rows[1:])]
    ),
    "spaces around": lambda rows: as_csv([[f" {cell}\u3000" for cell in row] for row in rows]),
    "row numbers of pandas": lambda rows: as_csv(
        [["", *rows[0]], *([str(n), *cells] for n, cells in enumerate(rows[1:]))]
    ),
    "row numbers of R": lambda rows: as_csv(
        [["", *rows[0]], *([str(n), *cells] for n, cells in enumerate(rows[1:], 1))],
        quoting=csv.QUOTE_ALL,
    ),
    "another order of columns": lambda rows: as_csv([cells[::-1] for cells in rows]),
}


class TestRead:
    """What a program wrote in another way and means the same is read the same."""

    @pytest.mark.parametrize("table", ["trials", "studies", "outcomes"])
    @pytest.mark.parametrize("way", WAYS)
    def test_it_is_the_same_table(self, tmp_path, way, table):
        load = getattr(tables, f"load_{table}")
        expected = load(copy_data(tmp_path))
        (tmp_path / f"{table}.csv").write_bytes(WAYS[way](CELLS[table]))
        pd.testing.assert_frame_equal(load(tmp_path / "trials.csv"), expected)

    def test_pandas_writes_whole_numbers_with_a_point(self, tmp_path, trials):
        trials_csv = copy_data(tmp_path)
        for name in ("trials.csv", "studies.csv"):
            pd.read_csv(tmp_path / name).to_csv(tmp_path / name)
        read = tables.load_trials(trials_csv)
        pd.testing.assert_frame_equal(
            read.drop(columns="value_printed"), trials.drop(columns="value_printed")
        )
        pmid = tables.load_studies(trials_csv)["pmid"]
        assert pmid.tolist() == tables.load_studies("data/trials.csv")["pmid"].tolist()
        said = as_lines(tables.examine(trials_csv).repairs)
        assert any("read 12.0 as 12" in line for line in said)

    def test_a_german_spreadsheet(self, examined, trials):
        commas = pd.DataFrame(TRIALS[1:], columns=HEADER)
        commas["value"] = commas["value"].str.replace(".", ",")
        found = examined(commas.to_csv(index=False, sep=";").encode())
        assert found.problems == []
        assert any("semicolons" in line for line in as_lines(found.repairs))
        assert any("read 31,30 as 31.30" in line for line in as_lines(found.repairs))

    def test_a_comma_that_may_divide_thousands_is_refused(self, examined):
        rows = with_cell("trials", row_of(statistic="mean"), "value", "1,000")
        (problem,) = examined(as_csv(rows, delimiter=";")).problems
        assert "may divide thousands" in problem.message

    def test_a_repair_is_said_once(self, examined):
        found = examined(as_csv([[f"{cell} " for cell in row] for row in TRIALS]))
        assert found.problems == []
        (line,) = as_lines(found.repairs)
        assert line.startswith("trials.csv: read without the spaces around ")

    def test_a_blank_row_between_others_is_refused(self, examined):
        (problem,) = examined(as_csv([*TRIALS[:5], [""] * len(HEADER), *TRIALS[5:]])).problems
        assert (problem.row, problem.message[:16]) == (6, "the row is empty")

    def test_cells_beyond_a_header_that_lacks_a_name_are_not_idle(self, examined):
        (problem,) = examined(as_csv([HEADER[:-1], *TRIALS[1:]])).problems
        assert (problem.column, problem.message[:21]) == ("note", "the column is missing")

    def test_lost_zeros_are_a_warning(self, examined):
        found = examined(as_csv(with_cell("trials", row_of(value="31.30"), "value", "31.3")))
        (warning,) = found.warnings
        assert found.problems == []
        assert "was a zero lost?" in warning.message


def _pointed(cells, names, change):
    """Cells with a change of the columns of these names."""
    return [
        change(cell) if name in names else cell for name, cell in zip(HEADER, cells, strict=True)
    ]


@st.composite
def as_programs_write(draw):
    """The trials as CSV with several things at once that keep their meaning."""
    rows = [list(cells) for cells in TRIALS]
    separator = draw(st.sampled_from([",", ";", "\t", "|"]))
    if separator != "," and draw(st.booleans()):
        comma = lambda cell: cell.replace(".", ",")  # noqa: E731
        rows[1:] = [_pointed(cells, ("value", "spread"), comma) for cells in rows[1:]]
    if draw(st.booleans()):
        zero = lambda cell: f"{cell}.0" if cell else cell  # noqa: E731
        rows[1:] = [_pointed(cells, ("week", "events", "n"), zero) for cells in rows[1:]]
    if draw(st.booleans()):
        blank = draw(st.sampled_from([" ", "  ", "\u00a0", "\u3000"]))
        rows = [[f"{blank}{cell}{blank}" for cell in cells] for cells in rows]
    idle = draw(st.integers(0, 3))
    rows = [[*cells, *[""] * idle] for cells in rows]
    rows += [[""] * len(rows[0])] * draw(st.integers(0, 3))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    text = as_csv(rows, delimiter=separator, quoting=quoting, lineterminator=end).decode()
    if draw(st.booleans()):
        text = f"sep={separator}{end}{text}"
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    return text.encode(encoding)


EXPECTED = tables.Sheet("trials", "trials.csv", as_csv(TRIALS)).table()


@examples(60)
@given(as_programs_write())
def test_whatever_comes_together_no_number_changes_and_each_repair_is_said_once(raw):
    sheet = tables.Sheet("trials", "trials.csv", raw)
    assert sheet.problems == []
    pd.testing.assert_frame_equal(sheet.table(), EXPECTED)
    kinds = [line.partition(",")[0].partition(" as ")[0] for line in sheet.repairs]
    assert len(kinds) == len(set(sheet.repairs)) <= 8


@examples(60)
@given(
    st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=12),
    st.sampled_from(["gb18030", "gbk", "gb2312", "big5", "euc_kr", "shift_jis"]),
)
def test_text_of_another_encoding_is_refused_with_the_way_out(note, encoding):
    raw = as_csv(with_cell("trials", 5, "note", note)).decode().encode(encoding, "ignore")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        (problem,) = tables.Sheet("trials", "trials.csv", raw).problems
        assert "另存为 “CSV UTF-8（逗号分隔）”" in problem.message


class TestRefused:
    def test_a_workbook_says_what_to_do(self, examined):
        (problem,) = examined(b"PK\x03\x04" + b"\0" * 40).problems
        assert "a workbook" in problem.message
        assert "CSV UTF-8" in problem.message
        assert "另存为" in problem.message

    @pytest.mark.parametrize("encoding", ["gb18030", "gbk", "latin-1", "cp1252", "big5", "cp1251"])
    def test_another_encoding_says_what_to_do(self, examined, encoding):
        note = {"latin-1": "Müller", "cp1252": "Müller", "cp1251": "Привет"}.get(encoding, "狼瘡")
        raw = as_csv(with_cell("trials", 5, "note", note)).decode().encode(encoding, "replace")
        (problem,) = examined(raw).problems
        assert problem.row == 5 or encoding == "gb18030"
        assert "CSV UTF-8" in problem.message

    def test_a_null_names_its_row(self, examined):
        rows = with_cell("trials", 7, "note", "two\nlines")
        raw = as_csv(with_cell("trials", 9, "note", "a\0b"))
        (problem,) = examined(raw).problems
        assert (problem.row, "U+0000" in problem.message) == (9, True)
        rows[8][-1] = "a\0b"
        (problem,) = examined(as_csv(rows)).problems
        assert problem.row == 9

    @pytest.mark.parametrize("limit", [100, 131_072, 10_000_000])
    def test_the_longest_cell_is_the_tables_own_affair(self, limit):
        before = csv.field_size_limit(limit)
        try:
            raw = f"study,note\na,{'x' * 20_000}\n".encode()
            assert read_cells(raw, {"study", "note"}).rows[2][1] == "x" * 20_000
            too_long = f"study,note\na,{'x' * (LONGEST_CELL + 1)}\n".encode()
            with pytest.raises(ValueError, match="at most 131072 characters"):
                read_cells(too_long, {"study", "note"})
            assert csv.field_size_limit() == limit
        finally:
            csv.field_size_limit(before)

    def test_a_study_without_a_row(self, examined):
        rows = [*TRIALS, *([["zhang_2026", *cells[1:]] for cells in TRIALS[1:3]])]
        found = examined(as_csv(rows))
        (line,) = as_lines(found.problems)
        assert "'zhang_2026'" in line
        assert "studies.csv; a new one needs a row there" in line
        assert "did you mean" not in line

    @pytest.mark.parametrize("kind", ["fifo", "device"])
    def test_a_pipe_and_a_device_are_called_what_they_are(self, tmp_path, kind):
        path = tmp_path / "trials.csv"
        if kind == "fifo":
            import os

            os.mkfifo(path)
        else:
            path.symlink_to("/dev/zero")
        (problem,) = tables.examine(path).problems
        assert "a pipe or a device" in problem.message
        assert "save it as a file" in problem.message


def test_texts_that_look_like_numbers_stay_as_they_are(examined):
    rows = with_cell("trials", 2, "note", "12.0")
    raw = as_csv(rows)
    assert examined(raw).problems == []
    assert list(csv.reader(io.StringIO(raw.decode())))[1][-1] == "12.0"


def test_every_table_is_parsed_once_while_it_stays(tmp_path, monkeypatch):
    from lupuscart.data import sheet

    trials_csv = copy_data(tmp_path)
    (tmp_path / "trials.csv").write_bytes(as_csv(with_cell("trials", 2, "note", "another")))
    parsed = []
    read = sheet.read_cells
    monkeypatch.setattr(
        sheet, "read_cells", lambda raw, names: parsed.append(raw) or read(raw, names)
    )
    for _ in range(2):
        tables.check_data(trials_csv)
        changed = tables.load_trials(trials_csv)
        changed.loc[0, "events"] = 0
        tables.load_studies(trials_csv)
        assert tables.load_trials(trials_csv).loc[0, "events"] == 12
    assert len(parsed) == len(set(parsed))
    (tmp_path / "trials.csv").write_bytes(as_csv(with_cell("trials", 2, "note", "a third")))
    assert tables.load_trials(trials_csv).loc[0, "note"] == "a third"
