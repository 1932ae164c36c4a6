"""A table on its way to who asked for it: noted in the trail, then sent as XLSX or CSV."""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

from flask import Response, current_app, g, request, stream_with_context
from flask_babel import gettext as _
from werkzeug.wsgi import FileWrapper

from hotline import clock, wall_clock
from hotline.audit import service as audit
from hotline.exports.csv_text import csv_stream
from hotline.exports.slots import slots
from hotline.exports.tables import Column, Rows
from hotline.exports.workbook import DRAFTS, xlsx_file
from hotline.fields import one_of
from hotline.unit_of_work import unit_of_work

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK = 64 * 1024
FORGOTTEN = timedelta(hours=12)  # nothing is written for so long


class Format(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"


@dataclass(frozen=True)
class Choice:
    """One thing by which a table was narrowed: its marked name, and what was chosen, in words."""

    name: str
    value: str
    is_private: bool = False  # may name a caller: the trail says only that something was asked


@dataclass(frozen=True)
class Table:
    """What is taken away. `rows` are read while they are sent, `count` says how many there are."""

    title: str  # a marked sentence: the page it comes from
    columns: Sequence[Column]
    rows: Rows
    count: int
    choices: Sequence[Choice] = ()


def send(table: Table) -> Response:
    """`table` in the format that the form asks for, to who is signed in.

    Who took what, how much of it and by which filter is in the trail before the first row leaves.
    Raises Busy while this person's last export runs, and Invalid for another format.
    """
    wanted, viewer_id = one_of(Format, request.form, "format"), g.user.id
    with _slot(viewer_id):
        _note(table, wanted)
        response = _as_csv(table) if wanted is Format.CSV else _as_xlsx(table)
        response.call_on_close(lambda: slots.give_back(viewer_id))
    return response


@contextmanager
def _slot(user_id: int) -> Iterator[None]:
    """Take a place, and give it back at once when nothing comes of it."""
    slots.take(user_id)
    try:
        yield
    except BaseException:
        slots.give_back(user_id)
        raise


def _note(table: Table, wanted: Format) -> None:
    asked = [[one.name, "" if one.is_private else one.value] for one in table.choices]
    with unit_of_work():
        audit.record(
            "export",
            actor=g.user,
            at=clock.now(),
            subject=table.title,
            address=request.remote_addr or "",
            format=wanted.value,
            rows=table.count,
            asked=asked,
        )


def as_file(table: Table, notes: Sequence[tuple[str, str]]) -> tuple[str, bytes]:
    """`table` as an XLSX with its name, for a letter; `notes` stand on a sheet behind it."""
    file = xlsx_file(
        table.columns,
        table.rows,
        title=_(table.title),
        notes=notes,
        notes_title=_("About this export"),
        zone=wall_clock.zone(),
        folder=_folder(),
    )
    with file:
        return _file_name(table, "xlsx"), file.read()


def _as_csv(table: Table) -> Response:
    pieces = csv_stream(table.columns, table.rows, zone=wall_clock.zone())
    return _attachment(stream_with_context(pieces), "text/csv", _file_name(table, "csv"))


def _as_xlsx(table: Table) -> Response:
    file = xlsx_file(
        table.columns,
        table.rows,
        title=_(table.title),
        notes=_notes_of(table),
        notes_title=_("About this export"),
        zone=wall_clock.zone(),
        folder=_folder(),
    )
    response = _attachment(FileWrapper(file, CHUNK), XLSX, _file_name(table, "xlsx"))
    response.content_length = os.fstat(file.fileno()).st_size
    response.call_on_close(file.close)
    return response


def _attachment(pieces: Iterable[bytes], mimetype: str, name: str) -> Response:
    """Not by send_file: a response that is passed on as it is tells nobody when it ends."""
    response = Response(pieces, mimetype=mimetype)
    plain = name.encode("ascii", "ignore").decode().strip()  # for who knows no other letters
    names = {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"}
    response.headers.set("Content-Disposition", "attachment", **names)
    return response


def _folder() -> Path:
    """Beside the data: the system's own folder for such files is often in memory."""
    folder: Path = current_app.config["DATA_DIR"] / "exports"
    folder.mkdir(parents=True, exist_ok=True)
    forgotten = (clock.now() - FORGOTTEN).timestamp()
    for draft in folder.glob(f"{DRAFTS}*"):  # of a process that was killed
        if draft.stat().st_mtime < forgotten:
            shutil.rmtree(draft, ignore_errors=True)
    return folder


def _file_name(table: Table, ending: str) -> str:
    return f"{_(table.title)} {_local_now():%Y-%m-%d %H%M}.{ending}".replace("/", " ")


def _local_now() -> datetime:
    return clock.now().astimezone(wall_clock.zone())


def _notes_of(table: Table) -> list[tuple[str, str]]:
    return [
        (_("List"), _(table.title)),
        (_("Exported by"), g.user.display_name),
        (_("Exported at"), f"{_local_now():%Y-%m-%d %H:%M}"),
        (_("Rows"), f"{table.count:,}"),
        *((_(one.name), one.value) for one in table.choices),
        (_("Times"), _("local (%(zone)s)", zone=wall_clock.zone().key)),
    ]
