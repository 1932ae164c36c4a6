"""The marks beside the status: urgency, confidential, no name, about whom, consent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.tickets import lifecycle
from hotline.tickets.lifecycle import Action
from models import Ticket, Urgency, User


@dataclass(frozen=True, kw_only=True)
class Marks:
    """All marks of a ticket as they shall be from now on."""

    urgency: Urgency
    is_confidential: bool
    safe_summary: str
    is_nameless: bool
    employer_may_know: bool
    may_be_passed_on: bool  # the caller agrees that an outside body gets the personal data
    about_department_id: int | None
    about_user_id: int | None


def mark(ticket: Ticket, marks: Marks, *, actor: User, at: datetime) -> None:
    """Set the marks of `ticket`; the event names those that changed. Raises Invalid."""
    if marks.is_confidential and not marks.safe_summary.strip():
        raise Invalid(
            N_("Write what the department may read: nothing in it may betray who rang."),
            field="safe_summary",
        )
    if marks.about_department_id is not None and marks.about_department_id == ticket.department_id:
        raise Invalid(
            N_("This department holds the ticket now: take it back first."),
            field="about_department",
        )
    if marks.about_user_id is not None and marks.about_user_id == ticket.owner_id:
        raise Invalid(
            N_("This colleague works on the ticket now: give it to somebody else first."),
            field="about_user",
        )
    columns = _columns(ticket, marks, at)
    changed = [name for name, value in columns.items() if getattr(ticket, name) != value]
    if not changed:
        raise Invalid(N_("Nothing was changed."))
    data: dict[str, Any] = {"changed": changed}
    if "urgency" in changed:
        data["urgency"] = [ticket.urgency.value, marks.urgency.value]
    lifecycle.apply(ticket, Action.MARK, actor=actor, at=at, **data)
    for name in changed:
        setattr(ticket, name, columns[name])


def marks_of(ticket: Ticket) -> Marks:
    """The marks of `ticket` now."""
    return Marks(
        urgency=ticket.urgency,
        is_confidential=ticket.is_confidential,
        safe_summary=ticket.safe_summary,
        is_nameless=ticket.is_nameless,
        employer_may_know=ticket.employer_may_know,
        may_be_passed_on=ticket.consent_to_pass_at is not None,
        about_department_id=ticket.about_department_id,
        about_user_id=ticket.about_user_id,
    )


def _columns(ticket: Ticket, marks: Marks, at: datetime) -> dict[str, object]:
    consent_at = (ticket.consent_to_pass_at or at) if marks.may_be_passed_on else None
    return {
        "urgency": marks.urgency,
        "is_confidential": marks.is_confidential,
        "safe_summary": marks.safe_summary.strip(),
        "is_nameless": marks.is_nameless,
        "employer_may_know": marks.employer_may_know,
        "consent_to_pass_at": consent_at,
        "about_department_id": marks.about_department_id,
        "about_user_id": marks.about_user_id,
    }
