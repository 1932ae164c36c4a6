"""Giving a ticket to a department, and taking it back."""

from datetime import datetime

from sqlalchemy import select

from hotline.departments import service as departments
from hotline.errors import Invalid, TransitionRefused
from hotline.handoffs import clocks, new_dates, people, queries, telling
from hotline.i18n import N_
from hotline.sla import policies
from hotline.tickets import levels, lifecycle, supervision
from hotline.tickets.lifecycle import Action
from models import (
    Department,
    DepartmentKind,
    Handoff,
    HandoffEnd,
    HandoffRole,
    Level,
    Ticket,
    Urgency,
    User,
    db,
)


def hand_off(
    ticket: Ticket,
    department: Department,
    *,
    actor: User,
    at: datetime,
    note: str = "",
    level: Level | None = None,
) -> Handoff:
    """Put `ticket` into the queue of `department`; both its clocks run from `at` on.

    The row holds the sentence to say to the caller (`sentence`). The third hand-over raises the
    ticket to a supervisor. Raises Invalid naming the field when the department or level cannot be.
    """
    check_department(ticket, department)
    levels.check(level or ticket.level, actor, ticket)
    ticket.level = level or ticket.level
    _end_assisting(ticket, department, at)
    lifecycle.apply(
        ticket,
        Action.HAND_OFF,
        actor=actor,
        at=at,
        reason=note,
        together={"department_id": department.id},
        department=department.id,
        level=ticket.level.value,
    )
    ticket.owner_id = None
    ticket.lead_department_id = department.id
    ticket.handoff_count += 1
    handoff = begin(ticket, department, HandoffRole.LEAD, actor=actor, at=at, note=note)
    telling.say(ticket, handoff, at=at)
    if ticket.handoff_count >= policies.get("supervised_after_handoffs"):
        supervision.raise_by_itself(ticket, at=at, because="handoffs")
    people.tell(
        people.staff_of(department),
        N_("New in your queue: %(number)s."),
        ticket,
        at=at,
        key=f"handoff_new:{handoff.id}",
        actor=actor,
        urgent=ticket.urgency is Urgency.CRITICAL,
    )
    return handoff


def begin(
    ticket: Ticket,
    department: Department,
    role: HandoffRole,
    *,
    actor: User,
    at: datetime,
    note: str = "",
) -> Handoff:
    """A new row with its clocks running; flushed."""
    handoff = Handoff(
        ticket=ticket,
        department=department,
        role=role,
        note=note.strip(),
        handed_off_at=at,
        handed_off_by_id=actor.id,
    )
    with db.session.no_autoflush:
        clocks.start(handoff, ticket)
    db.session.add(handoff)
    db.session.flush()
    return handoff


def recall(ticket: Ticket, *, actor: User, at: datetime, reason: str) -> Handoff:
    """Take `ticket` back from the department that leads; it is the actor's now."""
    handoff = lead(ticket)
    lifecycle.apply(
        ticket, Action.RECALL, actor=actor, at=at, reason=reason, department=handoff.department_id
    )
    clocks.stop(handoff, HandoffEnd.RECALLED, at=at)
    new_dates.drop(ticket, at=at)
    ticket.owner_id = actor.id
    people.tell(
        people.staff_of(handoff.department),
        N_("Taken back by the hotline: %(number)s."),
        ticket,
        at=at,
        key=f"handoff_recalled:{handoff.id}",
        actor=actor,
    )
    return handoff


def lead(ticket: Ticket) -> Handoff:
    """The unfinished lead handoff. Raises TransitionRefused when no department holds `ticket`."""
    handoff = queries.lead_of(ticket)
    if handoff is None:
        raise TransitionRefused(N_("No department holds this ticket now."))
    return handoff


def check_department(ticket: Ticket, department: Department) -> None:
    """Raise Invalid when `department` may not work on `ticket`: retired, nobody there, the ticket
    is about it, or an outside body without the caller's consent."""
    departments.hold(department)
    if not department.is_active or department.kind is DepartmentKind.HOTLINE:
        raise Invalid(N_("Tickets cannot be handed to this department."), field="department")
    if ticket.about_department_id == department.id:
        raise Invalid(
            N_("The ticket is about this department: another one must handle it."),
            field="department",
        )
    if department.kind is DepartmentKind.EXTERNAL and ticket.consent_to_pass_at is None:
        raise Invalid(
            N_("An outside body needs the caller's consent: record it first."),
            field="department",
        )
    staff = people.staff_of(department)
    if not staff:
        raise Invalid(
            N_("Nobody works for this department here: it needs a keeper first."),
            field="department",
        )
    concerned = (ticket.about_user_id, ticket.about_department_id)
    if all(person.id == concerned[0] or _is_of(person, concerned[1]) for person in staff):
        raise Invalid(
            N_("Whom the ticket is about acts for this department: another one must handle it."),
            field="department",
        )


def _is_of(person: User, department_id: int | None) -> bool:
    return department_id is not None and person.department_id == department_id


def _end_assisting(ticket: Ticket, department: Department, at: datetime) -> None:
    """Who leads from now on does not assist any more."""
    assisting = select(Handoff).where(
        Handoff.ticket_id == ticket.id,
        Handoff.department_id == department.id,
        Handoff.ended_at.is_(None),
    )
    for handoff in db.session.scalars(assisting):
        clocks.stop(handoff, HandoffEnd.RECALLED, at=at)
