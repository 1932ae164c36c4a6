"""The calls that rang here, and how they went: one set of conditions for the rates and the lists.

What was logged by hand has no ring and is not among them. docs/decisions says what is counted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from hotline import access
from hotline.sla import policies
from models import BY_HAND, Call, CallResult, CallState, Direction, Ticket, User

Condition = ColumnElement[bool]
A_DAY = timedelta(hours=24)
RANG = and_(Call.direction == Direction.INBOUND, Call.provider.not_in(BY_HAND))
CONNECTED = Call.answered_at.is_not(None)
UNANSWERED = and_(Call.answered_at.is_(None), Call.state == CallState.ENDED)
WAITS = and_(Call.ended_at.is_(None), Call.state.in_((CallState.RINGING, CallState.WAITING)))
GAVE_UP_AT_ONCE = Call.result == CallResult.HUNG_UP_EARLY


def _in_time() -> Condition:
    return and_(CONNECTED, Call.pickup_seconds <= policies.get("pickup_seconds"))


def _late() -> Condition:
    slow = or_(Call.pickup_seconds.is_(None), Call.pickup_seconds > policies.get("pickup_seconds"))
    return and_(CONNECTED, slow)


def _with_result(result: CallResult) -> Callable[[], Condition]:
    return lambda: and_(UNANSWERED, Call.result == result)


def _unconnected() -> Condition:
    return and_(UNANSWERED, or_(Call.result.is_(None), Call.result != CallResult.HUNG_UP_EARLY))


# How a call went, by the word that a link says. `counted`, `under_way` and `hung_up_early` together
# are all calls, each once.
FATES: dict[str, Callable[[], Condition]] = {
    "counted": lambda: or_(CONNECTED, _unconnected()),
    "connected": lambda: CONNECTED,
    "unconnected": _unconnected,
    "waiting": lambda: WAITS,
    "under_way": lambda: and_(Call.answered_at.is_(None), Call.state != CallState.ENDED),
    "hung_up_early": lambda: and_(UNANSWERED, GAVE_UP_AT_ONCE),
    "in_time": _in_time,
    "late": _late,
    "missed": _with_result(CallResult.MISSED),
    "abandoned": _with_result(CallResult.ABANDONED),
    "voicemail": _with_result(CallResult.VOICEMAIL),
    "failed": _with_result(CallResult.FAILED),
}


@dataclass(frozen=True)
class Share:
    """So many of so many; nothing of nothing is no rate."""

    part: int
    whole: int

    @property
    def permille(self) -> int | None:
        """Rounded down, so that what is below a target never reads as if it had reached it."""
        return self.part * 1000 // self.whole if self.whole else None

    def reaches(self, percent: int) -> bool:
        """Whether it is at least `percent` of the whole."""
        return self.part * 100 >= percent * self.whole


@dataclass(frozen=True)
class Rates:
    """The calls of a stretch of time, each in one of four; and how many were answered in time."""

    connected: int
    unconnected: int
    under_way: int
    hung_up_early: int
    in_time: int

    @property
    def connection(self) -> Share:
        """接通率: of the calls that are over and did not give up at once."""
        return Share(self.connected, self.connected + self.unconnected)

    @property
    def pick_up(self) -> Share:
        """Of the connected ones, those picked up within the limit."""
        return Share(self.in_time, self.connected)


@dataclass(frozen=True)
class Waiting:
    """The calls on which nobody has picked up yet: how many, and since when the longest waits."""

    number: int
    since_at: datetime | None


COUNTED = ("connected", "unconnected", "under_way", "hung_up_early", "in_time")


def tally(since: datetime, viewer: User | None) -> Select[Any]:
    """The one row that `rates_and_waiting` reads: of the calls that rang after `since`, and of who
    waits on the line now.

    Within what `viewer` may see; None is a wall, which shows the whole house and no row of it.
    """
    counts = (func.count().filter(FATES[fate]()).label(fate) for fate in COUNTED)
    on_the_line = (
        _seen(select(one).where(RANG, WAITS), viewer).correlate(None).scalar_subquery().label(name)
        for name, one in (("waiting", func.count()), ("since_at", func.min(Call.started_at)))
    )
    found = select(*counts, *on_the_line).where(RANG, Call.started_at > since)
    return _seen(found, viewer)


def rates_and_waiting(row: Row[Any]) -> tuple[Rates, Waiting]:
    """The rates, and who waits on the line, of a row that holds the columns of `tally`."""
    rates = Rates(*(getattr(row, fate) for fate in COUNTED))
    return rates, Waiting(row.waiting, row.since_at)


def _seen(found: Select[Any], viewer: User | None) -> Select[Any]:
    """`found` among the calls, within what `viewer` may see of their tickets."""
    found = found.select_from(Call)
    if viewer is None:
        return found
    if access.sees_all(viewer):  # the few hidden ones are left out; no call has to ask its ticket
        return found.where(Call.ticket_id.not_in(access.hidden_from(viewer)))
    return found.join(Ticket, Ticket.id == Call.ticket_id).where(access.visible(viewer))
