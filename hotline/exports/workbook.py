"""Tables as XLSX, written row by row to disk: however many rows, the memory stays the same."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any, BinaryIO, cast
from zoneinfo import ZoneInfo

import xlsxwriter

from hotline.exports.csv_text import FORMULA, hours_minutes_seconds
from hotline.exports.tables import Cell, Column, Kind, Row, Rows, local, number, span

ROWS_OF_A_SHEET = 1_048_576  # the heading among them; what is more goes on in the next sheet
LONGEST_NAME, LONGEST_TEXT = 31, 32_767  # UTF-16 units, as Excel counts
RESERVED = "history"  # Excel keeps this name for itself
NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
FORMATS = {
    Kind.TEXT: {},
    Kind.NUMBER: {},
    Kind.INSTANT: {"num_format": "yyyy-mm-dd hh:mm:ss"},
    Kind.DATE: {"num_format": "yyyy-mm-dd"},
    Kind.DURATION: {"num_format": "[h]:mm"},
    Kind.STOPWATCH: {"num_format": "[h]:mm:ss"},
    Kind.PERCENT: {"num_format": "0.0%"},
    Kind.MONEY: {"num_format": "#,##0.00"},
}
WIDTHS = {Kind.TEXT: 18, Kind.INSTANT: 19, Kind.DATE: 11, Kind.MONEY: 14}
NARROWEST = 10
EARLIEST = 1900  # the first year Excel knows
DRAFTS = "export-"  # how the folder of a workbook in the making is called
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def xlsx_file(
    columns: Sequence[Column],
    rows: Rows,
    *,
    title: str,
    notes: Sequence[tuple[str, str]] = (),
    notes_title: str = "Notes",
    zone: ZoneInfo,
    folder: Path | None = None,
) -> BinaryIO:
    """An open file without a name, at its beginning, that vanishes when it is closed.

    The sheets are called after `title`; `notes`, names and values, stand on a sheet behind them.
    `folder` is where it lies meanwhile; the rows lie there unpacked, about ten times as large.
    """
    finished = cast(BinaryIO, TemporaryFile(dir=folder))  # noqa: SIM115 - whoever asked closes it
    try:
        with TemporaryDirectory(dir=folder, prefix=DRAFTS) as drafts:
            book = xlsxwriter.Workbook(finished, {**OPTIONS, "tmpdir": drafts})
            try:
                _Writer(book, columns, zone).write_all(iter(rows), title)
                if notes:
                    _write_notes(book.add_worksheet(sheet_name(f"{notes_title} (i)")), book, notes)
            finally:
                book.close()  # its drafts, too
        finished.seek(0)
    except BaseException:
        finished.close()
        raise
    return finished


class _Writer:
    """Writes rows into one sheet after the other."""

    def __init__(self, book: Any, columns: Sequence[Column], zone: ZoneInfo) -> None:
        self.book, self.columns, self.zone = book, columns, zone
        self.heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self.quoted = book.add_format({"quote_prefix": True})
        self.formats = [book.add_format(FORMATS[column.kind]) for column in columns]
        self.cells = [self._cell_of(column.kind) for column in columns]

    def write_all(self, rows: Iterator[Row], title: str) -> None:
        first: Row | None = next(rows, None)
        page = 1
        while first is not None or page == 1:
            sheet = self._new_sheet(sheet_name(title, page))
            ahead: Iterator[Row] = iter(()) if first is None else chain([first], rows)
            last = 0
            for last, row in enumerate(islice(ahead, ROWS_OF_A_SHEET - 1), start=1):
                self._write_row(sheet, last, row)
            sheet.autofilter(0, 0, last, max(len(self.columns) - 1, 0))
            first, page = next(rows, None), page + 1

    def _new_sheet(self, name: str) -> Any:
        sheet = self.book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_header("&C&A&R&P / &N")
        for place, column in enumerate(self.columns):
            width = column.width or max(WIDTHS.get(column.kind, 0), NARROWEST)
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, shortened(column.name), self.heading)
        return sheet

    def _write_row(self, sheet: Any, at: int, row: Row) -> None:
        for place, (value, write) in enumerate(zip(row, self.cells, strict=True)):
            if value is not None and value != "":
                write(sheet, at, place, value)

    def _cell_of(self, kind: Kind) -> Callable[[Any, int, int, Cell], None]:
        if kind is Kind.TEXT:
            return self._text
        if kind in (Kind.INSTANT, Kind.DATE):
            return self._day
        if kind in (Kind.DURATION, Kind.STOPWATCH):
            return self._span
        return self._fen if kind is Kind.MONEY else self._number

    def _text(self, sheet: Any, row: int, place: int, value: Cell) -> None:
        text = shortened(str(value))
        if text.startswith("<r>") and text.endswith("</r>"):  # the library would take it for XML
            text += " "
        # Whoever edits such a cell later keeps a text too.
        quoted = (self.quoted,) if FORMULA.match(text) else ()
        sheet.write_string(row, place, text, *quoted)

    def _day(self, sheet: Any, row: int, place: int, value: Cell) -> None:
        if not isinstance(value, date):
            raise TypeError(f"not a day: {value!r}")
        day = local(value, self.zone) if isinstance(value, datetime) else value
        if day.year < EARLIEST:
            sheet.write_string(row, place, str(day))
        else:
            sheet.write_datetime(row, place, day, self.formats[place])

    def _span(self, sheet: Any, row: int, place: int, value: Cell) -> None:
        length = span(value)
        if length < timedelta(0):  # Excel shows nothing but ####
            words = hours_minutes_seconds(int(length.total_seconds()))
            sheet.write_string(row, place, words)
        else:
            sheet.write_number(row, place, length / timedelta(days=1), self.formats[place])

    def _fen(self, sheet: Any, row: int, place: int, value: Cell) -> None:
        sheet.write_number(row, place, number(value) / 100, self.formats[place])

    def _number(self, sheet: Any, row: int, place: int, value: Cell) -> None:
        sheet.write_number(row, place, number(value), self.formats[place])


def _write_notes(sheet: Any, book: Any, notes: Sequence[tuple[str, str]]) -> None:
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 80)
    bold = book.add_format({"bold": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "quote_prefix": True})
    for row, (name, value) in enumerate(notes):
        sheet.write_string(row, 0, shortened(name), bold)
        sheet.write_string(row, 1, shortened(value), wrapped)


def sheet_name(title: str, page: int = 1) -> str:
    """What Excel takes as the name of a sheet: short, without the signs it forbids."""
    behind = f" ({page})" if page > 1 or title.lower() == RESERVED else ""
    plain = NOT_IN_A_NAME.sub(" ", title)[: LONGEST_NAME - len(behind)].strip("' ")
    return (plain or "1") + behind


def shortened(text: str) -> str:
    """`text` as far as a cell of Excel takes it, with an ellipsis where it was cut."""
    if len(text) * 2 <= LONGEST_TEXT:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= LONGEST_TEXT * 2:
        return text
    return units[: (LONGEST_TEXT - 1) * 2].decode("utf-16-le", "ignore") + "…"
