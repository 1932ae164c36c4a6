"""The one-page form: what was typed, as it is shown again and as the services want it."""

from collections.abc import Mapping
from datetime import datetime

from hotline import phone_numbers
from hotline.callbacks import choices
from hotline.callers import service as callers
from hotline.callers.service import CallerDetails
from hotline.errors import Invalid
from hotline.fields import (
    YES_NO,
    Typed,
    active_or_none,
    check_lengths,
    instant,
    one_of_or_none,
    short,
)
from hotline.i18n import N_
from hotline.refusals import Refusals
from hotline.tickets.service import Description, check
from hotline.wall_clock import zone
from models import CallerKind, Category, Department, Level, Source, Ticket, Urgency, WorkerGroup

REQUIRED = ("caller_kind", "category", "question")


def shown(ticket: Ticket) -> dict[str, str]:
    """What the form of `ticket` shows before anybody types."""
    caller = ticket.caller
    return {
        "caller_kind": "" if caller.kind is CallerKind.UNKNOWN else caller.kind.value,
        "category": str(ticket.category_id or ""),
        "question": ticket.question,
        "urgency": ticket.urgency.value,
        "level": ticket.level.value,
        "name": ticket.caller_name,
        "group": caller.group.value,
        "employer": caller.employer,
        "is_member": {True: "yes", False: "no", None: ""}[caller.is_member],
        "number": phone_numbers.for_display(ticket.callback_number),
        "by_message": "y" if choices.in_force(ticket) else "",
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


def is_complete(typed: Typed) -> bool:
    """Whether the three required fields are there."""
    return all(typed.get(name, "").strip() for name in REQUIRED)


def description(typed: Typed) -> Description:
    """The typed form as tickets.describe wants it.

    Raises Invalid, or Several, naming every field that is wrong or missing.
    """
    with Refusals() as wrong:
        wrong.read(check_lengths, typed)
        what = Description(
            caller_kind=wrong.read(one_of_or_none, CallerKind, typed, "caller_kind"),
            category=wrong.read(active_or_none, Category, typed, "category"),
            question=typed.get("question", ""),
            caller=CallerDetails(
                name=wrong.read(_name, typed),
                group=wrong.read(one_of_or_none, WorkerGroup, typed, "group"),
                employer=wrong.read(_employer, typed),
                is_member=YES_NO.get(typed.get("is_member", "")),
            ),
            callback_number=wrong.read(callback_number, typed),
            level=wrong.read(one_of_or_none, Level, typed, "level"),
            urgency=wrong.read(one_of_or_none, Urgency, typed, "urgency"),
            is_confidential="is_confidential" in typed,
            safe_summary=typed.get("safe_summary", ""),
            is_nameless="is_nameless" in typed,
            employer_may_know="employer_may_know" in typed,
            about_department_id=wrong.read(department_id, typed, "about_department"),
            source=wrong.read(one_of_or_none, Source, typed, "source"),
            outer_number=wrong.read(short, typed, "outer_number", 64),
            outer_due_at=wrong.read(instant, typed, "outer_due"),
        )
        wrong.read(check, what)
    return what


def number_of(typed: Typed, ticket: Ticket | None) -> str:
    """The number to ring as it is typed now; where the form masks it, the one that is known."""
    if "number" in typed or ticket is None:
        return typed.get("number", "").strip()
    return typed.get("other_number", "").strip() or ticket.callback_number


def _name(typed: Mapping[str, str]) -> str | None:
    """None, which changes nothing, of who wants to stay nameless. Raises Invalid for both."""
    name = short(typed, "name", 64)
    if "is_nameless" not in typed:
        return name if "name" in typed else None
    if name:
        raise Invalid(N_("Either a name or no name: not both."), field="name")
    return None


def _employer(typed: Typed) -> str | None:
    return short(typed, "employer", 128) if "employer" in typed else None


def callback_number(typed: Typed) -> str | None:
    """The number to ring; None leaves it as it is, where the form showed it masked."""
    if "number" in typed:
        return callers.number_to_ring(typed["number"])
    try:
        return callers.number_to_ring(typed.get("other_number", "")) or None
    except Invalid as refusal:
        raise Invalid(refusal.sentence, field="other_number") from refusal


def department(typed: Typed, name: str = "department") -> Department | None:
    """The chosen department. Raises Invalid."""
    return active_or_none(Department, typed, name)


def department_id(typed: Typed, name: str) -> int | None:
    chosen = department(typed, name)
    return chosen.id if chosen else None


def _local(at: datetime | None) -> str:
    return f"{at.astimezone(zone()):%Y-%m-%dT%H:%M}" if at else ""
