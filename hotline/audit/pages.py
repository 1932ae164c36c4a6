"""The trail in the reader's words: values as people say them, and no word of a caller."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline.audit.queries import Line
from hotline.calendars import hours_text
from hotline.callers.reveals import LABELS as REASONS
from hotline.i18n import N_
from hotline.sla.policy_table import POLICIES, Policy, Unit
from hotline.template_filters import duration, hours, label, local_date, local_datetime
from hotline.tickets import timeline_looks, timeline_words
from hotline.tickets.pages import said, spoken
from hotline.tickets.reading import HIDDEN
from hotline.tickets.timeline import Facts
from models import (
    AT_THE_COUNTER,
    CalendarKind,
    Call,
    Feedback,
    Handoff,
    Population,
    Role,
    TicketEvent,
    TicketStatus,
    User,
    Work,
    db,
)

MONDAY = date(2024, 1, 1)  # any
# The columns that administrators fill in.
FIELDS = {
    "display_name": N_("Name"),
    "department_id": N_("Department"),
    "email": N_("E-mail"),
    "phone_number": N_("Telephone"),
    "line": N_("Telephone that rings"),
    "roles": N_("Roles"),
    "code": N_("Code"),
    "name_zh": N_("Name in Chinese"),
    "name_en": N_("Name in English"),
    "kind": N_("Kind"),
    "parent_id": N_("Belongs to"),
    "keeper_id": N_("Keeper"),
    "position": N_("Order"),
    "is_active": N_("Active"),
    "initials": N_("Pinyin initials"),
    "demand_kind": N_("Kind of demand"),
    "level": N_("Level"),
    "lead_department_id": N_("Lead department"),
    "is_sensitive": N_("Sensitive"),
    "is_confidential_by_default": N_("Confidential by default"),
}
CALENDARS = {
    CalendarKind.BUSINESS: N_("Business hours"),
    CalendarKind.CONTACT: N_("Contact hours"),
    CalendarKind.DUTY: N_("Duty hours"),
}
BY = {"command": N_("from the command line"), "setup_code": N_("with the set-up code")}


def subject_of(line: Line) -> str:
    """What an act touched."""
    if line.kind == "set_policy":
        return _(POLICIES[line.subject].label) if line.subject in POLICIES else line.subject
    if line.kind == "play_recording":
        return _("Recording %(number)s", number=line.subject.rpartition(" ")[2])
    if line.kind == "copy_roster":
        return _("Week of %(day)s", day=local_date(date.fromisoformat(line.subject)))
    if line.kind in ("send_again", "let_be", "plant"):
        return ""
    if line.kind in ("draw_sample", "publish_score_sheet"):
        return label((Population if line.kind == "draw_sample" else Work)(line.subject))
    if line.kind == "export":
        return _(line.subject)
    if line.kind in CALENDAR_KINDS and not line.subject:
        return _("The whole house")
    return "" if line.subject == line.number else line.subject


def reason_of(line: Line) -> str:
    """The reason in the reader's language where it came from a list."""
    named = {reason.value: sentence for reason, sentence in REASONS.items()}
    return _(named[line.reason]) if line.reason in named else line.reason


def details_of(line: Line) -> list[str]:
    """What was changed, from what to what."""
    data = line.data or {}
    return [words for words in DETAILS.get(line.kind, _fields)(line, data) if words]


def _fields(line: Line, data: dict[str, Any]) -> list[str]:
    changed = [_(FIELDS[name]) for name in data.get("changed", []) if name in FIELDS]
    roles = [label(Role(word)) for word in data.get("roles", [])]
    comma, way = _(", "), data.get("by")
    return [
        _("Changed: %(what)s", what=comma.join(changed)) if changed else "",
        _("Roles: %(roles)s", roles=comma.join(roles)) if roles else "",
        _(BY[way]) if way in BY else "",
    ]


def _policy(line: Line, data: dict[str, Any]) -> list[str]:
    policy = POLICIES.get(line.subject)
    if policy is None or "after" not in data:
        return []
    return [_arrow(value_of(policy, data["before"]), value_of(policy, data["after"]))]


def value_of(policy: Policy, value: int) -> str:
    """A setting as people say it: two hours, five working days, on."""
    return amount_of(policy.unit, value)


def amount_of(unit: Unit, value: int) -> str:
    """So many of a unit as people say it."""
    minutes = duration(timedelta(minutes=value))
    return {
        Unit.WORKING_MINUTES: lambda: _("%(span)s of working time", span=hours(value * 60)),
        Unit.WORKING_DAYS: lambda: ngettext("%(num)d working day", "%(num)d working days", value),
        Unit.MINUTES: lambda: minutes,
        Unit.SECONDS: lambda: duration(timedelta(seconds=value)),
        Unit.DAYS: lambda: ngettext("%(num)d day", "%(num)d days", value),
        Unit.TIMES: lambda: ngettext("%(num)d time", "%(num)d times", value),
        Unit.PERCENT: lambda: f"{value}%",
        Unit.TIME_OF_DAY: lambda: f"{value // 60:02d}:{value % 60:02d}",
        Unit.SWITCH: lambda: _("On") if value else _("Off"),
    }[unit]()


