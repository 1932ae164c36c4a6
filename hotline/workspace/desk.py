"""What the one-page form shows: the same for a call at the seat and for what is logged by hand."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _

from hotline import clock
from hotline.callbacks.windows import WINDOWS
from hotline.calls import queries as calls
from hotline.calls import seats
from hotline.departments import queries as departments
from hotline.drafts import service as drafts
from hotline.errors import Invalid
from hotline.handoffs.words import sentence_for
from hotline.sla import deadlines
from hotline.template_filters import name_of
from hotline.workspace import forms, numbers, outcomes, queries
from models import (
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
        "caller_kind",
        "category",
        "question",
        "answer",
        "department",
        "number",
        "other_number",
        "safe_summary",
        "outer_due",
        "happened_at",
        "window",
    }
)
WORDS = {
    "CallerKind": CallerKind,
    "Level": Level,
    "NoMatterKind": NoMatterKind,
    "Source": Source,
    "Urgency": Urgency,
    "WorkerGroup": WorkerGroup,
    "FIELDS": FIELDS,
}


def of_ticket(
    ticket: Ticket, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The form of `ticket`: with what was typed and refused, else the draft, else what is known."""
    draft = drafts.of(g.user, outcomes.draft_key(ticket)) if typed is None else {}
    fields = typed or draft or forms.shown(ticket) | suggested(ticket.category)
    return {
        "shows_number": numbers.reason_to_show(ticket, g.user, at=clock.now()) is not None,
        "seat": seats.seat_of(g.user),
        "call": calls.call_at_seat(g.user) or queries.conversation_about(ticket),
        "card": queries.caller_card(ticket, viewer=g.user),
        "categories": departments.groups(),
        "window_options": windows(),
        "errors": errors or {},
        "restored": bool(draft),
        **handoff_part(ticket, fields),
        **WORDS,
    }


def handoff_part(ticket: Ticket, typed: Mapping[str, str]) -> dict[str, Any]:
    """The part of the form that follows category, department, difficulty and urgency."""

    def finish_url(outcome: str) -> str:
        return url_for("workspace.finish", ticket_id=ticket.id, outcome=outcome)

    return {
        "ticket": ticket,
        "typed": typed,
        "department_options": department_options(),
        "words_url": url_for("workspace.words", ticket_id=ticket.id),
        "finish_url": finish_url,
        "words": _sentence(ticket, typed),
        "Level": Level,
    }


def by_hand(
    typed: Mapping[str, str], errors: Mapping[str, str], finish_url: Callable[[str], str]
) -> dict[str, Any]:
    """The same form for what has no ticket yet."""
    return {
        "ticket": None,
        "shows_number": True,
        "call": None,
        "typed": typed,
        "errors": errors,
        "categories": departments.groups(),
        "department_options": department_options(),
        "window_options": windows(),
        "words_url": "",
        "finish_url": finish_url,
        "words": "",
        **WORDS,
    }


def suggested(category: Category | None) -> dict[str, str]:
    """The department that usually leads a category, and how hard its matters are."""
    if category is None:
        return {}
    lead = category.lead_department or (category.parent and category.parent.lead_department)
    return {"department": str(lead.id) if lead else "", "level": category.level.value}


def department_options() -> list[tuple[str, str]]:
    """Every department of the tree but the hotline itself."""
    return [
        (str(one.id), name_of(one))
        for one in departments.active_departments()
        if one.kind is not DepartmentKind.HOTLINE
    ]


def windows() -> list[tuple[str, str]]:
    """When the caller may be rung: one working day, or a time of their own."""
    return [("", _("Within one working day")), *((word, _(text)) for word, text in WINDOWS.items())]


def _sentence(ticket: Ticket, typed: Mapping[str, str]) -> str:
    """What the caller would be told; empty while nothing, or nothing of ours, is chosen."""
    try:
        department = forms.department(typed)
        level = forms.one_of(Level, typed, "level") or ticket.level
        urgency = forms.one_of(Urgency, typed, "urgency") or ticket.urgency
    except Invalid:  # said beside the field when the form is sent
        return ""
    if department is None:
        return ""
    due = deadlines.handle_due(clock.now(), department, level, urgency)
    return sentence_for(ticket, department, due)
