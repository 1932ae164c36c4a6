"""The forms of the ticket page by which a department gets more time, and the caller hears of it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask import request

from hotline import fields
from hotline.calendars import queries as calendars
from hotline.errors import Invalid
from hotline.fields import Typed
from hotline.handoffs import extensions, queries, service
from hotline.handoffs.handing_off import lead
from hotline.i18n import N_
from hotline.refusals import Refusals, given
from hotline.tickets import forms, levels
from hotline.tickets.forms import Verb
from hotline.tickets.lifecycle import Action
from hotline.wall_clock import zone
from models import Department, Extension, Handoff, Level, Ticket, User

NO_REASON = N_("Say why.")


def _ask_extension(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    handoff = _meant(queries.passages_of(ticket, actor), typed) or lead(ticket)
    with Refusals() as wrong:
        until = wrong.read(_close_of_day, typed, handoff.department)
        reason = wrong.read(given, typed.get("reason", "").strip(), NO_REASON, "reason")
    service.ask_extension(ticket, actor=actor, at=at, until=until, reason=reason, handoff=handoff)


def _meant(passages: Sequence[Handoff], said: Mapping[str, str]) -> Handoff | None:
    """The passage that a form or a link is about: the one it names, else the first."""
    named = said.get("handoff", "")
    return next((one for one in passages if str(one.id) == named), next(iter(passages), None))


def _close_of_day(typed: Typed, department: Department) -> datetime:
    """When `department` closes on the day that was chosen. Raises Invalid."""
    on = fields.day(typed, "until")
    closes = [end for _, end in calendars.calendar_for(department).open_intervals(on)]
    if not closes:
        sentence = N_("Nobody works there on that day: choose a working day.")
        raise Invalid(sentence, field="until")
    return closes[-1]


def _own_days(ticket: Ticket, viewer: User) -> dict[str, Any]:
    return _days(_meant(queries.passages_of(ticket, viewer), request.values))


def _days(handoff: Handoff | None) -> dict[str, Any]:
    if handoff is None:
        return {"handoff": None, "earliest": None, "latest": None}
    return {
        "handoff": handoff,
        "earliest": _date(handoff.handle_due_at),
        "latest": _date(extensions.latest(handoff)),
    }


def _date(at: datetime) -> date:
    return at.astimezone(zone()).date()


def _ask_level(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    which = N_("Choose a higher level than it has.")
    with Refusals() as wrong:
        level = wrong.read(fields.one_of, Level, typed, "level", which)
        reason = wrong.read(given, typed.get("reason", "").strip(), NO_REASON, "reason")
    service.ask_level(ticket, actor=actor, at=at, level=level, reason=reason)


def _higher_levels(ticket: Ticket, viewer: User) -> dict[str, Any]:
    higher = [level for level in Level if levels.is_higher(level, ticket.level)]
    return {"levels": forms.words_of(higher)}


def _grant(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    handoff = _meant(queries.asking_for_time(ticket), typed) or lead(ticket)
    asked = extensions.undecided(handoff)
    until = None
    if asked is not None and asked.level is None and typed.get("until"):
        until = _close_of_day(typed, handoff.department)
    reason = typed.get("reason", "")
    service.grant_extension(ticket, actor=actor, at=at, until=until, reason=reason, handoff=handoff)


def _asked(ticket: Ticket, viewer: User) -> dict[str, Any]:
    handoff = _meant(queries.asking_for_time(ticket), request.values)
    asked: Extension | None = extensions.undecided(handoff) if handoff is not None else None
    return {**_days(handoff), "asked": asked, "leading": queries.lead_of(ticket)}


def _asked_shown(ticket: Ticket, viewer: User) -> dict[str, Any]:
    asked = _asked(ticket, viewer)["asked"]
    return (
        {"until": _date(asked.until_at).isoformat()} if asked is not None and asked.until_at else {}
    )


def _refuse(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    handoff = _meant(queries.asking_for_time(ticket), typed)
    reason = typed.get("reason", "")
    service.refuse_extension(ticket, actor=actor, at=at, reason=reason, handoff=handoff)


VERBS = {
    Action.ASK_EXTENSION: Verb(
        _ask_extension,
        N_("Asked: until a supervisor decides, the clock runs."),
        "ask_extension",
        _own_days,
    ),
    Action.ASK_LEVEL: Verb(
        _ask_level,
        N_("Asked: until a supervisor decides, the clock runs."),
        "ask_level",
        _higher_levels,
    ),
    Action.GRANT_EXTENSION: Verb(
        _grant,
        N_("Granted: the department knows it. Where the caller's date moves, the caller is told."),
        "grant_extension",
        _asked,
        _asked_shown,
    ),
    Action.REFUSE_EXTENSION: Verb(
        _refuse, N_("Refused: the limit stays as it was."), "refuse_extension", _asked
    ),
    Action.TELL_DATE: Verb(
        lambda t, _, who, at: service.tell_date(t, actor=who, at=at),
        N_("Told: that date is the promise now."),
    ),
}
