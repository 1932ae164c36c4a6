"""The official list of one year as a file, CSV or JSON: read strictly, or not at all.

docs/calendar.md describes both. What is refused names the line, so that it can be mended.
"""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from hotline.calendars import official
from hotline.calendars.official import DECEMBER, Days, OfficialDay
from hotline.errors import Invalid
from hotline.i18n import N_

LARGEST = 64 * 1024  # bytes; a year's list has less than three
NAME_LENGTH = 64
COLUMNS = ("date", "kind", "name")
KINDS = {"off": False, "work": True, "休": False, "班": True}
DAY = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})")
# A string, or what opens and closes: enough to see at which line each entry begins.
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]')


@dataclass(frozen=True)
class Row:
    """One entry of a file as it stands there."""

    line: int
    on: str
    is_working: bool
    name: str


def read(data: bytes, year: int) -> Days:
    """The list of `year` in a file. Raises Invalid for the field `file` when anything is wrong."""
    if len(data) > LARGEST:
        raise _refusal(N_("This file is too big: the list of a year has a few dozen lines."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _refusal(N_("Line %(line)d is not UTF-8: save the file as UTF-8."), line) from error
    if not text.strip():
        raise _refusal(N_("This file is empty."))
    rows = _json_rows(text, year) if text.lstrip()[0] in "{[" else _csv_rows(text)
    days: dict[date, OfficialDay] = {}
    said: set[date] = set()
    for row in rows:
        on, name = _date(row, year), _name(row)
        if on in said:
            raise _refusal(N_("Line %(line)d: %(day)s stands there twice."), row.line, day=row.on)
        said.add(on)
        if not (row.is_working and on.weekday() < 5):  # a weekday is worked anyway
            days[on] = OfficialDay(row.is_working, official.in_english(name))
    if not days:
        raise _refusal(N_("This file names no day."))
    return dict(sorted(days.items()))


def write_csv(days: Days) -> str:
    """A list in the form that `read` reads, for spreadsheets."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for on, day in days.items():
        kind = "work" if day.is_working else "off"
        writer.writerow((on.isoformat(), kind, official.in_chinese(day.holiday)))
    return out.getvalue()


def write_json(year: int, days: Days) -> str:
    """A list in the form that `read` reads and that is passed around in public."""
    entries = [
        {
            "name": official.in_chinese(day.holiday),
            "date": on.isoformat(),
            "isOffDay": not day.is_working,
        }
        for on, day in days.items()
    ]
    return json.dumps({"year": year, "days": entries}, ensure_ascii=False, indent=2) + "\n"


def _csv_rows(text: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader)]
        if tuple(header) != COLUMNS:
            raise _refusal(N_("The first line must be: date,kind,name"))
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(COLUMNS):
                sentence = N_("Line %(line)d needs three values: date,kind,name")
                raise _refusal(sentence, reader.line_num)
            on, kind, name = (cell.strip() for cell in cells)
            if kind not in KINDS:
                sentence = N_("Line %(line)d: the kind is off or work, not “%(kind)s”.")
                raise _refusal(sentence, reader.line_num, kind=kind[:NAME_LENGTH])
            yield Row(reader.line_num, on, KINDS[kind], name)
    except csv.Error as error:
        raise _refusal(N_("Line %(line)d cannot be read as CSV."), reader.line_num) from error


def _json_rows(text: str, year: int) -> Iterator[Row]:
    try:
        whole: Any = json.loads(text)
    except json.JSONDecodeError as error:
        raise _refusal(N_("Line %(line)d cannot be read as JSON."), error.lineno) from error
    except (RecursionError, ValueError) as error:  # nested without end, numbers without end
        raise _refusal(N_("This file cannot be read as JSON.")) from error
    days = whole.get("days") if isinstance(whole, dict) else None
    if not isinstance(days, list):
        raise _refusal(N_("This file has no list “days”."))
    if whole.get("year") != year:
        found = json.dumps(whole.get("year"))[:NAME_LENGTH]
        raise _refusal(
            N_("This is the list of %(found)s, not of %(year)d."), found=found, year=year
        )
    for line, entry in zip(_lines_of_entries(text, len(days)), days, strict=True):
        yield _entry(line, entry)


def _entry(line: int, entry: object) -> Row:
    """One entry of `days`: {"name": "元旦", "date": "2026-01-01", "isOffDay": true}."""
    if not isinstance(entry, dict):
        raise _refusal(N_("Line %(line)d: an entry has name, date and isOffDay."), line)
    on, is_off, name = (entry.get(key) for key in ("date", "isOffDay", "name"))
    if not (isinstance(on, str) and isinstance(is_off, bool) and isinstance(name, str)):
        raise _refusal(N_("Line %(line)d: an entry has name, date and isOffDay."), line)
    return Row(line, on, not is_off, name.strip())


def _lines_of_entries(text: str, count: int) -> list[int]:
    """At which line each of `count` entries begins; as far as they are objects in a list of the
    root, which is where an entry belongs."""
    lines, depth, last, inside = [], 0, "", False
    for token in TOKEN.finditer(text):
        word = token.group()
        if word[0] == '"':
            last = word if depth == 1 else last
        elif word in "}]":
            depth -= 1
        else:
            inside = last == '"days"' if depth == 1 else inside
            if depth == 2 and inside:
                lines.append(text.count("\n", 0, token.start()) + 1)
            depth += 1
    return (lines + [1] * count)[:count]


def _date(row: Row, year: int) -> date:
    found = DAY.fullmatch(row.on)
    try:
        on = date(*map(int, found.groups())) if found else None
    except ValueError:
        on = None
    if on is None:
        shown = row.on[:20].encode(errors="replace").decode()  # JSON can spell halves of a letter
        raise _refusal(N_("Line %(line)d: “%(day)s” is not a date."), row.line, day=shown)
    if on.year != year and (on.year, on.month) != (year - 1, DECEMBER):
        sentence = N_("Line %(line)d: %(day)s does not belong to the list of %(year)d.")
        raise _refusal(sentence, row.line, day=row.on, year=year)
    return on


def _name(row: Row) -> str:
    if not row.name or not row.name[0].isalpha() or not row.name.isprintable():
        sentence = N_("Line %(line)d needs the name of the holiday, beginning with a letter.")
        raise _refusal(sentence, row.line)
    if len(row.name) > NAME_LENGTH:
        sentence = N_("Line %(line)d: the name is longer than %(most)d characters.")
        raise _refusal(sentence, row.line, most=NAME_LENGTH)
    return row.name


def _refusal(sentence: str, line: int | None = None, **params: Any) -> Invalid:
    if line is not None:
        params["line"] = line
    return Invalid(sentence, field="file", **params)
