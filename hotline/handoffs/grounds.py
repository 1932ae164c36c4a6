"""What the limit of a handoff rests on: how it began, each move with its reason, when it is due."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline import access
from hotline.errors import NotFound
from hotline.handoffs import clocks, moves
from hotline.handoffs.moves import Why
from hotline.sla import deadlines, limits
from hotline.sla.limits import Limit
from hotline.sla.policy_table import Unit
from hotline.sla.reckoning import Reckoning
from models import Extension, Handoff, Level, Urgency, User, db


class Clock(StrEnum):
    ACCEPT = "accept"
    HANDLE = "handle"


@dataclass(frozen=True)
class Step:
    """One move of a limit. What does not belong to its kind is None."""

    why: Why
    at: datetime
    to: datetime
    since: datetime | None = None
    until: datetime | None = None
    counted_seconds: int = 0  # of a pause: the time that does not count
    urgency: Urgency | None = None
    limit: Limit | None = None
    extension: Extension | None = None
    level: Level | None = None


@dataclass(frozen=True)
class Ground:
    """Why `handoff` is due when it is due. Without `reckoning` the calendar has changed so that the
    way from the start to where the limit first lay cannot be told any more."""

    handoff: Handoff
    limit: Limit
    first_due_at: datetime
    due_at: datetime
    reckoning: Reckoning | None
    steps: tuple[Step, ...] = ()


def get(handoff_id: int, *, viewer: User) -> Handoff:
    """The handoff with this id, of a ticket that `viewer` may see. Raises NotFound."""
    found = (
        select(Handoff)
        .join(Handoff.ticket)
        .where(Handoff.id == handoff_id, access.visible(viewer))
        .options(joinedload(Handoff.extensions).joinedload(Extension.decided_by))
    )
    handoff = db.session.scalars(found).unique().one_or_none()
    if handoff is None:
        raise NotFound
    return handoff


def of(handoff: Handoff, clock: Clock) -> Ground:
    """What a limit of `handoff` rests on."""
    if clock is Clock.ACCEPT and handoff.accept_due_at != handoff.handle_due_at:
        due_at, limit = handoff.accept_due_at, limits.of("accept_minutes")
        return Ground(handoff, limit, due_at, due_at, _told(handoff, limit, due_at))
    limit, due_at = clocks.limit_of(handoff), handoff.handle_due_at
    first = handoff.first_due_at
    steps = tuple(_step(handoff, one) for one in handoff.moves)
    return Ground(handoff, limit, first, due_at, _told(handoff, limit, first), steps)


def _told(handoff: Handoff, limit: Limit, due_at: datetime) -> Reckoning | None:
    """The way from the hand-off to `due_at`, if what it counts adds up to `limit`."""
    told = deadlines.reckon(handoff.handed_off_at, due_at, handoff.department, limit.unit)
    counted = told.working_days if told.counts_days else told.counted.total_seconds() / 60
    return told if counted == limit.amount else None


def _step(handoff: Handoff, facts: dict[str, Any]) -> Step:
    since, until = (
        moves.instant(facts, name) if name in facts else None for name in ("since", "until")
    )
    asked = next((one for one in handoff.extensions if one.id == facts.get("extension")), None)
    stood = 0
    if since is not None and until is not None:
        by_the_wall = facts.get("by_the_wall", False)
        stood = deadlines.spent(since, until, handoff.department, by_the_wall=by_the_wall)
    return Step(
        Why(facts["why"]),
        moves.instant(facts, "at"),
        moves.instant(facts, "to"),
        since,
        until,
        stood,
        Urgency(facts["urgency"]) if "urgency" in facts else None,
        Limit(facts["amount"], Unit(facts["unit"])) if "amount" in facts else None,
        asked,
        asked.level if asked is not None else None,
    )
