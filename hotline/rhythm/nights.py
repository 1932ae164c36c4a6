"""Last night's calls for who comes in the morning: what became of each, what is owed of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from hotline import access
from hotline.calendars import queries as calendars
from hotline.callbacks.windows import Span
from hotline.rhythm import urgent_words
from models import (
    Call,
    Callback,
    CallbackKind,
    CallResult,
    Direction,
    Ticket,
    TicketEvent,
    User,
    db,
)

FIRST_HOUR = timedelta(hours=1)
LONGEST_CLOSING_DAYS = 14
# Where somebody writes besides the form: notes, and what was heard in a ring.
NOTED = {"note": "text", "attempt": "note"}


class Rang(NamedTuple):
    """As much of a call as its place in the night needs."""

    id: int
    number: str
    result: CallResult | None
    started_at: datetime
    ticket_id: int
    is_emergency: bool
    question: str


class Promised(NamedTuple):
    """As much of a promise to ring."""

    id: int
    ticket_id: int
    number: str
    kind: CallbackKind
    due_at: datetime
    ended_at: datetime | None


Promises = dict[int | str, list[Promised]]  # by the ticket, and by the number to be rung


@dataclass(frozen=True)
class Ringer:
    """What one number did in a night; a withheld number is a ringer for each call.

    A night has many hundreds, of whom a page shows some: these are read whole in `ringers`.
    """

    number: str
    calls: Sequence[Rang]  # in the order in which they came
    words: Sequence[str] = ()  # the urgent ones
    promises: Sequence[Promised] = ()  # made in this night and over, or still to be kept

    @property
    def owed_until(self) -> datetime | None:
        """The nearest limit of what is still to be kept."""
        return next((one.due_at for one in self.promises if one.ended_at is None), None)

    @property
    def is_emergency(self) -> bool:
        return any(call.is_emergency for call in self.calls)


@dataclass(frozen=True)
class Night:
    """A night and who rang in it: danger first, then urgent words, then who is owed, by the limit,
    then the others, the last one first."""

    span: Span
    ringers: Sequence[Ringer]
    by_result: Counter[CallResult] = field(default_factory=Counter)

    @property
    def count_of_calls(self) -> int:
        return sum(len(one.calls) for one in self.ringers)

    def count_of(self, choice: str) -> int:
        """How many ringers one of CHOICES holds."""
        return sum(CHOICES[choice](one) for one in self.ringers)


CHOICES: dict[str, Callable[[Ringer], bool]] = {
    "emergency": lambda one: one.is_emergency,
    "urgent": lambda one: bool(one.words),
    "owed": lambda one: one.owed_until is not None,
}


def span_of(day: date, at: datetime) -> Span:
    """The night before `day`, as far as it is over at `at`: since the last close of business, so
    since Friday's on a Monday, until the house opens; on a day off until midnight."""
    calendar = calendars.calendar_for(None)
    begin = last_closing(calendar.instant(day, 0))
    opens = [opening for opening, _ in calendar.open_intervals(day)]
    end = opens[0] if opens else calendar.instant(day + timedelta(days=1), 0)
    return Span(begin, max(begin, min(end, at)))


def last_closing(at: datetime) -> datetime:
    """When the house last closed for the day, at `at` or before: lunch is no night."""
    calendar = calendars.calendar_for(None)
    today = calendar.local(at).date()
    for offset in range(LONGEST_CLOSING_DAYS):
        closes = [end for _, end in calendar.open_intervals(today - timedelta(days=offset))]
        if closes and closes[-1] <= at:
            return closes[-1]
    return at - timedelta(days=1)


def has_begun(day: date, at: datetime) -> bool:
    """Whether the night before `day` has begun at `at`."""
    return last_closing(calendars.calendar_for(None).instant(day, 0)) < at


def is_morning(day: date, at: datetime) -> bool:
    """Whether `at` lies before the house opens on `day`, or in the first hour after."""
    opens = [opening for opening, _ in calendars.calendar_for(None).open_intervals(day)]
    return bool(opens) and at < opens[0] + FIRST_HOUR


def somebody_waits(day: date, at: datetime, *, viewer: User) -> bool:
    """Whether nobody has yet taken what is owed to a caller of the night before `day`."""
    span = span_of(day, at)
    waiting = (
        select(Callback.id)
        .join(Callback.ticket)
        .where(
            Callback.kind == CallbackKind.RETURN_CALL,
            Callback.is_to_ring,
            Callback.owner_id.is_(None),
            Callback.promised_at >= span.begin,
            access.visible(viewer),
        )
    )
    return db.session.scalar(waiting.limit(1)) is not None


def of(span: Span, *, viewer: User) -> Night:
    """Everybody who rang in `span`, as `viewer` may see it."""
    calls = _calls(span, viewer)
    words, promises = _words(calls), _promises(calls, span, viewer)
    by_ringer: dict[tuple[str, int], list[Rang]] = {}
    for call in calls:  # one number is one ringer; withheld numbers stay apart
        by_ringer.setdefault((call.number, 0 if call.number else call.id), []).append(call)
    ringers = [_ringer(number, mine, words, promises) for (number, _), mine in by_ringer.items()]
    results = Counter(call.result for call in calls if call.result is not None)
    return Night(span, sorted(ringers, key=_rank), results)


