"""Closing because the caller was told, did not want to be, or brought no matter."""

from datetime import datetime

from sqlalchemy import select

from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.feedback import evidence, records
from hotline.feedback.evidence import Evidence
from hotline.feedback.records import Verdict
from hotline.i18n import N_
from hotline.permissions import Permission, has
from models import (
    Call,
    CallbackEnd,
    Feedback,
    How,
    NoMatterKind,
    OutboxMessage,
    Resolution,
    Satisfaction,
    Ticket,
    TicketStatus,
    User,
    db,
)

FROM_OPEN = (
    Resolution.ANSWERED_DIRECTLY,
    Resolution.EXPLAINED,
    Resolution.REFERRED,
    Resolution.DECLINED,
    Resolution.CLOSED_REPEAT,
)
FROM_ANSWERED = (
    Resolution.SOLVED,
    Resolution.EXPLAINED,
    Resolution.REFERRED,
    Resolution.DECLINED,
    Resolution.CLOSED_REPEAT,
)


def resolutions_for(ticket: Ticket) -> tuple[Resolution, ...]:
    """How `ticket` may end now when the caller was told in a call."""
    return FROM_ANSWERED if ticket.status is TicketStatus.ANSWERED else FROM_OPEN


def close_in_call(
    ticket: Ticket,
    proof: Evidence,
    *,
    actor: User,
    at: datetime,
    told: str,
    resolution: Resolution,
    verdict: Verdict | None = None,
) -> Feedback:
    """Close `ticket`: the caller was told `told` in the connected call or attempt `proof`.

    A caller who is not satisfied keeps the ticket open: it is worked on again, or the explanation
    is recorded by `explain` and signed by a supervisor. Raises Invalid or TransitionRefused.
    """
    verdict = verdict or Verdict()
    if verdict.satisfaction is Satisfaction.NOT_SATISFIED:
        raise TransitionRefused(
            N_(
                "The caller is not satisfied: let the department work on it again, or have a"
                " supervisor sign the explanation."
            ),
            field="satisfaction",
        )
    _check_resolution(ticket, resolution, actor)
    evidence.check_safety(ticket, proof)
    row = records.told_in_call(ticket, proof, actor=actor, at=at, told=told, verdict=verdict)
    records.close(ticket, row, resolution, actor=actor, at=at)
    return row


def close_told_by_department(ticket: Ticket, *, actor: User, at: datetime) -> Feedback:
    """Close on the department's word (承办告知) after the callback policy ran out.

    Shown beside the rates as 回访未接通, never counted as reached. Raises Forbidden for whoever
    answered, TransitionRefused while the caller has still to be rung.
    """
    handoff = evidence.told_by_department(ticket)
    if handoff is None:
        raise TransitionRefused(N_("The department has not said when it told the caller."))
    if handoff.answered_by_id == actor.id:
        raise Forbidden(N_("Nobody closes on their own word: let a colleague do it."))
    if evidence.exhausted_callback(ticket) is None:
        raise TransitionRefused(N_("The caller has still to be rung to confirm it."))
    row = records.record(
        ticket,
        How.TOLD_BY_DEPARTMENT,
        actor=actor,
        at=at,
        told=handoff.answer,
        handoff_id=handoff.id,
    )
    resolution = Resolution.SOLVED if handoff.is_solved else Resolution.EXPLAINED
    records.close(ticket, row, resolution, actor=actor, at=at, end=CallbackEnd.UNREACHABLE)
    return row


def close_told_by_message(
    ticket: Ticket, message: OutboxMessage, *, actor: User, at: datetime
) -> Feedback:
    """Close because `message` has arrived at the caller, who chose to be told that way (短信告知).

    A message cannot ask: the three questions stay unanswered. Raises TransitionRefused.
    """
    evidence.check_message(ticket, message)
    evidence.check_safety(ticket, None)
    row = records.record(
        ticket,
        How.MESSAGE_DELIVERED,
        actor=actor,
        at=at,
        told=message.body,
        message_id=message.id,
    )
    records.close(ticket, row, _resolution_of(ticket), actor=actor, at=at)
    return row


def _resolution_of(ticket: Ticket) -> Resolution:
    """How it ended where nobody could ask the caller: as its department says."""
    if ticket.status is not TicketStatus.ANSWERED:
        return Resolution.ANSWERED_DIRECTLY
    handoff = evidence.last_answer(ticket)
    solved = handoff is not None and handoff.is_solved
    return Resolution.SOLVED if solved else Resolution.EXPLAINED


def close_not_wanted(
    ticket: Ticket, *, actor: User, at: datetime, words: str, resolution: Resolution
) -> Feedback:
    """Close because the caller asked not to be told; `words` are the caller's own.

    Raises Invalid without them, TransitionRefused while a safety callback is owed.
    """
    if not words.strip():
        raise Invalid(N_("Write the caller's own words."), field="told")
    evidence.check_safety(ticket, None)
    _check_resolution(ticket, resolution, actor)
    row = records.record(ticket, How.NOT_WANTED, actor=actor, at=at, told=words.strip())
    records.close(ticket, row, resolution, actor=actor, at=at, end=CallbackEnd.NOT_NEEDED)
    return row


def close_no_matter(
    ticket: Ticket, call: Call, kind: NoMatterKind, *, actor: User, at: datetime
) -> Feedback:
    """Close a call that brought no matter: wrong number, silence, advert, nuisance, test.

    It is the work of whoever took the call, also when nothing was written down.
    Raises TransitionRefused where there is a matter, or nobody spoke in `call`.
    """
    if ticket.status is not TicketStatus.OPEN or ticket.handoff_count or _took_in(ticket):
        raise TransitionRefused(N_("There is a matter here already."))
    evidence.check(ticket, call)
    evidence.check_safety(ticket, call)
    ticket.operator_id = ticket.operator_id or call.operator_id
    row = records.record(ticket, How.NO_MATTER, actor=actor, at=at, call_id=call.id, no_matter=kind)
    records.close(ticket, row, Resolution.NO_MATTER, actor=actor, at=at, end=CallbackEnd.NOT_NEEDED)
    return row


def _took_in(ticket: Ticket) -> bool:
    """Whether another matter was merged into `ticket`: its caller waits here now."""
    merged = select(Ticket.id).where(Ticket.merged_into_id == ticket.id, Ticket.question != "")
    return db.session.scalar(merged.limit(1)) is not None


def _check_resolution(ticket: Ticket, resolution: Resolution, actor: User) -> None:
    if resolution not in resolutions_for(ticket):
        raise Invalid(N_("Say how the matter ended."), field="resolution")
    if resolution is Resolution.CLOSED_REPEAT and not has(actor, Permission.SUPERVISE):
        raise Forbidden(N_("Only a supervisor may decide that a repeated matter is not taken up."))