def _opening_hours(line: Line, data: dict[str, Any]) -> list[str]:
    before, after = data.get("before") or [[]] * 7, data.get("after") or []
    days = [
        f"{format_date(MONDAY + timedelta(days=day), 'ccc')} {_arrow(_hours(old), _hours(new))}"
        for day, (old, new) in enumerate(zip(before, after, strict=False))
        if list(old) != list(new)
    ]
    calendar = data.get("calendar")
    return [_(CALENDARS[CalendarKind(calendar)]) if calendar else "", *days]


def _special_day(line: Line, data: dict[str, Any]) -> list[str]:
    on, name = local_date(date.fromisoformat(data["on"])), data.get("name", "")
    if "is_working" not in data:
        return [f"{on} {name}".strip()]
    kind = _("Working day") if data["is_working"] else _("Day off")
    times = hours_text.write(tuple(data.get("intervals", ())))
    return [" ".join(part for part in (on, kind, times, name) if part)]


def _shift(line: Line, data: dict[str, Any]) -> list[str]:
    begins, ends = (
        local_datetime(datetime.fromisoformat(data[k])) for k in ("starts_at", "ends_at")
    )
    return [f"{begins} – {ends}", _("Shift leader") if data.get("is_leader") else ""]


def _planted(line: Line, data: dict[str, Any]) -> list[str]:
    return [ngettext("%(num)d entry", "%(num)d entries", data.get("planted", 0))]


def _urgent_words(line: Line, data: dict[str, Any]) -> list[str]:
    added, removed = data.get("added"), data.get("removed")
    return [
        _("Added: %(what)s", what=added) if added else "",
        _("Removed: %(what)s", what=removed) if removed else "",
    ]


def _passed_on(line: Line, data: dict[str, Any]) -> list[str]:
    return [ngettext("%(num)d handed on.", "%(num)d handed on.", data.get("passed_on", 0))]


def _export(line: Line, data: dict[str, Any]) -> list[str]:
    rows = ngettext("%(num)d row", "%(num)d rows", data["rows"])
    asked = [
        _("%(name)s: %(value)s", name=_(name), value=value or HIDDEN)
        for name, value in data.get("asked", ())
    ]
    return [f"{data['format'].upper()} · {rows}", *asked]


def _hours(intervals: Sequence[tuple[int, int]]) -> str:
    return hours_text.write(tuple(intervals)) or _("day off")


def _arrow(before: str, after: str) -> str:
    return f"{before} → {after}"


DETAILS: dict[str, Callable[[Line, dict[str, Any]], list[str]]] = {
    "set_policy": _policy,
    "set_opening_hours": _opening_hours,
    "set_special_day": _special_day,
    "remove_special_day": _special_day,
    "add_shift": _shift,
    "remove_shift": _shift,
    "plant": _planted,
    "export": _export,
    "set_urgent_words": _urgent_words,
    "take_sheet": _passed_on,
    "pool_sheet": _passed_on,
}
CALENDAR_KINDS = (
    "set_opening_hours",
    "use_default_hours",
    "set_special_day",
    "remove_special_day",
)


def changes_of(lines: Sequence[Line]) -> dict[int, list[str]]:
    """What each event changed, by its id: in the words of the story, without any free text."""
    events = [line.event for line in lines if line.event is not None]
    handoffs: dict[int, list[Handoff]] = defaultdict(list)
    found = select(Handoff).where(Handoff.ticket_id.in_({one.ticket_id for one in events}))
    better = joinedload(Handoff.return_better_department)
    for handoff in db.session.scalars(found.options(joinedload(Handoff.department), better)):
        handoffs[handoff.ticket_id].append(handoff)
    names, in_person = _assignees(events), _told_in_person(events)
    return {one.id: _changes(one, handoffs[one.ticket_id], names, in_person) for one in events}


def _told_in_person(events: Sequence[TicketEvent]) -> frozenset[int]:
    proofs = {one.data["feedback"] for one in events if "feedback" in one.data}
    at_the_counter = Call.provider == AT_THE_COUNTER
    found = select(Feedback.id).join(Call, Call.id == Feedback.call_id).where(at_the_counter)
    return (
        frozenset(db.session.scalars(found.where(Feedback.id.in_(proofs))))
        if proofs
        else frozenset()
    )


def _assignees(events: Sequence[TicketEvent]) -> dict[int, str]:
    given_to = {one.data["to"] for one in events if one.kind == "assign" and "to" in one.data}
    found = select(User.id, User.display_name).where(User.id.in_(given_to))
    return dict(db.session.execute(found).tuples().all()) if given_to else {}


def _changes(
    event: TicketEvent,
    handoffs: list[Handoff],
    names: dict[int, str],
    in_person: frozenset[int],
) -> list[str]:
    if event.kind in ("note", "call"):  # nothing but what was said
        return []
    facts = Facts(event.ticket, False, handoffs, {}, [], names, in_person)
    title = timeline_looks.look_of(event).title
    params = timeline_words.params_of(event, facts)
    told = [_(title, **spoken(params))] if "%(" in title else []
    if event.from_status != event.to_status:
        old, new = (TicketStatus(word) for word in (event.from_status, event.to_status) if word)
        told.append(_arrow(label(old), label(new)))
    return told + [
        _(line.text)
        if line.is_marked
        else _("%(name)s: %(value)s", name=_(line.label), value=said(line.value))
        for line in timeline_words.lines_of(event, facts)
        if (line.is_marked and line.text) or line.value is not None
    ]
