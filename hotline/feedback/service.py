"""Closing: every way in which a ticket may end, each with the proof that the caller was told.

The database holds the same rules (models/feedback.py, models/ticket.py); these functions say in a
sentence what is missing before it has to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from hotline.callbacks import service as callbacks
from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.feedback import evidence
from hotline.feedback.evidence import Evidence
from hotline.i18n import N_
from hotline.live_updates import service as live_updates
from hotline.permissions import Permission, has, require
from hotline.sla import policies
from hotline.tickets import lifecycle
from hotline.tickets.lifecycle import Action
from models import (
    Call,
    Callback,
    CallbackEnd,
    Feedback,
    Handoff,
    HandoffEnd,
    How,
    NoMatterKind,
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


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the caller said to the three questions; None: not asked."""

    was_contacted: bool | None = None
    is_solved: bool | None = None
    satisfaction: Satisfaction | None = None
    dissatisfaction: str = ""


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
    row = _told_in_call(ticket, proof, actor=actor, at=at, told=told, verdict=verdict)
    _close(ticket, row, resolution, actor=actor, at=at)
    return row


def explain(
    ticket: Ticket, proof: Evidence, *, actor: User, at: datetime, told: str, verdict: Verdict
) -> Feedback:
    """Record that the caller was told, is not satisfied, and that more cannot be done.

    The ticket stays `answered` until a supervisor other than `actor` signs (`sign_explanation`).
    """
    if ticket.status is not TicketStatus.ANSWERED:
        raise TransitionRefused(N_("There is no answer yet that could be explained."))
    if not verdict.dissatisfaction.strip():
        raise Invalid(N_("Write what the caller is not satisfied with."), field="dissatisfaction")
    require(actor, Permission.HANDLE_CALLS)
    row = _told_in_call(ticket, proof, actor=actor, at=at, told=told, verdict=verdict)
    row.asked_by_id = actor.id
    db.session.flush()
    callbacks.settle(ticket, at=at, end=CallbackEnd.KEPT)
    live_updates.post("supervisors", "ticket", at, ticket=ticket.id)
    return row


def sign_explanation(row: Feedback, *, actor: User, at: datetime) -> None:
    """A supervisor agrees that the explanation was right: the ticket closes as explained."""
    require(actor, Permission.SUPERVISE)
    if row.asked_by_id is None or row.signed_by_id is not None:
        raise TransitionRefused(N_("There is nothing to sign here."))
    _refuse_own(actor, row.asked_by_id)
    row.signed_by_id, row.signed_at = actor.id, at
    db.session.flush()
    _close(row.ticket, row, Resolution.EXPLAINED, actor=actor, at=at)


def close_told_by_department(ticket: Ticket, *, actor: User, at: datetime) -> Feedback:
    """Close on the department's word (承办告知) after the callback policy ran out.

    Shown beside the rates as 回访未接通, never counted as reached.
    """
    handoff = evidence.told_by_department(ticket)
    if handoff is None:
        raise TransitionRefused(N_("The department has not said when it told the caller."))
    if evidence.exhausted_callback(ticket) is None:
        raise TransitionRefused(N_("The caller has still to be rung to confirm it."))
    row = _record(
        ticket,
        How.TOLD_BY_DEPARTMENT,
        actor=actor,
        at=at,
        told=handoff.answer,
        handoff_id=handoff.id,
    )
    resolution = Resolution.SOLVED if handoff.is_solved else Resolution.EXPLAINED
    _close(ticket, row, resolution, actor=actor, at=at, end=CallbackEnd.UNREACHABLE)
    return row


def close_not_wanted(
    ticket: Ticket, *, actor: User, at: datetime, words: str, resolution: Resolution
) -> Feedback:
    """Close because the caller asked not to be told; `words` are the caller's own."""
    if not words.strip():
        raise Invalid(N_("Write the caller's own words."), field="told")
    _check_resolution(ticket, resolution, actor)
    row = _record(ticket, How.NOT_WANTED, actor=actor, at=at, told=words.strip())
    _close(ticket, row, resolution, actor=actor, at=at, end=CallbackEnd.NOT_NEEDED)
    return row


def close_no_matter(
    ticket: Ticket, call: Call, kind: NoMatterKind, *, actor: User, at: datetime
) -> Feedback:
    """Close a call that brought no matter: wrong number, silence, advert, nuisance, test."""
    if ticket.status is not TicketStatus.OPEN or ticket.handoff_count:
        raise TransitionRefused(N_("There is a matter here already."))
    evidence.check(ticket, call)
    row = _record(ticket, How.NO_MATTER, actor=actor, at=at, call_id=call.id, no_matter=kind)
    _close(ticket, row, Resolution.NO_MATTER, actor=actor, at=at, end=CallbackEnd.NOT_NEEDED)
    return row


