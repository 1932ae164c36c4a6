"""Tables taken away: as they were written, so they are read again, and nothing is a formula."""

import csv
import io
import os
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from hotline.exports import workbook
from hotline.exports.csv_text import csv_stream
from hotline.exports.tables import Column, Kind
from hotline.exports.workbook import sheet_name, xlsx_file

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1",
    "-2+3",
    "@SUM(1:9)",
    "\t=1+1",
    "\r=1+1",
    "  =1+1",
    "＝1+1",
    "'=1",
    '=HYPERLINK("http://x","y")',
    "http://example.org/",
    "两行\n第二行",
    '带,逗号和"引号"',
    "<r><t>red</t></r>",
    "<b>&amp;",
    "_x0041_",
    "😀 王建国",
    "0042",
    "1e5",
    "#REF!",
    "TRUE",
]
EVERY_KIND = [
    Column("文字"),
    Column("数", Kind.NUMBER),
    Column("时刻", Kind.INSTANT),
    Column("日期", Kind.DATE),
    Column("用时", Kind.DURATION),
    Column("秒表", Kind.STOPWATCH),
    Column("率", Kind.PERCENT),
    Column("金额", Kind.MONEY),
]
FRIDAY = datetime(2026, 11, 20, 8, 30, 15, 999_999, tzinfo=UTC)
ROW = ("甲", 3, FRIDAY, date(2026, 11, 21), timedelta(hours=26, minutes=15), 14, 0.9512, 123_450)


def as_csv(columns, rows):
    data = b"".join(csv_stream(columns, iter(rows), zone=SHANGHAI))
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def as_book(columns, rows, title="诉求", **more):
    with xlsx_file(columns, iter(rows), title=title, zone=SHANGHAI, **more) as file:
        return openpyxl.load_workbook(io.BytesIO(file.read()))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_the_same_text_in_a_workbook(text):
    cell = as_book([Column("A")], [(text,)]).active["A2"]
    assert cell.data_type == "s"
    # As Excel writes them, and reads them back: signs that XML has not, and texts that look so.
    written = text.replace("_x", "_x005F_x").replace("\r", "_x000D_")
    assert cell.value.rstrip(" ") == written  # the library's own mark-up gets a blank behind it
    assert cell.hyperlink is None


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_no_formula_in_csv(text):
    (_heading, [read]) = as_csv([Column("A")], [(text,)])
    assert read in (text, f"'{text}")
    assert read.lstrip()[0] not in "=+-@＝＋－＠"
    assert read[0] not in "\t\r\n"


@pytest.mark.parametrize("unseen", ["\ufeff", "\u200b", "\u3000", " \ufeff "])
def test_nothing_that_is_not_seen_hides_a_formula(unseen):
    (_heading, [read]) = as_csv([Column("A")], [(f"{unseen}=1+1",)])
    assert read == f"'{unseen}=1+1"
    assert as_book([Column("A")], [(f"{unseen}=1+1",)]).active["A2"].quotePrefix


def test_a_day_that_excel_does_not_know_is_told_in_words():
    born = [Column("生于", Kind.DATE)]
    sheet = as_book(born, [(date(1899, 12, 31),), (date(1900, 1, 1),)]).active
    assert [sheet["A2"].value, sheet["A3"].is_date] == ["1899-12-31", True]


def test_a_hostile_heading_is_no_formula():
    assert as_csv([Column("=1+1")], []) == [["'=1+1"]]
    assert as_book([Column("=1+1")], []).active["A1"].data_type == "s"


def test_whoever_edits_a_guarded_cell_keeps_a_text():
    sheet = as_book([Column("A")], [("=1+1",), ("一",)]).active
    assert sheet["A2"].quotePrefix
    assert not sheet["A3"].quotePrefix


def test_values_are_real_ones_in_local_time():
    cells = next(as_book(EVERY_KIND, [ROW]).active.iter_rows(min_row=2))
    assert [cell.value for cell in cells] == [
        "甲",
        3,
        datetime(2026, 11, 20, 16, 30, 15),  # noqa: DTZ001 - Excel knows no zone
        datetime(2026, 11, 21),  # noqa: DTZ001
        timedelta(hours=26, minutes=15),
        timedelta(seconds=14),
        0.9512,
        1234.5,
    ]
    assert [cell.number_format for cell in cells[2:]] == [
        "yyyy-mm-dd hh:mm:ss",
        "yyyy-mm-dd",
        "[h]:mm",
        "[h]:mm:ss",
        "0.0%",
        "#,##0.00",
    ]


