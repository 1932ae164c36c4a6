"""What the one-page form shows: the same for a call at the seat and for what is logged by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _

from hotline import clock
from hotline.callbacks import promises
from hotline.callbacks.windows import HABITS, WINDOWS, next_span
from hotline.calls import queries as calls
from hotline.calls import seats
from hotline.departments import queries as departments
from hotline.drafts import service as drafts
from hotline.errors import Invalid
from hotline.feedback import evidence
from hotline.fields import active_or_none, one_of_or_none
from hotline.handoffs import people, words
from hotline.outbox import adapter
from hotline.sla import deadlines, policies
from hotline.template_filters import local_datetime, name_of, span_in_words
from hotline.tickets import forms as ticket_forms
from hotline.tickets import levels, timeline_looks
from hotline.workspace import alarm_pages, forms, numbers, outcomes, queries
from models import (
    Call,
    CallbackKind,
    CallerKind,
    Category,
    DepartmentKind,
    Level,
    NoMatterKind,
    Source,
    Ticket,
    Urgency,
    WorkerGroup,
)

# Errors of these stand beside their field, all others above the form.
FIELDS = frozenset(
    {
        *("source", "happened_at", "outer_number", "outer_due"),
        *("name", "number", "other_number", "by_message", "employer", "group", "is_member"),
        *("caller_kind", "category", "urgency", "question"),
        *("is_confidential", "safe_summary", "is_nameless", "employer_may_know"),
        *("about_department", "answer", "department", "level", "handoff_note"),
        *("window", "callback_words", "matter"),
    }
)
WORDS = {
    "CallerKind": CallerKind,
    "NoMatterKind": NoMatterKind,
    "Source": Source,
    "Urgency": Urgency,
    "WorkerGroup": WorkerGroup,
    "FIELDS": FIELDS,
}


@dataclass(frozen=True)
class Place:
    """Where a form stands: its addresses, and under which key its draft is kept."""

    page_url: str
    words_url: str
    emergency_url: str
    draft_key: str
    ticket_id: int | None = None

    def finish_url(self, outcome: str) -> str:
        if self.ticket_id is None:
            return url_for("log.finish", outcome=outcome)
        return url_for("workspace.finish", ticket_id=self.ticket_id, outcome=outcome)


def of_ticket(
    ticket: Ticket, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The form of `ticket`: with what was typed and refused, else the draft, else what is known."""
    draft = draft_of(outcomes.draft_key(ticket)) if typed is None else {}
    fields = typed or draft or forms.shown(ticket) | suggested(ticket.category)
    return {
        "shows_number": numbers.reason_to_show(ticket, g.user, at=clock.now()) is not None,
        "card": queries.caller_card(ticket, viewer=g.user),
        "restored": bool(draft),
        "keep_days": policies.get("no_number_days"),
        **line_of(ticket),
        **_form(fields, errors or {}),
        **handoff_part(ticket, fields),
    }


def by_hand(typed: Mapping[str, str], errors: Mapping[str, str]) -> dict[str, Any]:
    """The same form for what has no ticket yet."""
    return {
        "shows_number": True,
        "call": None,
        "is_in_danger": False,
        "keep_days": policies.get("no_number_days"),
        **_form(typed, errors),
        **handoff_part(None, typed),
    }


def _form(typed: Mapping[str, str], errors: Mapping[str, str]) -> dict[str, Any]:
    return {
        "errors": errors,
        "categories": departments.groups(),
        "window_options": windows(),
        "proves_messages": adapter.proves_messages(),
        **WORDS,
    }


def line_of(ticket: Ticket) -> dict[str, Any]:
    """How the call about `ticket` stands, and whether this seat is done with it."""
    call, seat = call_about(ticket), seats.seat_of(g.user)
    in_hand = calls.call_in_hand(g.user)
    owed = evidence.open_callbacks(ticket) if ticket.is_emergency else []
    return {
        "ticket": ticket,
        "call": call,
        "look": timeline_looks.look_of_call(call) if call else None,
        "seat": seat,
        "is_mine": in_hand is not None and in_hand.ticket_id == ticket.id,
        **(alarm_pages.of(ticket, g.user) if ticket.is_emergency else {"alarm": None}),
        "is_in_danger": any(one.kind is CallbackKind.SAFETY for one in owed),
    }


