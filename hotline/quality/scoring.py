"""Scoring what was drawn, taking it over, and sending an answer back before anybody is told."""

from datetime import datetime

from hotline.errors import Forbidden, TransitionRefused
from hotline.handoffs import queries as handoffs_seen
from hotline.handoffs import service as handoffs
from hotline.i18n import N_
from hotline.outbox import service as outbox
from hotline.permissions import Permission, require
from hotline.quality import conflicts, history, marks, sheets
from hotline.quality.marks import Marks
from hotline.sla import deadlines, policies
from hotline.tickets import lifecycle
from hotline.tickets.lifecycle import Action
from models import Handoff, Inspection, TicketStatus, User, Work, db

OWN_WORK = N_("You had a part in this ticket: somebody else has to inspect it.")


def take(inspection: Inspection, *, actor: User, at: datetime) -> None:
    """Inspect instead of whoever it was given to. Raises Forbidden or TransitionRefused."""
    check_free(inspection, actor)
    if inspection.scored_at is not None:
        raise TransitionRefused(N_("It has been scored already."))
    history.add(inspection, "take", actor=actor, at=at, before=inspection.inspector_id)
    inspection.inspector_id = actor.id


def score(inspection: Inspection, given: Marks, *, actor: User, at: datetime) -> None:
    """Write down the marks, once, and tell whose work it is.

    Raises Forbidden for anybody but the inspector, Invalid or Several naming what is missing.
    """
    check_free(inspection, actor)
    if inspection.inspector_id != actor.id:
        raise Forbidden(N_("Somebody else inspects this: take it over first."))
    if inspection.scored_at is not None:
        raise TransitionRefused(N_("It has been scored already."))
    inspection.appeal_until_at = deadlines.appeal_until(at)
    write(inspection, given)  # and at once who did, because the database looks at both together
    inspection.scored_at, inspection.scored_by_id = at, actor.id
    db.session.flush()
    history.add(
        inspection, "score", actor=actor, at=at, total=inspection.total, marks=inspection.marks
    )
    tell(inspection, N_("Your work on %(number)s was inspected: %(total)s of 100."), at, "scored")


def write(inspection: Inspection, given: Marks) -> None:
    """The marks and what comes of them. Raises Invalid or Several."""
    criteria = sheets.criteria_of(inspection.sheet)
    marks.check(given, criteria)
    result, least = marks.score(given, criteria), policies.get("inspection_pass_points")
    inspection.marks = given.as_data()
    inspection.total, inspection.is_knocked_out = result.total, result.is_knocked_out
    inspection.is_passed = result.passes(least)


def may_send_back(inspection: Inspection, user: User) -> bool:
    """Whether the answer that was inspected still stands, untold, and `user` may send it back."""
    ticket = inspection.ticket
    return (
        inspection.work is Work.ANSWER
        and inspection.scored_at is not None
        and inspection.inspector_id == user.id
        and ticket.status is TicketStatus.ANSWERED
        and _is_last(inspection)
        and lifecycle.may(Action.REWORK, ticket, user)
    )


def send_back(inspection: Inspection, reason: str, *, actor: User, at: datetime) -> Handoff:
    """Send a scored answer back to its department (重办); the promised callback waits for the new
    one.

    Raises Forbidden, or TransitionRefused when the caller was told meanwhile.
    """
    check_free(inspection, actor)
    if inspection.work is not Work.ANSWER or inspection.scored_at is None:
        raise TransitionRefused(N_("Score the answer first, so that the department reads why."))
    if inspection.inspector_id != actor.id:
        raise Forbidden(N_("Somebody else inspects this: take it over first."))
    if not _is_last(inspection):
        raise TransitionRefused(N_("There is a newer answer than the one inspected."))
    handoff = handoffs.rework(inspection.ticket, actor=actor, at=at, reason=reason)
    inspection.sent_back_at = at
    history.add(inspection, "send_back", actor=actor, at=at, words=reason)
    return handoff


def check_free(inspection: Inspection, actor: User) -> None:
    """Refuse whoever may not inspect, or had a part in the ticket. Raises Forbidden."""
    require(actor, Permission.REVIEW)
    if actor.id == inspection.person_id or conflicts.has_part(actor, inspection.ticket):
        raise Forbidden(OWN_WORK)


def tell(inspection: Inspection, sentence: str, at: datetime, what: str) -> None:
    """Tell whose work it is; nobody else hears what others have scored."""
    outbox.notify(
        inspection.person,
        sentence,
        at=at,
        dedupe_key=f"inspection_{what}:{inspection.id}",
        number=inspection.ticket.number,
        total=inspection.total,
    )


def _is_last(inspection: Inspection) -> bool:
    last = handoffs_seen.last_lead_of(inspection.ticket)
    return last is not None and last.id == inspection.handoff_id