def sign_unreachable(callback: Callback, *, actor: User, at: datetime) -> Feedback:
    """Sign that everything the policy asks for was tried in vain; the ticket closes.

    `actor` is a supervisor who made none of the attempts. Where the department has told the
    caller, that is the evidence instead.
    """
    require(actor, Permission.SUPERVISE)
    if callback.exhausted_at is None or callback.ended_at is not None:
        raise TransitionRefused(N_("The attempts are not exhausted yet."))
    tried = {attempt.by_id for attempt in callback.attempts}
    if actor.id in tried:
        raise Forbidden(N_("Nobody signs what they tried themselves."))
    ticket = callback.ticket
    if evidence.told_by_department(ticket) is not None:
        return close_told_by_department(ticket, actor=actor, at=at)
    row = _record(
        ticket,
        How.UNREACHABLE,
        actor=actor,
        at=at,
        asked_by_id=callback.exhausted_by_id,
        signed_by_id=actor.id,
        signed_at=at,
    )
    _close(ticket, row, Resolution.UNREACHABLE, actor=actor, at=at, end=CallbackEnd.UNREACHABLE)
    return row


def sign_no_way_to_reach(ticket: Ticket, *, actor: User, at: datetime) -> Feedback:
    """Sign that a caller without a number did not ask again (留待查询) for days enough."""
    require(actor, Permission.SUPERVISE)
    if ticket.callback_number:
        raise TransitionRefused(N_("There is a number to ring."))
    since = evidence.kept_for_the_caller_since(ticket)
    wait = timedelta(days=policies.get("no_number_days"))
    if since is None or at - since < wait:
        raise TransitionRefused(
            N_("The answer is kept for the caller for %(days)d days first."), days=wait.days
        )
    asked_by = evidence.asked_by(ticket)
    if asked_by is None:
        raise TransitionRefused(N_("There is nothing to sign here."))
    _refuse_own(actor, asked_by)
    row = _record(
        ticket,
        How.NO_WAY_TO_REACH,
        actor=actor,
        at=at,
        asked_by_id=asked_by,
        signed_by_id=actor.id,
        signed_at=at,
    )
    _close(ticket, row, Resolution.UNREACHABLE, actor=actor, at=at, end=CallbackEnd.NOT_NEEDED)
    return row


def withdraw(ticket: Ticket, proof: Evidence, *, actor: User, at: datetime, words: str) -> Feedback:
    """Close because the caller takes the matter back, in own `words`, in a connected call."""
    row = _told_in_call(ticket, proof, actor=actor, at=at, told=words, verdict=Verdict())
    departments = _end_handoffs(ticket, HandoffEnd.WITHDRAWN, at)
    _close(
        ticket,
        row,
        Resolution.WITHDRAWN,
        actor=actor,
        at=at,
        action=Action.WITHDRAW,
        reason=words,
        end=CallbackEnd.NOT_NEEDED,
    )
    for department_id in departments:
        live_updates.post(f"department:{department_id}", "queue", at, ticket=ticket.id)
    return row


def merge(ticket: Ticket, into: Ticket, *, actor: User, at: datetime) -> Feedback:
    """Close `ticket` into another one of the same caller; its debts go along.

    Raises TransitionRefused for another caller's ticket (link those), a closed one, or itself.
    """
    if ticket.id == into.id:
        raise TransitionRefused(N_("A ticket cannot be merged into itself."), field="into")
    if ticket.caller_id != into.caller_id:
        raise TransitionRefused(
            N_("That ticket is another caller's: link them, so that each is told."), field="into"
        )
    if into.status is TicketStatus.CLOSED:
        raise TransitionRefused(N_("That ticket is closed."), field="into")
    row = _record(ticket, How.MOVED, actor=actor, at=at, moved_to_id=into.id)
    _end_handoffs(ticket, HandoffEnd.MERGED, at)
    _move_debts(ticket, into, at)
    _close(
        ticket,
        row,
        Resolution.MERGED,
        actor=actor,
        at=at,
        action=Action.MERGE,
        together={"merged_into_id": into.id},
        into=into.number,
        end=CallbackEnd.NOT_NEEDED,
    )
    return row