def narrowed(night: Night, only: str) -> Sequence[Ringer]:
    """The ringers behind one figure of the night, with those of their calls that it counts."""
    if only in CHOICES:
        return [one for one in night.ringers if CHOICES[only](one)]
    if only not in set(CallResult):
        return night.ringers
    shown = ([call for call in one.calls if call.result == only] for one in night.ringers)
    return [
        Ringer(one.number, calls, one.words, one.promises)
        for one, calls in zip(night.ringers, shown, strict=True)
        if calls
    ]


def other_debts(night: Night, until: datetime, *, viewer: User) -> Sequence[Callback]:
    """What `viewer` or the pool has to ring by `until` besides, the nearest limit first."""
    shown = {promise.id for ringer in night.ringers for promise in ringer.promises}
    due = (
        select(Callback)
        .join(Callback.ticket)
        .where(
            Callback.is_to_ring,
            Callback.due_at <= until,
            or_(Callback.owner_id.is_(None), Callback.owner_id == viewer.id),
            access.visible(viewer),
        )
        .options(joinedload(Callback.ticket).joinedload(Ticket.caller), joinedload(Callback.owner))
        .order_by(Callback.due_at, Callback.id)
    )
    return [one for one in db.session.scalars(due) if one.id not in shown]


def end_of_morning(day: date) -> datetime:
    """When the house closes for lunch on `day`, or for good; noon on a day off."""
    calendar = calendars.calendar_for(None)
    return next((end for _, end in calendar.open_intervals(day)), calendar.instant(day, 12 * 60))


def _calls(span: Span, viewer: User) -> list[Rang]:
    found = (
        select(Call.id, Call.number, Call.result, Call.started_at, Call.ticket_id)
        .add_columns(Ticket.is_emergency, Ticket.question)
        .join(Call.ticket)
        .where(
            Call.direction == Direction.INBOUND,
            Call.started_at >= span.begin,
            Call.started_at < span.end,
            access.visible(viewer),
        )
        .order_by(Call.started_at, Call.id)
    )
    return [Rang(*row) for row in db.session.execute(found)]


def _words(calls: Iterable[Rang]) -> dict[int, tuple[str, ...]]:
    """The urgent words of each ticket: in what was asked, in notes, in what a message said."""
    texts = {call.ticket_id: [call.question] for call in calls}
    noted = select(TicketEvent.ticket_id, TicketEvent.kind, TicketEvent.data).where(
        TicketEvent.ticket_id.in_(texts), TicketEvent.kind.in_(NOTED)
    )
    for ticket_id, kind, data in db.session.execute(noted):
        texts[ticket_id].append(str(data.get(NOTED[kind]) or ""))
    listed = urgent_words.folded()
    return {ticket: urgent_words.in_texts(said, listed) for ticket, said in texts.items()}


def _promises(calls: Iterable[Rang], span: Span, viewer: User) -> Promises:
    """The rings owed for these calls: to the number, or about the ticket."""
    numbers = {call.number for call in calls}
    tickets = {call.ticket_id for call in calls}
    is_open = Callback.ended_at.is_(None)
    of_number = and_(
        Callback.number.in_(numbers),
        Callback.kind == CallbackKind.RETURN_CALL,
        or_(is_open, Callback.promised_at >= span.begin),
    )
    found = (
        select(Callback.id, Callback.ticket_id, Callback.number, Callback.kind)
        .add_columns(Callback.due_at, Callback.ended_at)
        .join(Callback.ticket)
        .where(
            or_(of_number, and_(Callback.ticket_id.in_(tickets), is_open)), access.visible(viewer)
        )
        .order_by(Callback.due_at, Callback.id)
    )
    promises: Promises = {}
    for one in (Promised(*row) for row in db.session.execute(found)):
        promises.setdefault(one.ticket_id, []).append(one)
        if one.kind is CallbackKind.RETURN_CALL:
            promises.setdefault(one.number, []).append(one)
    return promises


def _ringer(
    number: str, calls: list[Rang], words: dict[int, tuple[str, ...]], promises: Promises
) -> Ringer:
    tickets = {call.ticket_id for call in calls}
    found = dict.fromkeys(word for ticket in tickets for word in words[ticket])
    keys: list[int | str] = [number, *tickets]
    mine = {one for key in keys for one in promises.get(key, ())}
    ordered = sorted(mine, key=lambda one: (one.due_at, one.id))
    return Ringer(number, calls, tuple(found), ordered)


def _rank(one: Ringer) -> tuple[int, float]:
    last = -one.calls[-1].started_at.timestamp()
    if one.is_emergency:
        return (0, last)
    if one.words:
        return (1, last)
    return (2, one.owed_until.timestamp()) if one.owed_until else (3, last)
