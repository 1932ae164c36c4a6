"""The one-page form: what was typed, as it is shown again and as the services want it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from flask_babel import gettext as _

from hotline import phone_numbers
from hotline.callers import service as callers
from hotline.callers.service import CallerDetails
from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.tickets.forms import instant
from hotline.tickets.service import Description
from hotline.wall_clock import zone
from models import CallerKind, Category, Department, Level, Source, Ticket, Urgency, WorkerGroup, db

E = TypeVar("E", bound=StrEnum)
Typed = Mapping[str, str]
MEMBERSHIP = {"yes": True, "no": False}


def shown(ticket: Ticket) -> dict[str, str]:
    """What the form of `ticket` shows before anybody types."""
    caller = ticket.caller
    return {
        "caller_kind": "" if caller.kind is CallerKind.UNKNOWN else caller.kind.value,
        "category": str(ticket.category_id or ""),
        "question": ticket.question,
        "urgency": ticket.urgency.value,
        "level": ticket.level.value,
        "name": caller.name,
        "group": caller.group.value,
        "employer": caller.employer,
        "is_member": {True: "yes", False: "no", None: ""}[caller.is_member],
        "number": phone_numbers.for_display(ticket.callback_number),
        "is_confidential": "y" if ticket.is_confidential else "",
        "is_nameless": "y" if ticket.is_nameless else "",
        "employer_may_know": "y" if ticket.employer_may_know else "",
        "safe_summary": ticket.safe_summary,
        "about_department": str(ticket.about_department_id or ""),
        "source": ticket.source.value,
        "outer_number": ticket.outer_number,
        "outer_due": _local(ticket.outer_due_at),
    }


def typed_in(form: Mapping[str, str]) -> dict[str, str]:
    """What a person typed into a posted form, without what the form carries for us."""
    return {name: value for name, value in form.items() if name != "csrf_token"}


def missing(typed: Typed) -> dict[str, str]:
    """The required fields that are empty, each with its sentence."""
    wanted = {
        "caller_kind": _("Choose who is calling."),
        "category": _("Choose what it is about."),
        "question": _("Write what was asked."),
    }
    return {name: words for name, words in wanted.items() if not typed.get(name, "").strip()}


def description(typed: Typed) -> Description:
    """The typed form as tickets.describe wants it. Raises Invalid naming the field."""
    return Description(
        caller_kind=one_of(CallerKind, typed, "caller_kind"),
        category=category(typed),
        question=typed.get("question", ""),
        caller=CallerDetails(
            name=typed.get("name", "")[:64],
            group=one_of(WorkerGroup, typed, "group"),
            employer=typed.get("employer", "")[:128],
            is_member=MEMBERSHIP.get(typed.get("is_member", "")),
        ),
        callback_number=_callback_number(typed),
        level=one_of(Level, typed, "level"),
        urgency=one_of(Urgency, typed, "urgency"),
        is_confidential="is_confidential" in typed,
        safe_summary=typed.get("safe_summary", ""),
        is_nameless="is_nameless" in typed,
        employer_may_know="employer_may_know" in typed,
        about_department_id=department_id(typed, "about_department"),
        source=one_of(Source, typed, "source"),
        outer_number=typed.get("outer_number", "").strip()[:64],
        outer_due_at=instant(typed, "outer_due"),
    )


def _callback_number(typed: Typed) -> str | None:
    """The number to ring; None leaves it as it is, where the form showed it masked."""
    if "number" in typed:
        return callers.number_to_ring(typed["number"])
    try:
        return callers.number_to_ring(typed.get("other_number", "")) or None
    except Invalid as refusal:
        raise Invalid(refusal.sentence, field="other_number") from refusal


def one_of(enum: type[E], typed: Typed, name: str) -> E | None:
    """The chosen word of `enum`; None when nothing was chosen. Raises Invalid."""
    word = typed.get(name, "")
    if not word:
        return None
    try:
        return enum(word)
    except ValueError as error:
        raise Invalid(N_("Choose one of the list."), field=name) from error


def category(typed: Typed) -> Category | None:
    """The chosen category. Raises Invalid."""
    chosen = _row(Category, typed, "category")
    if chosen is not None and not chosen.is_active:
        raise Invalid(N_("Choose one of the list."), field="category")
    return chosen


def department(typed: Typed, name: str = "department") -> Department | None:
    """The chosen department. Raises Invalid."""
    chosen = _row(Department, typed, name)
    if chosen is not None and not chosen.is_active:
        raise Invalid(N_("Choose one of the list."), field=name)
    return chosen


def department_id(typed: Typed, name: str) -> int | None:
    chosen = department(typed, name)
    return chosen.id if chosen else None


R = TypeVar("R", Category, Department)


def _row(model: type[R], typed: Typed, name: str) -> R | None:
    text = typed.get(name, "")
    if not text:
        return None
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    found = db.session.get(model, int(text)) if is_number else None
    if found is None:
        raise Invalid(N_("Choose one of the list."), field=name)
    return found


def _local(at: datetime | None) -> str:
    return f"{at.astimezone(zone()):%Y-%m-%dT%H:%M}" if at else ""