def reopen(ticket: Ticket, *, actor: User, at: datetime, reason: str) -> None:
    """Take up a closed ticket again, because the result was wrong or not kept.

    Raises TransitionRefused after the days of the policy, or when there was no result.
    """
    if ticket.resolution in (Resolution.MERGED, Resolution.NO_MATTER):
        raise TransitionRefused(N_("This ticket had no result that could be wrong."))
    days = policies.get("reopen_days")
    if ticket.closed_at is not None and at - ticket.closed_at > timedelta(days=days):
        raise TransitionRefused(
            N_("It closed more than %(days)d days ago: open a new ticket and link it."), days=days
        )
    lifecycle.apply(ticket, Action.REOPEN, actor=actor, at=at, reason=reason)
    live_updates.post("hotline", "ticket", at, ticket=ticket.id)


def explanations_to_sign(viewer: User) -> list[Feedback]:
    """What waits for a supervisor's signature, oldest first, less what `viewer` asked for."""
    found = (
        select(Feedback)
        .join(Ticket, Ticket.id == Feedback.ticket_id)
        .where(
            Feedback.satisfaction == Satisfaction.NOT_SATISFIED,
            Feedback.asked_by_id.is_not(None),
            Feedback.signed_by_id.is_(None),
            Feedback.asked_by_id != viewer.id,
            Ticket.status == TicketStatus.ANSWERED,
        )
        .order_by(Feedback.at)
    )
    return list(db.session.scalars(found))


def _check_resolution(ticket: Ticket, resolution: Resolution, actor: User) -> None:
    if resolution not in resolutions_for(ticket):
        raise Invalid(N_("Say how the matter ended."), field="resolution")
    if resolution is Resolution.CLOSED_REPEAT and not has(actor, Permission.SUPERVISE):
        raise Forbidden(N_("Only a supervisor may decide that a repeated matter is not taken up."))


def _refuse_own(actor: User, asked_by_id: int) -> None:
    if actor.id == asked_by_id:
        raise Forbidden(N_("Nobody signs what they asked for themselves."))


def _told_in_call(
    ticket: Ticket, proof: Evidence, *, actor: User, at: datetime, told: str, verdict: Verdict
) -> Feedback:
    evidence.check(ticket, proof)
    if not told.strip():
        raise Invalid(N_("Write what the caller was told."), field="told")
    return _record(
        ticket,
        How.IN_CALL,
        actor=actor,
        at=at,
        told=told.strip(),
        call_id=proof.id if isinstance(proof, Call) else proof.call_id,
        attempt_id=None if isinstance(proof, Call) else proof.id,
        was_contacted=verdict.was_contacted,
        is_solved=verdict.is_solved,
        satisfaction=verdict.satisfaction,
        dissatisfaction=verdict.dissatisfaction.strip(),
    )


def _record(ticket: Ticket, how: How, *, actor: User, at: datetime, **fields: object) -> Feedback:
    row = Feedback(ticket_id=ticket.id, how=how, at=at, recorded_by_id=actor.id, **fields)
    db.session.add(row)
    db.session.flush()
    return row


def _close(
    ticket: Ticket,
    row: Feedback,
    resolution: Resolution,
    *,
    actor: User,
    at: datetime,
    action: Action = Action.CLOSE,
    reason: str = "",
    end: CallbackEnd = CallbackEnd.KEPT,
    together: Mapping[str, object] | None = None,
    **data: object,
) -> None:
    callbacks.settle(ticket, at=at, end=end)
    _end_handoffs(ticket, HandoffEnd.RECALLED, at)
    lifecycle.apply(
        ticket,
        action,
        actor=actor,
        at=at,
        reason=reason,
        feedback=row,
        resolution=resolution,
        together=together,
        how=row.how.value,
        resolution_word=resolution.value,
        **data,
    )
    live_updates.post("hotline", "ticket", at, ticket=ticket.id)


def _end_handoffs(ticket: Ticket, end: HandoffEnd, at: datetime) -> list[int]:
    """End what still runs at departments, lead and assisting; return their ids."""
    running = select(Handoff).where(Handoff.ticket_id == ticket.id, Handoff.ended_at.is_(None))
    departments = []
    for handoff in db.session.scalars(running):
        handoff.ended_at, handoff.end = at, end
        departments.append(handoff.department_id)
    return departments


def _move_debts(ticket: Ticket, into: Ticket, at: datetime) -> None:
    """What was promised about `ticket` is now promised about `into`, unless that was already."""
    kinds = {debt.kind for debt in evidence.open_callbacks(into)}
    for debt in evidence.open_callbacks(ticket):
        if debt.kind not in kinds:
            debt.ticket = into
    db.session.flush()