def call_about(ticket: Ticket) -> Call | None:
    """The call at this seat if it is about `ticket`, else the last conversation about it."""
    now = calls.call_at_seat(g.user)
    return now if now and now.ticket_id == ticket.id else queries.conversation_about(ticket)


def handoff_part(ticket: Ticket | None, typed: Mapping[str, str]) -> dict[str, Any]:
    """The part of the form that follows category, department, difficulty, urgency and number."""
    return {
        "ticket": ticket,
        "typed": typed,
        "place": _place(ticket),
        "department_options": department_options(),
        "deserted": {str(one) for one in people.deserted()},
        "words": _sentence(ticket, typed),
        "levels": levels_for(ticket, typed),
    }


def levels_for(ticket: Ticket | None, typed: Mapping[str, str]) -> list[tuple[str, str]]:
    """How difficult the viewer may say it is; the chosen category may begin above ordinary."""
    try:
        category = active_or_none(Category, typed, "category")
    except Invalid:  # said beside the field when the form is sent
        category = None
    return ticket_forms.words_of(levels.offered(g.user, ticket, category))


def _place(ticket: Ticket | None) -> Place:
    if ticket is None:
        return Place(
            page_url=url_for("log.new"),
            words_url=url_for("log.words"),
            emergency_url=url_for("log.raise_alarm"),
            draft_key="log",
        )
    return Place(
        page_url=url_for("workspace.form", ticket_id=ticket.id),
        words_url=url_for("workspace.words", ticket_id=ticket.id),
        emergency_url=url_for("workspace.raise_alarm", ticket_id=ticket.id),
        draft_key=outcomes.draft_key(ticket),
        ticket_id=ticket.id,
    )


def draft_of(key: str) -> dict[str, str]:
    """What was being typed; with the department of its category if that had not come yet."""
    draft = drafts.of(g.user, key)
    return followed(draft, "category") if draft and not draft.get("department") else draft


def followed(typed: Mapping[str, str], trigger: str | None) -> dict[str, str]:
    """What is `typed` after `trigger` was changed: a category brings its department and level."""
    if trigger != "category":
        return dict(typed)
    try:
        return dict(typed) | suggested(active_or_none(Category, typed, "category"))
    except Invalid:  # said beside the field when the form is sent
        return dict(typed)


def suggested(category: Category | None) -> dict[str, str]:
    """The department that usually leads a category, and how hard its matters are."""
    if category is None:
        return {}
    above = category.parent
    leads = (category.lead_department, above.lead_department if above else None)
    lead = next((one for one in leads if one and people.staff_of(one)), None)
    return {"department": str(lead.id) if lead else "", "level": category.level.value}


def department_options() -> list[tuple[str, str]]:
    """Every department of the tree but the hotline itself."""
    return [
        (str(one.id), name_of(one))
        for one in departments.active_departments()
        if one.kind is not DepartmentKind.HOTLINE
    ]


def windows() -> list[tuple[str, str]]:
    """When the caller may be rung, each with its day and hours: one working day, or an own time.

    What is counted in minutes from the promise on says itself when it is.
    """
    at = clock.now()
    due = local_datetime(promises.span_of(CallbackKind.TELL, "", at).end)
    options = [("", _("Within one working day, by %(due)s", due=due))]
    for word, text in WINDOWS.items():
        words = _(text)
        if word in HABITS:
            span = next_span(word, at)
            words = f"{words} · {span_in_words(span.begin, span.end)}"
        options.append((word, words))
    return options


def _sentence(ticket: Ticket | None, typed: Mapping[str, str]) -> str:
    """What the caller would be told; empty while nothing, or nothing of ours, is chosen."""
    try:
        department = forms.department(typed)
        level = one_of_or_none(Level, typed, "level")
        urgency = one_of_or_none(Urgency, typed, "urgency")
    except Invalid:  # said beside the field when the form is sent
        return ""
    if department is None or not people.staff_of(department):
        return ""
    level = level or (ticket.level if ticket else Level.ORDINARY)
    urgency = urgency or (ticket.urgency if ticket else Urgency.NORMAL)
    return words.sentence(
        department,
        deadlines.handle_due(clock.now(), department, level, urgency),
        query_code=ticket.query_code if ticket else typed.get("query_code", ""),
        has_number=bool(forms.number_of(typed, ticket)),
    )
