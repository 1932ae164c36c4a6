"""Tables as CSV: UTF-8 with a mark so that Excel knows it, RFC 4180, a row when it is asked for."""

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from hotline.exports.tables import Cell, Column, Kind, Rows, local, number, span

MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
CHUNK = 64 * 1024  # characters
# Excel takes text for a formula that begins so, after blanks too; the wide signs where it is set
# to an East Asian language.
FORMULA = re.compile(r"[\t\r\n]|[\s\ufeff\u200b]*[=+\-@＝＋－＠]")


class _Line:
    """What the writer of the standard library writes its one line into."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text


def csv_stream(columns: Sequence[Column], rows: Rows, *, zone: ZoneInfo) -> Iterator[bytes]:
    """The table in pieces: headings first, one line a row, nothing kept of what was written.

    A text that a spreadsheet would take for a formula gets a leading quote.
    """
    line = _Line()
    writer = csv.writer(line)
    writer.writerow([guarded(column.name) for column in columns])
    line.text = MARK + line.text
    kinds = [column.kind for column in columns]
    for row in rows:
        writer.writerow([written(v, kind, zone) for v, kind in zip(row, kinds, strict=True)])
        if len(line.text) >= CHUNK:
            yield line.text.encode()
            line.text = ""
    yield line.text.encode()


def guarded(text: str) -> str:
    """`text`, or with a quote before it what would be a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def written(value: Cell, kind: Kind, zone: ZoneInfo) -> str:
    """One cell as text; empty for None."""
    if value is None:
        return ""
    if kind is Kind.TEXT:
        return guarded(str(value))
    if isinstance(value, datetime):
        return local(value, zone).isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if kind in (Kind.DURATION, Kind.STOPWATCH):
        return hours_minutes_seconds(int(span(value).total_seconds()))
    if kind is Kind.PERCENT:
        return f"{number(value):.2%}"
    if kind is Kind.MONEY:
        return f"{number(value) / 100:.2f}"
    return str(number(value))


def hours_minutes_seconds(seconds: int) -> str:
    """26:15:07; less than nothing with a minus before it."""
    minutes, rest = divmod(abs(seconds), 60)
    return f"{'-' if seconds < 0 else ''}{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
