"""The hand-over sheets: mine as it would be signed, those that wait, those of earlier shifts."""

from collections.abc import Sequence
from itertools import groupby

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from hotline import clock, fields
from hotline.error_pages import beside_fields
from hotline.errors import Invalid
from hotline.guards import guard
from hotline.permissions import Permission
from hotline.rhythm import sheet_lines, sheets
from hotline.unit_of_work import unit_of_work
from models import CallbackKind, SheetLine, SheetPart, TicketStatus, Urgency

bp = Blueprint("sheets", __name__)
bp.before_request(guard(Permission.HANDLE_CALLS))
WORDS = {"CallbackKind": CallbackKind, "TicketStatus": TicketStatus, "Urgency": Urgency}


@bp.get("/duty/sheets")
def index() -> ResponseReturnValue:
    """The sheets that wait to be taken over, and those of earlier shifts."""
    before = request.args.get("before", type=int)
    earlier = sheets.earlier(before=before)
    is_full = len(earlier) == sheets.PAGE
    return render_template(
        "rhythm/sheets.html",
        waiting=sheets.waiting_for(g.user),
        own=sheets.waiting_of(g.user),
        earlier=earlier,
        oldest=earlier[-1].id if is_full else None,
    )


@bp.get("/duty/sheets/new")
def new() -> ResponseReturnValue:
    """My sheet as it would be signed now."""
    own = sheets.waiting_of(g.user)
    if own is not None:
        return redirect(url_for("sheets.show", sheet_id=own.id), 303)
    return _new_page({})


@bp.post("/duty/sheets")
def sign() -> ResponseReturnValue:
    """Hand over what is on the sheet at this moment."""
    try:
        note = fields.short(request.form, "note", fields.LENGTHS["note"])
    except Invalid as refusal:
        return _new_page(beside_fields(refusal)), refusal.status
    with unit_of_work():
        sheet_id = sheets.sign(g.user, note, at=clock.now()).id
    flash(_("Signed. It is yours until somebody takes it over."))
    return redirect(url_for("sheets.show", sheet_id=sheet_id), 303)


@bp.get("/duty/sheets/<int:sheet_id>")
def show(sheet_id: int) -> ResponseReturnValue:
    """A sheet as it was signed, and what became of each line; to be read or printed."""
    sheet = sheets.get(sheet_id)
    lines = sheets.lines_of(sheet, viewer=g.user)
    recordings = [line.recording_id for line in lines if line.recording_id is not None]
    return render_template(
        "rhythm/sheet.html",
        sheet=sheet,
        parts=_parts(lines),
        heard_at=sheet_lines.heard_at(recordings),
        may_take=sheet.is_waiting and sheet.from_id != g.user.id,
        may_withdraw=sheet.is_waiting and sheet.from_id == g.user.id,
        **WORDS,
    )


@bp.post("/duty/sheets/<int:sheet_id>/take")
def take(sheet_id: int) -> ResponseReturnValue:
    """Take over, with one key."""
    with unit_of_work():
        count = sheets.take(sheets.get(sheet_id), actor=g.user, at=clock.now())
    flash(ngettext("Taken over: %(num)d is yours.", "Taken over: %(num)d are yours.", count))
    return redirect(url_for("sheets.show", sheet_id=sheet_id), 303)


@bp.post("/duty/sheets/<int:sheet_id>/withdraw")
def withdraw(sheet_id: int) -> ResponseReturnValue:
    """Take one's own sheet back before anybody has taken it over."""
    with unit_of_work():
        sheets.withdraw(sheets.get(sheet_id), actor=g.user, at=clock.now())
    flash(_("Taken back: sign anew when you go."))
    return redirect(url_for("sheets.new"), 303)


def _new_page(errors: dict[str, str]) -> str:
    sheet = sheets.draft(g.user, at=clock.now())
    return render_template(
        "rhythm/sheet_new.html",
        sheet=sheet,
        parts=_parts(sheet.lines),
        heard_at={},
        typed=request.form,
        errors=errors,
        **WORDS,
    )


def _parts(lines: Sequence[SheetLine]) -> list[tuple[SheetPart, list[SheetLine]]]:
    return [(part, list(group)) for part, group in groupby(lines, lambda line: line.part)]
