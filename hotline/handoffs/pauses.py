"""When a department's clocks stand still: waiting for the caller (待补充), suspended (挂账)."""

from datetime import date, datetime

from hotline import access
from hotline.calendars.chinese import ZONE
from hotline.errors import Invalid, TransitionRefused
from hotline.handoffs import clocks, people, queries, telling, words
from hotline.handoffs.handing_off import lead
from hotline.i18n import N_
from hotline.sla import deadlines
from hotline.tickets import lifecycle
from hotline.tickets.lifecycle import Action
from models import Handoff, Ticket, TicketStatus, User

NOTHING_MISSING = N_("Write what is missing.")
NO_MEASURES = N_("Write what is done meanwhile.")


def wait(
    ticket: Ticket, *, actor: User, at: datetime, what: str, until: datetime, has_told: bool
) -> Handoff:
    """Wait for something only the caller can give; the clocks stand still until then.

    Once per ticket and at most the days of the policy. The caller is told what and until when: the
    department says that it `has_told`, else the hotline rings, and of a confidential ticket always.
    Raises TransitionRefused or Invalid.
    """
    handoff = lead(ticket)
    if ticket.waiting_since_at is not None or ticket.waited_at is not None:
        raise TransitionRefused(N_("This ticket has waited for the caller once already."))
    if not what.strip():
        raise Invalid(NOTHING_MISSING, field="what")
    if not at < until <= deadlines.waiting_until_max(at, handoff.department):
        raise Invalid(
            N_("Wait until a day in the future, and no longer than allowed."), field="until"
        )
    has_told = has_told and access.may_know_caller(actor, ticket)
    if not has_told and not ticket.callback_number:
        raise Invalid(N_("There is no number: nobody can tell the caller."), field="has_told")
    lifecycle.apply(
        ticket,
        Action.WAIT,
        actor=actor,
        at=at,
        reason=what,
        together={"waiting_since_at": at, "waiting_until_at": until, "waiting_for": what.strip()},
        until=until.isoformat(),
        has_told=has_told,
    )
    clocks.follow(handoff, ticket, at=at)
    if not has_told:
        sentence = words.please_add(what.strip(), until, handoff.department)
        telling.have_the_hotline_tell(ticket, sentence, at=at)
    return handoff


def end_wait(ticket: Ticket, *, actor: User | None, at: datetime) -> Handoff:
    """The caller has given it, or the time is over: the clocks run again, later by the pause.

    By itself (`actor` None) the wait ends at the instant it was meant to, however late this runs.
    Raises TransitionRefused when it does not wait.
    """
    handoff = lead(ticket)
    if ticket.waiting_since_at is None or ticket.waiting_until_at is None:
        raise TransitionRefused(N_("This ticket does not wait for the caller."))
    ended_at = min(at, ticket.waiting_until_at)
    lifecycle.apply(
        ticket,
        Action.END_WAIT,
        actor=actor,
        at=at,
        together={"waiting_since_at": None, "waiting_until_at": None, "waited_at": ended_at},
    )
    _go_on(ticket, handoff, since=ended_at, at=at)
    people.tell(
        people.handler_of(handoff),
        N_("The wait for the caller is over: %(number)s."),
        ticket,
        at=at,
        key=f"handoff_waited:{handoff.id}",
        actor=actor,
    )
    return handoff


def suspend(
    ticket: Ticket, *, actor: User, at: datetime, reason: str, measures: str, review_on: date
) -> None:
    """Put `ticket` aside until `review_on`, because it cannot be solved now; the caller is told.

    Who approves it is its owner meanwhile. Raises Invalid when measures are missing or the date
    is not in the future, TransitionRefused while it waits for the caller.
    """
    if not measures.strip():
        raise Invalid(NO_MEASURES, field="measures")
    if review_on <= at.astimezone(ZONE).date():
        raise Invalid(N_("The review is on a day in the future."), field="review_on")
    if ticket.waiting_since_at is not None:
        raise TransitionRefused(N_("It waits for the caller: end that first."))
    before = ticket.status
    lifecycle.apply(
        ticket,
        Action.SUSPEND,
        actor=actor,
        at=at,
        reason=reason,
        together={"review_on": review_on},
        review_on=review_on.isoformat(),
        measures=measures.strip(),
    )
    ticket.suspended_from, ticket.suspended_measures = before, measures.strip()
    ticket.owner_id = actor.id
    handoff = queries.lead_of(ticket)
    if handoff is not None:
        clocks.follow(handoff, ticket, at=at)
    sentence = words.cannot_be_solved_now(measures.strip(), review_on)
    telling.have_the_hotline_tell(ticket, sentence, at=at)


def resume(ticket: Ticket, *, actor: User, at: datetime, reason: str = "") -> None:
    """Take `ticket` up again where it was; a department's limit moves by the pause."""
    handoff = queries.lead_of(ticket) if ticket.suspended_from is TicketStatus.ACCEPTED else None
    lifecycle.apply(
        ticket,
        Action.RESUME,
        actor=actor,
        at=at,
        reason=reason,
        together={"department_id": handoff.department_id if handoff else None},
    )
    ticket.suspended_from, ticket.suspended_measures = None, ""
    if handoff is None:
        operator = people.operator_of(ticket, at)
        ticket.owner_id = operator.id if operator else None
        return
    ticket.owner_id = handoff.handler_id
    _go_on(ticket, handoff, since=at, at=at)
    people.tell(
        people.handler_of(handoff),
        N_("No longer suspended: %(number)s."),
        ticket,
        at=at,
        key=f"handoff_resumed:{handoff.id}:{at:%Y%m%d%H%M%S}",
        actor=actor,
    )


def _go_on(ticket: Ticket, handoff: Handoff, *, since: datetime, at: datetime) -> None:
    """The limit moves by the pause; the date the caller was promised does not move untold."""
    clocks.follow(handoff, ticket, at=since)
    sentence = words.later_than_promised(handoff.department, handoff.handle_due_at)
    telling.keep_date(ticket, handoff, sentence, at=at)
