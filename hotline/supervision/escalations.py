"""Limits that were over for others to hear of: who heard, and what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from hotline import access
from hotline.i18n import N_
from hotline.sla.ladder import ESCALATED
from hotline.supervision import keys
from models import Callback, Caller, Handoff, Ticket, TicketEvent, User, db

PAGE = 50
ACCEPTED, ANSWERED, DECIDED = N_("It was accepted"), N_("It was answered"), N_("It was decided")
RUNG, OVER, STILL = N_("The caller was rung"), N_("It is over"), N_("Still open")


@dataclass(frozen=True)
class Escalation:
    """A limit that was over, who heard of it, what became of it (a marked sentence) and when."""

    event: TicketEvent
    handoff: Handoff | None
    callback: Callback | None
    told: list[str]  # names
    became: str
    became_at: datetime | None


@dataclass(frozen=True)
class Page:
    rows: list[Escalation]
    after: str


def told_since(since: datetime, *, viewer: User, after: str = "") -> Page:
    """What others heard of since `since`, as far as `viewer` may see it, the latest first."""
    found = (
        select(TicketEvent)
        .join(TicketEvent.ticket)
        .where(TicketEvent.at >= since, TicketEvent.kind.in_(ESCALATED), access.visible(viewer))
        .options(
            joinedload(TicketEvent.ticket).joinedload(Ticket.caller).selectinload(Caller.numbers)
        )
    )
    key = keys.read(after)
    if key is not None:
        at, last_id = key
        found = found.where(
            or_(TicketEvent.at < at, and_(TicketEvent.at == at, TicketEvent.id < last_id))
        )
    latest = found.order_by(TicketEvent.at.desc(), TicketEvent.id.desc()).limit(PAGE + 1)
    events = list(db.session.scalars(latest))
    shown, more = events[:PAGE], len(events) > PAGE
    return Page(_with_ends(shown), keys.write(shown[-1].at, shown[-1].id) if more else "")


def _with_ends(events: Sequence[TicketEvent]) -> list[Escalation]:
    passages = select(Handoff).options(
        joinedload(Handoff.department), selectinload(Handoff.extensions)
    )
    handoffs = {
        one.id: one
        for one in db.session.scalars(passages.where(Handoff.id.in_(_named(events, "handoff"))))
    }
    rings = select(Callback).where(Callback.id.in_(_named(events, "callback")))
    callbacks = {one.id: one for one in db.session.scalars(rings)}
    people = {person for event in events for person in event.data.get("told", ())}
    found = select(User.id, User.display_name).where(User.id.in_(people))
    names = dict(db.session.execute(found).tuples().all())
    rows = []
    for event in events:
        handoff = handoffs.get(event.data.get("handoff", 0))
        callback = callbacks.get(event.data.get("callback", 0))
        became, at = _end_of(event, handoff, callback)
        told = [names[person] for person in event.data.get("told", ())]
        rows.append(Escalation(event, handoff, callback, told, became, at))
    return rows


def _named(events: Sequence[TicketEvent], what: str) -> set[int]:
    return {event.data[what] for event in events if what in event.data}


def _end_of(
    event: TicketEvent, handoff: Handoff | None, callback: Callback | None
) -> tuple[str, datetime | None]:
    """The first that settled it after somebody heard."""
    ends: list[tuple[datetime | None, str]] = []
    if callback is not None:
        ends = [(callback.first_attempt_at, RUNG), (callback.ended_at, OVER)]
    elif handoff is not None:
        own = {
            "accept": (handoff.accepted_at, ACCEPTED),
            "answer": (handoff.answered_at, ANSWERED),
            "return": (handoff.return_decided_at, DECIDED),
            "extension": (_decided_at(event, handoff), DECIDED),
        }
        ends = [own[event.kind.split("_")[1]], (handoff.ended_at, OVER)]
    after = ((word, at) for at, word in ends if at is not None and at >= event.at)
    return next(after, (STILL, None))


def _decided_at(event: TicketEvent, handoff: Handoff) -> datetime | None:
    """When somebody decided about the request for more time that `event` tells of."""
    named = event.data.get("extension")
    return next((one.decided_at for one in handoff.extensions if one.id == named), None)
