"""Opening a ticket and writing in it; what moves it on to others is in handoffs and feedback."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from hotline import access, new_rows
from hotline.callers import confirming
from hotline.callers import service as callers
from hotline.errors import Invalid, TransitionRefused
from hotline.i18n import N_
from hotline.live_updates import service as live_updates
from hotline.permissions import Permission, has
from hotline.refusals import Refusals, given
from hotline.tickets import holds, levels, lifecycle, numbering, search
from hotline.tickets.lifecycle import Action
from models import (
    Caller,
    CallerKind,
    Category,
    DemandKind,
    Level,
    Source,
    Ticket,
    TicketEvent,
    TicketStatus,
    Urgency,
    User,
    db,
)

SUBJECT_LENGTH = 60
LONGEST_OUTER = timedelta(days=366)  # nobody outside gives us longer
SAME_NOTE = timedelta(minutes=1)  # a form that is sent again after going back to it


@dataclass(frozen=True, kw_only=True)
class Description:
    """What the one-page form says about a matter. The first three are required."""

    caller_kind: CallerKind | None
    category: Category | None
    question: str
    caller: callers.CallerDetails = callers.CallerDetails()
    callback_number: str | None = None  # normalised; None leaves it as it is
    demand_kind: DemandKind | None = None
    level: Level | None = None
    urgency: Urgency | None = None
    is_confidential: bool | None = None
    safe_summary: str | None = None
    is_nameless: bool | None = None
    employer_may_know: bool | None = None
    about_department_id: int | None = None
    about_user_id: int | None = None
    source: Source | None = None
    outer_number: str | None = None
    outer_due_at: datetime | None = None


def open_ticket(
    *,
    caller: Caller,
    at: datetime,
    source: Source = Source.PHONE,
    number: str = "",
    query_code: str = "",
    actor: User | None = None,
    desk_department_id: int | None = None,
) -> Ticket:
    """A new matter of `caller`, open, in the pool or with `actor`.

    `number` is the normalised number to ring about it, or empty when there is none; `query_code`
    the one that the caller was told already, if any.
    """
    ticket_id = open_for(
        caller.id,
        at=at,
        source=source,
        number=number,
        query_code=query_code,
        actor_id=actor.id if actor else None,
        desk_department_id=desk_department_id,
    )
    return db.session.get_one(Ticket, ticket_id)


def open_for(
    caller_id: int,
    *,
    at: datetime,
    source: Source = Source.PHONE,
    number: str = "",
    query_code: str = "",
    actor_id: int | None = None,
    desk_department_id: int | None = None,
) -> int:
    """The id of such a new matter: nobody asks for more while the caller hears the greeting."""
    ticket_id = new_rows.write(
        Ticket,
        number=numbering.next_number(at),
        query_code=query_code or numbering.new_query_code(),
        status=TicketStatus.OPEN,
        caller_id=caller_id,
        callback_number=number,
        source=source,
        opened_at=at,
        operator_id=actor_id,
        owner_id=actor_id,
        desk_department_id=desk_department_id,
        version=1,
    )
    holds.begin(ticket_id, at=at)
    log_fact(ticket_id, TicketStatus.OPEN, "open", at=at, actor_id=actor_id, source=source.value)
    return ticket_id


def note_fact(
    ticket: Ticket, kind: str, *, at: datetime, actor: User | None = None, **data: object
) -> int:
    """Write what happened to `ticket` and is no action of the table: a call, a reminder. Returns
    the id of the event.
    """
    actor_id = actor.id if actor else None
    return log_fact(ticket.id, ticket.status, kind, at=at, actor_id=actor_id, **data)


def log_fact(
    ticket_id: int,
    status: TicketStatus,
    kind: str,
    *,
    at: datetime,
    actor_id: int | None = None,
    **data: object,
) -> int:
    """The same about the ticket with this id and status."""
    event_id = new_rows.write(
        TicketEvent,
        ticket_id=ticket_id,
        kind=kind,
        at=at,
        actor_id=actor_id,
        from_status=status.value,
        to_status=status.value,
        data=data,
    )
    live_updates.post("hotline", "ticket", at, ticket=ticket_id)
    return event_id


def describe(ticket: Ticket, what: Description, *, actor: User, at: datetime) -> None:
    """Write down who rang, what it is about and what was asked.

    Raises Invalid, or Several, naming the fields that are missing.
    """
    caller_kind, category, question = check(what)
    _check_outer_due(ticket, what.outer_due_at, at)
    lifecycle.apply(ticket, Action.DESCRIBE, actor=actor, at=at)
    ticket.question = question
    ticket.subject = question.splitlines()[0][:SUBJECT_LENGTH]
    if ticket.category_id != category.id:
        ticket.category = category
        ticket.demand_kind, ticket.level = category.demand_kind, category.level
    levels.check(what.level or ticket.level, actor, ticket)
    confirming.confirm(ticket, caller_kind, what.caller, at=at)
    _take_over(ticket, what)
    if ticket.operator_id is None and has(actor, Permission.HANDLE_CALLS):
        ticket.operator_id = actor.id
    search.index(ticket)


def note_number(ticket: Ticket, number: str, *, actor: User, at: datetime) -> None:
    """Write down only by which number the caller is rung; what it is about is still to be heard."""
    lifecycle.apply(ticket, Action.DESCRIBE, actor=actor, at=at)
    ticket.callback_number = number or ticket.callback_number
    _take_up(ticket)
    if ticket.operator_id is None and has(actor, Permission.HANDLE_CALLS):
        ticket.operator_id = actor.id


def check(what: Description) -> tuple[CallerKind, Category, str]:
    """The required fields. Raises Invalid, or Several, naming every one that is missing."""
    with Refusals() as wrong:
        kind = wrong.read(given, what.caller_kind, N_("Choose who is calling."), "caller_kind")
        category = wrong.read(given, what.category, N_("Choose what it is about."), "category")
        question = wrong.read(given, what.question.strip(), N_("Write what was asked."), "question")
        if what.is_confidential and not (what.safe_summary or "").strip():
            wrong.refuse(
                N_(
                    "A confidential ticket needs a text for the department"
                    " that does not betray who rang."
                ),
                field="safe_summary",
            )
    return kind, category, question


def _check_outer_due(ticket: Ticket, due_at: datetime | None, at: datetime) -> None:
    """Refuse a deadline of the sender that cannot be meant; one that stands already may pass."""
    if due_at is None or due_at == ticket.outer_due_at:
        return
    if due_at <= at:
        raise Invalid(N_("This deadline lies in the past: look at the year."), field="outer_due")
    if due_at > at + LONGEST_OUTER:
        sentence = N_("This deadline is more than a year ahead: look at the year.")
        raise Invalid(sentence, field="outer_due")


OPTIONAL = (
    "callback_number",
    "demand_kind",
    "level",
    "urgency",
    "is_confidential",
    "safe_summary",
    "is_nameless",
    "employer_may_know",
    "about_department_id",
    "about_user_id",
    "source",
    "outer_number",
    "outer_due_at",
)


def _take_over(ticket: Ticket, what: Description) -> None:
    for field in OPTIONAL:
        value = getattr(what, field)
        if value is not None:
            setattr(ticket, field, value)
    if ticket.callback_number:
        _take_up(ticket)


def _take_up(ticket: Ticket) -> None:
    """There is something to be done: it is not only kept until the caller rings again."""
    ticket.kept_since_at, ticket.kept_by_id = None, None


def claim(ticket: Ticket, *, actor: User, at: datetime) -> None:
    """Take `ticket` out of the pool. Raises TransitionRefused when somebody has it already."""
    if ticket.owner_id is not None and ticket.owner_id != actor.id:
        raise TransitionRefused(N_("Somebody else has taken it."))
    lifecycle.apply(ticket, Action.CLAIM, actor=actor, at=at)
    _take_up(ticket)
    ticket.owner_id = actor.id
    if ticket.operator_id is None and has(actor, Permission.HANDLE_CALLS):
        ticket.operator_id = actor.id


def assign(ticket: Ticket, to: User, *, actor: User, at: datetime) -> None:
    """Name the accountable person: an operator while the hotline holds it, else a handler.

    Raises Invalid for anybody else.
    """
    at_department = ticket.department_id is not None
    fits = (
        has(to, Permission.WORK_QUEUE) and ticket.department_id in access.departments_of(to)
        if at_department
        else has(to, Permission.HANDLE_CALLS)
    )
    if not fits:
        raise Invalid(N_("This person cannot work on this ticket."), field="user")
    lifecycle.apply(ticket, Action.ASSIGN, actor=actor, at=at, to=to.id)
    _take_up(ticket)
    ticket.owner_id = to.id
    live_updates.post(f"user:{to.id}", "ticket", at, ticket=ticket.id)


def release(ticket: Ticket, *, actor: User, at: datetime) -> None:
    """Put `ticket` back into the pool of the hotline. Raises Forbidden or TransitionRefused."""
    lifecycle.apply(ticket, Action.RELEASE, actor=actor, at=at)
    ticket.owner_id = None


def note(ticket: Ticket, text: str, *, actor: User, at: datetime) -> None:
    """Add a remark for colleagues; the same one sent twice within a minute is one."""
    text = text.strip()
    if not text:
        raise Invalid(N_("Write something first."), field="text")
    if not _is_noted(ticket, text, actor, at):
        lifecycle.apply(ticket, Action.NOTE, actor=actor, at=at, text=text)


def _is_noted(ticket: Ticket, text: str, actor: User, at: datetime) -> bool:
    latest = select(TicketEvent).where(
        TicketEvent.ticket_id == ticket.id,
        TicketEvent.kind == Action.NOTE.value,
        TicketEvent.actor_id == actor.id,
        TicketEvent.at > at - SAME_NOTE,
    )
    return any(entry.data.get("text") == text for entry in db.session.scalars(latest))


def count_chaser(
    ticket: Ticket,
    *,
    actor: User,
    at: datetime,
    by_hotline: bool,
    words: str = "",
    told: Collection[int] = (),
) -> None:
    """Somebody asks again about `ticket` (催办): the caller, or one of us `by_hotline`; `told` are
    the ids of those it was sent to.
    """
    lifecycle.apply(
        ticket,
        Action.CHASE,
        actor=actor,
        at=at,
        reason=words,
        by_hotline=by_hotline,
        count=ticket.chased_count + 1,
        told=list(told),
    )
    _take_up(ticket)
    ticket.chased_count += 1


def consult(ticket: Ticket, whom: str, *, actor: User, at: datetime, question: str = "") -> None:
    """Ask a named specialist (请示); owner and clocks stay. An empty name ends the asking."""
    lifecycle.apply(ticket, Action.CONSULT, actor=actor, at=at, whom=whom, text=question)
    ticket.consulting = whom.strip()


def report_back(ticket: Ticket, *, actor: User, at: datetime, text: str) -> None:
    """Record that the sender (12345, 12351 from above) was told: the second debt is paid.

    Raises TransitionRefused when nobody sent us the ticket, Invalid without words.
    """
    if not ticket.outer_number and ticket.source not in (
        Source.HOTLINE_12345,
        Source.HOTLINE_12351,
    ):
        raise TransitionRefused(N_("Nobody sent us this ticket."))
    if not text.strip():
        raise Invalid(N_("Write what the sender was told."), field="text")
    lifecycle.apply(ticket, Action.REPORT_BACK, actor=actor, at=at, text=text.strip())
    ticket.outer_reported_at = at
