"""What one person alone may not decide: a second one signs, and the ticket closes, or a ring ends
that was tried in vain while a department has it."""

from datetime import datetime, timedelta

from sqlalchemy import select

from hotline import access
from hotline.callbacks import service as callbacks
from hotline.callbacks.queries import has_tried
from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.feedback import evidence, records
from hotline.feedback.closing import close_told_by_department
from hotline.feedback.evidence import Evidence
from hotline.feedback.records import Verdict
from hotline.i18n import N_
from hotline.live_updates import service as live_updates
from hotline.permissions import Permission, require
from hotline.sla import policies
from hotline.tickets import lifecycle, signatures, supervision
from hotline.tickets import service as tickets
from hotline.tickets.lifecycle import AT_HOTLINE, Action
from models import (
    Callback,
    CallbackEnd,
    Feedback,
    How,
    Resolution,
    Ticket,
    TicketStatus,
    User,
    db,
)


def explain(
    ticket: Ticket, proof: Evidence, *, actor: User, at: datetime, told: str, verdict: Verdict
) -> Feedback:
    """Record that the caller was told, is not satisfied, and that more cannot be done.

    The ticket stays `answered` until a supervisor other than `actor` signs (`sign_explanation`).
    Raises Forbidden, TransitionRefused without an answer or a conversation in which it could be
    heard, and Invalid when it is not written what was told or what is wrong.
    """
    if ticket.status is not TicketStatus.ANSWERED:
        raise TransitionRefused(N_("There is no answer yet that could be explained."))
    if not verdict.dissatisfaction.strip():
        raise Invalid(N_("Write what the caller is not satisfied with."), field="dissatisfaction")
    if not lifecycle.may(Action.CLOSE, ticket, actor):
        raise Forbidden
    row = records.told_in_call(
        ticket, proof, actor=actor, at=at, told=told, verdict=verdict, asked_by_id=actor.id
    )
    supervision.count_dissatisfied(ticket, at=at)
    lifecycle.outdate(ticket)
    callbacks.settle(ticket, at=at, end=CallbackEnd.KEPT)
    live_updates.post("supervisors", "ticket", at, ticket=ticket.id)
    return row


def sign_explanation(row: Feedback, *, actor: User, at: datetime) -> None:
    """A supervisor agrees that the explanation was right: the ticket closes as explained.

    Raises Forbidden for who asked for it, TransitionRefused for what is signed, never was one, or
    explains another answer than the present one.
    """
    require(actor, Permission.SUPERVISE)
    waits = select(Feedback.id).where(Feedback.id == row.id, signatures.explained())
    if row.asked_by_id is None or db.session.scalar(waits) is None:
        raise TransitionRefused(N_("There is nothing to sign here."))
    _refuse_own(actor, row.asked_by_id)
    row.signed_by_id, row.signed_at = actor.id, at
    db.session.flush()
    records.close(row.ticket, row, Resolution.EXPLAINED, actor=actor, at=at)


def sign_unreachable(callback: Callback, *, actor: User, at: datetime) -> Feedback:
    """Sign that everything the policy asks for was tried in vain; the ticket closes.

    `actor` is a supervisor who made none of the attempts. Where the department has told the
    caller, that is the evidence instead. Raises Forbidden, or TransitionRefused before that and
    while another promise about the ticket has to be tried first.
    """
    _check_tried_in_vain(callback, actor)
    ticket = callback.ticket
    if evidence.told_by_department(ticket) is not None:
        return close_told_by_department(ticket, actor=actor, at=at)
    row = records.record(
        ticket,
        How.UNREACHABLE,
        actor=actor,
        at=at,
        asked_by_id=callback.exhausted_by_id,
        signed_by_id=actor.id,
        signed_at=at,
    )
    records.close(
        ticket, row, Resolution.UNREACHABLE, actor=actor, at=at, end=CallbackEnd.UNREACHABLE
    )
    return row


def sign_unreached(callback: Callback, *, actor: User, at: datetime) -> None:
    """Sign the same of a ring about a matter that goes on: the ring is over, the ticket is not.

    What could not be said is kept with the story, and is said when the caller rings; nobody is
    rung for it again unless there is something new to say, or another number. Raises as
    `sign_unreachable` does, and TransitionRefused where the ticket would have to be closed.
    """
    _check_tried_in_vain(callback, actor)
    ticket = callback.ticket
    if ticket.status in AT_HOTLINE:
        raise TransitionRefused(N_("The hotline has this ticket: sign that it is closed."))
    callbacks.settle(ticket, at=at, end=CallbackEnd.UNREACHABLE, kinds=(callback.kind,))
    tickets.note_fact(
        ticket,
        "sign_unreached",
        at=at,
        actor=actor,
        callback=callback.id,
        callback_kind=callback.kind.value,
        words=callback.words,
        asked_by=callback.exhausted_by_id,
    )
    lifecycle.outdate(ticket)


def _check_tried_in_vain(callback: Callback, actor: User) -> None:
    require(actor, Permission.SUPERVISE)
    tried = select(Callback.id).where(Callback.id == callback.id, signatures.tried_in_vain())
    if db.session.scalar(tried) is None:
        raise TransitionRefused(N_("The attempts are not exhausted yet."))
    if has_tried(callback, actor):
        raise Forbidden(N_("Nobody signs what they tried themselves."))


def sign_no_way_to_reach(ticket: Ticket, *, actor: User, at: datetime) -> Feedback:
    """Sign that a caller without a number did not ask again (留待查询) for days enough.

    Raises Forbidden for whose work it is (`evidence.asked_by`, `signatures.asked_by`),
    TransitionRefused before the days of the policy are over or when there is a number to ring.
    """
    require(actor, Permission.SUPERVISE)
    if evidence.has_number(ticket):
        raise TransitionRefused(N_("There is a number to ring."))
    wait = timedelta(days=policies.get("no_number_days"))
    if not evidence.holds(ticket, signatures.kept_since(at - wait)):
        raise TransitionRefused(
            N_("The answer is kept for the caller for %(days)d days first."), days=wait.days
        )
    asked_by = evidence.asked_by(ticket)
    if asked_by is None:
        raise TransitionRefused(N_("There is nothing to sign here."))
    if evidence.holds(ticket, signatures.asked_by(actor)):
        asked_by = actor.id
    _refuse_own(actor, asked_by)
    row = records.record(
        ticket,
        How.NO_WAY_TO_REACH,
        actor=actor,
        at=at,
        asked_by_id=asked_by,
        signed_by_id=actor.id,
        signed_at=at,
    )
    records.close(
        ticket, row, Resolution.UNREACHABLE, actor=actor, at=at, end=CallbackEnd.NOT_NEEDED
    )
    return row


def explanations_to_sign(viewer: User) -> list[Feedback]:
    """What waits for a supervisor's signature, oldest first, less what `viewer` asked for."""
    found = (
        select(Feedback)
        .join(Ticket, Ticket.id == Feedback.ticket_id)
        .where(
            signatures.explained(),
            Feedback.asked_by_id != viewer.id,
            access.visible(viewer),
        )
        .order_by(Feedback.at)
    )
    return list(db.session.scalars(found))


def unsigned_explanation(ticket: Ticket) -> Feedback | None:
    """The latest explanation about `ticket` that waits for a supervisor's signature."""
    found = select(Feedback).where(Feedback.ticket_id == ticket.id, signatures.explained())
    return db.session.scalars(found.order_by(Feedback.id.desc())).first()


def _refuse_own(actor: User, asked_by_id: int) -> None:
    if actor.id == asked_by_id:
        raise Forbidden(N_("Nobody signs what they asked for themselves."))
