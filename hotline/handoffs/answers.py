"""A department's answer (办理答复), and sending it back to be done again (重办)."""

from dataclasses import dataclass
from datetime import datetime

from hotline import access
from hotline.callbacks import service as callbacks
from hotline.callbacks.promises import ABOUT_THE_RESULT
from hotline.callers import service as callers
from hotline.errors import Invalid, TransitionRefused
from hotline.handoffs import accepting, clocks, new_dates, people, queries, telling
from hotline.handoffs.handing_off import lead
from hotline.i18n import N_
from hotline.permissions import Permission, has
from hotline.refusals import Refusals
from hotline.sla import deadlines, policies
from hotline.tickets import lifecycle, search, supervision
from hotline.tickets.lifecycle import Action
from models import (
    CallbackEnd,
    CallbackKind,
    Handoff,
    HandoffEnd,
    HandoffRole,
    Ticket,
    TicketStatus,
    User,
    db,
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a department says when it has done its part; what is internal stands apart."""

    is_solved: bool | None  # None, that nobody said it, is refused
    report: str  # what was done; nobody outside reads it
    words: str  # 答复口径: what the caller is told
    why_not_solved: str = ""
    told_at: datetime | None = None  # the department has told the caller itself
    told_number: str = ""
    told_by: str = ""
    money_recovered_fen: int = 0


def answer(ticket: Ticket, what: Answer, *, actor: User, at: datetime) -> Handoff:
    """Write down the department's answer and promise the caller to hear of it.

    From the queue it accepts in the same act. The ticket goes back to the operator who took the
    call while on duty, else to the pool. Raises Invalid naming the field.
    """
    handoff = lead(ticket)
    check_answer(ticket, what, actor=actor, at=at)
    number = callers.number_to_ring(what.told_number) if what.told_at else ""
    if ticket.status is TicketStatus.QUEUED:
        accepting.accept(ticket, actor=actor, at=at)
    until = min(at, ticket.waiting_until_at or at)  # who answers does not wait any more
    lifecycle.apply(
        ticket,
        Action.ANSWER,
        actor=actor,
        at=at,
        department=handoff.department_id,
        handoff=handoff.id,
        round=handoff.round,
        is_solved=what.is_solved,
    )
    _write(handoff, what, number, actor, at)
    clocks.go_on(handoff, at=until)
    clocks.stop(handoff, HandoffEnd.ANSWERED, at=at)
    if what.money_recovered_fen:
        ticket.money_recovered_fen += what.money_recovered_fen
        ticket.money_recovered_at = ticket.money_recovered_at or at
    operator = people.operator_of(ticket, at)
    ticket.owner_id = operator.id if operator else None
    _promise(ticket, handoff, operator, at)
    search.index(ticket)
    return handoff


def rework(ticket: Ticket, *, actor: User, at: datetime, reason: str) -> Handoff:
    """Send the answer back: a new round for the same department and handler, with its own limit.

    The second rework raises the ticket to a supervisor. The promise to tell the caller waits for
    the new answer. Raises Forbidden or TransitionRefused.
    """
    before = queries.last_lead_of(ticket)
    if before is None or before.end is not HandoffEnd.ANSWERED:
        raise TransitionRefused(N_("No department has answered this ticket."))
    lifecycle.apply(
        ticket,
        Action.REWORK,
        actor=actor,
        at=at,
        reason=reason,
        together={"department_id": before.department_id},
        department=before.department_id,
        round=before.round + 1,
    )
    handoff = _next_round(before, ticket, actor, at, reason)
    ticket.rework_count += 1
    ticket.owner_id = handoff.handler_id
    callbacks.settle(ticket, at=at, end=CallbackEnd.NOT_NEEDED, kinds=ABOUT_THE_RESULT)
    telling.say(ticket, handoff, at=at)
    if ticket.rework_count >= policies.get("supervised_after_reworks"):
        supervision.raise_by_itself(ticket, at=at, because="reworks")
    people.tell(
        people.staff_of(handoff.department),
        N_("To be done again: %(number)s."),
        ticket,
        at=at,
        key=f"handoff_rework:{handoff.id}",
        actor=actor,
    )
    return handoff


def check_answer(ticket: Ticket, what: Answer, *, actor: User, at: datetime) -> None:
    """Refuse an answer that leaves something out. Raises Invalid or Several."""
    handoff = lead(ticket)
    with Refusals() as wrong:
        if what.is_solved is None:
            wrong.refuse(N_("Say whether it is solved."), field="is_solved")
        if not what.report.strip():
            wrong.refuse(N_("Write what was done."), field="report")
        if not what.words.strip():
            wrong.refuse(N_("Write what the caller is to be told."), field="words")
        if what.is_solved is False and not what.why_not_solved.strip():
            wrong.refuse(N_("Say why it is not solved."), field="why_not_solved")
        if what.money_recovered_fen < 0:
            wrong.refuse(N_("Write an amount of money, like 12000 or 350.50."), field="money")
        if what.told_at is not None:
            wrong.read(_check_telling, ticket, handoff, what, actor, at)


def _check_telling(
    ticket: Ticket, handoff: Handoff, what: Answer, actor: User, at: datetime
) -> None:
    """Refuse that the department told the caller, if that cannot be or is told by halves."""
    if not access.may_know_caller(actor, ticket):
        raise Invalid(N_("A confidential caller is told by the hotline only."), field="told_at")
    with Refusals() as wrong:
        if what.told_at is None or not handoff.handed_off_at <= what.told_at <= at:
            sentence = N_("The caller was told between the hand-off and now.")
            wrong.refuse(sentence, field="told_at")
        if not what.told_by.strip():
            wrong.refuse(N_("Write who told the caller."), field="told_by")
        if not what.told_number.strip():
            sentence = N_("Write the number on which the caller was told.")
            wrong.refuse(sentence, field="told_number")
        wrong.read(_number_told, what.told_number)


def _number_told(typed: str) -> str:
    try:
        return callers.number_to_ring(typed)
    except Invalid as refusal:
        raise Invalid(refusal.sentence, field="told_number") from refusal


def _write(handoff: Handoff, what: Answer, number: str, actor: User, at: datetime) -> None:
    handoff.answered_at, handoff.answered_by_id = at, actor.id
    handoff.is_solved = what.is_solved
    handoff.why_not_solved = "" if what.is_solved else what.why_not_solved.strip()
    handoff.report, handoff.answer = what.report.strip(), what.words.strip()
    handoff.told_caller_at = what.told_at
    handoff.told_caller_number = number
    handoff.told_caller_by = what.told_by.strip() if what.told_at else ""


def _promise(ticket: Ticket, handoff: Handoff, operator: User | None, at: datetime) -> None:
    """Tell the result; where the department has told the caller, ask whether that is so."""
    told = handoff.told_caller_at is not None
    if told:
        new_dates.drop(ticket, at=at)
    callbacks.promise(
        ticket,
        CallbackKind.FOLLOW_UP if told else CallbackKind.TELL,
        at=at,
        owner=operator,
        words=handoff.answer,
        due_at=deadlines.follow_up_due(at) if told else deadlines.tell_due(at),
    )


def _next_round(before: Handoff, ticket: Ticket, actor: User, at: datetime, reason: str) -> Handoff:
    handler = before.handler
    is_there = handler is not None and (
        has(handler, Permission.WORK_QUEUE, Permission.SUPERVISE)
        and before.department_id in access.departments_of(handler)
    )
    handoff = Handoff(
        ticket=ticket,
        department=before.department,
        role=HandoffRole.LEAD,
        round=before.round + 1,
        note=reason.strip(),
        handed_off_at=at,
        handed_off_by_id=actor.id,
        accepted_at=at,
        handler_id=before.handler_id if is_there else None,
    )
    with db.session.no_autoflush:
        clocks.start_again(handoff)
    db.session.add(handoff)
    db.session.flush()
    return handoff