def test_csv_says_the_same_in_words():
    _heading, row = as_csv(EVERY_KIND, [ROW])
    assert row == [
        *("甲", "3", "2026-11-20 16:30:15", "2026-11-21"),
        *("26:15:00", "0:00:14", "95.12%", "1234.50"),
    ]


def test_nothing_is_an_empty_cell():
    nothing = [None] * len(EVERY_KIND)
    assert as_csv(EVERY_KIND, [nothing])[1] == [""] * len(EVERY_KIND)
    sheet = as_book(EVERY_KIND, [nothing, ROW]).active
    assert [cell.value for cell in sheet[2]] == nothing
    assert sheet["A3"].value == "甲"


def test_less_than_nothing_is_said_in_words():
    late = [Column("差", Kind.DURATION)]
    assert as_csv(late, [(timedelta(minutes=-75),)])[1] == ["-1:15:00"]
    assert as_book(late, [(timedelta(minutes=-75),)]).active["A2"].value == "-1:15:00"


@pytest.mark.parametrize("kind", [Kind.NUMBER, Kind.MONEY, Kind.PERCENT, Kind.DURATION])
def test_a_text_among_numbers_is_a_mistake_of_ours(kind):
    with pytest.raises(TypeError):
        as_csv([Column("A", kind)], [("=1",)])
    with pytest.raises(TypeError):
        as_book([Column("A", kind)], [("=1",)])


def test_a_row_of_another_length_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="zip"):
        as_csv(EVERY_KIND, [("甲",)])
    with pytest.raises(ValueError, match="zip"):
        as_book(EVERY_KIND, [("甲",)])


def test_the_heading_stays_in_sight_and_filters():
    sheet = as_book(EVERY_KIND, [ROW, ROW]).active
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:H3"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.column_dimensions["C"].width > 18


def test_what_a_sheet_does_not_hold_goes_on_in_the_next(monkeypatch):
    monkeypatch.setattr(workbook, "ROWS_OF_A_SHEET", 4)
    book = as_book([Column("数", Kind.NUMBER)], [(n,) for n in range(7)])
    assert book.sheetnames == ["诉求", "诉求 (2)", "诉求 (3)"]
    read = [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in book]
    assert read == [["数", 0, 1, 2], ["数", 3, 4, 5], ["数", 6]]


def test_no_empty_sheet_follows_a_full_one(monkeypatch):
    monkeypatch.setattr(workbook, "ROWS_OF_A_SHEET", 4)
    assert as_book([Column("数", Kind.NUMBER)], [(n,) for n in range(3)]).sheetnames == ["诉求"]


def test_a_very_long_text_is_cut_where_excel_ends_and_nowhere_in_csv():
    long = "😀" * 20_000  # two units each
    cut = as_book([Column("A")], [(long,)]).active["A2"].value
    assert cut == "😀" * 16_383 + "…"
    assert as_csv([Column("A")], [(long,)])[1] == [long]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("诉求/来电: [全部]?", "诉求 来电   全部"),
        ("'quoted'", "quoted"),
        ("长" * 40, "长" * 31),
        ("***", "1"),
        ("History", "History (1)"),
    ],
)
def test_sheets_have_names_that_excel_takes(title, name):
    assert sheet_name(title) == name
    assert as_book([Column("A")], [], title=title).sheetnames == [name]


def test_the_number_of_a_sheet_is_never_cut():
    assert sheet_name("长" * 40, 12) == "长" * 26 + " (12)"


def test_notes_stand_on_a_sheet_behind():
    book = as_book([Column("A")], [], title="诉求", notes=[("Filter", "=x")], notes_title="诉求")
    assert book.sheetnames == ["诉求", "诉求 (i)"]
    assert [cell.value for cell in book["诉求 (i)"][1]] == ["Filter", "=x"]
    assert book["诉求 (i)"]["B1"].data_type == "s"


def test_pieces_come_while_rows_are_read():
    taken = []

    def rows():
        for n in range(20_000):
            taken.append(n)
            yield ("一行文字一行文字", n)

    pieces = csv_stream([Column("A"), Column("B", Kind.NUMBER)], rows(), zone=SHANGHAI)
    next(pieces)
    assert 0 < len(taken) < 20_000


def test_a_failure_leaves_nothing_behind(tmp_path):
    def rows():
        yield ("一",)
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        xlsx_file([Column("A")], rows(), title="x", zone=SHANGHAI, folder=tmp_path)
    assert os.listdir(tmp_path) == []


def test_the_file_vanishes_when_it_is_closed(tmp_path):
    with xlsx_file([Column("A")], [("一",)], title="x", zone=SHANGHAI, folder=tmp_path) as file:
        assert file.read(2) == b"PK"
        assert os.listdir(tmp_path) == []  # it has no name that could be found
    assert file.closed
