"""What a list of tickets can be narrowed to.

Every figure of the first page is one of these filters, so that the number and the list behind its
link cannot differ.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    ScalarSelect,
    and_,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from hotline import access
from hotline.calendars.chinese import ZONE
from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.sla.ladder import ESCALATED
from hotline.tickets import finding, signatures
from hotline.tickets.lifecycle import AT_HOTLINE
from models import (
    Call,
    Callback,
    CallState,
    Category,
    Collective,
    Direction,
    Extension,
    Feedback,
    Handoff,
    HandoffRole,
    Level,
    Resolution,
    Source,
    Ticket,
    TicketEvent,
    TicketStatus,
    Urgency,
    User,
    db,
)
from models.ticket import LARGE_FROM

Condition = ColumnElement[bool]
UNCLOSED = "unclosed"
POOL, MINE = "pool", "me"
LATELY = timedelta(days=7)  # so long something that was escalated stands in its list
MONTH_OR_YEAR = re.compile(r"(20\d{2})(?:-(0[1-9]|1[0-2]))?")


def end_of_day(at: datetime, zone: ZoneInfo) -> datetime:
    """When the day of `at` is over in `zone`, in UTC."""
    following = at.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(following, time(), zone).astimezone(UTC)


@dataclass(frozen=True)
class Asked:
    """Who asks and when; conditions that speak of "overdue" or "mine" need it."""

    viewer: User
    at: datetime
    zone: ZoneInfo = ZONE

    @property
    def tomorrow(self) -> datetime:
        """The end of today, in UTC."""
        return end_of_day(self.at, self.zone)

    def start_of(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


def _in_status(status: TicketStatus) -> Condition:
    """The ticket is in `status`; one that is not over is looked for among those alone."""
    is_there = Ticket.status == status
    return is_there if status is TicketStatus.CLOSED else and_(Ticket.closed_at.is_(None), is_there)


# IN and not EXISTS: what is unfinished is read by its index, once; SQLite would look at every
# ticket there ever was and ask for its handoff.
def _live_lead(*conditions: ColumnExpressionArgument[bool]) -> Condition:
    """There is an unfinished lead handoff for which `conditions` hold."""
    return Ticket.id.in_(
        select(Handoff.ticket_id).where(
            Handoff.role == HandoffRole.LEAD, Handoff.ended_at.is_(None), *conditions
        )
    )


def _open_callback(*conditions: ColumnExpressionArgument[bool]) -> Condition:
    return Ticket.id.in_(select(Callback.ticket_id).where(Callback.ended_at.is_(None), *conditions))


# What a link or a field may say, by name. `state` is what people look for in the morning.
STATES: dict[str, Callable[[Asked], Condition]] = {
    "ringing": lambda asked: Ticket.id.in_(
        select(Call.ticket_id).where(
            Call.direction == Direction.INBOUND,
            Call.ended_at.is_(None),
            Call.state.in_((CallState.RINGING, CallState.WAITING)),
        )
    ),
    "owed": lambda asked: Ticket.closed_at.is_(None),
    "overdue": lambda asked: _live_lead(Handoff.is_overdue(asked.at)),
    "due_today": lambda asked: _live_lead(Handoff.is_due_before(asked.tomorrow, asked.at)),
    "unaccepted": lambda asked: _in_status(TicketStatus.QUEUED),
    "unaccepted_overdue": lambda asked: and_(
        _in_status(TicketStatus.QUEUED), _live_lead(Handoff.accept_due_at <= asked.at)
    ),
    "return_asked": lambda asked: _live_lead(Handoff.return_is_undecided),
    "extension_asked": lambda asked: and_(
        or_(_in_status(TicketStatus.QUEUED), _in_status(TicketStatus.ACCEPTED)),
        Ticket.id.in_(
            select(Handoff.ticket_id).where(
                Handoff.ended_at.is_(None), Handoff.extensions.any(Extension.decided_at.is_(None))
            )
        ),
    ),
    "callback_due": lambda asked: _open_callback(
        Callback.is_due_before(asked.tomorrow, asked.at), Callback.is_to_ring
    ),
    "callback_overdue": lambda asked: _open_callback(
        Callback.is_overdue(asked.at), Callback.is_to_ring
    ),
    "exhausted": lambda asked: _open_callback(signatures.tried_in_vain()),
    "explained": lambda asked: Ticket.id.in_(
        select(Feedback.ticket_id).where(signatures.explained())
    ),
    "escalated": lambda asked: Ticket.id.in_(
        select(TicketEvent.ticket_id).where(
            TicketEvent.kind.in_(ESCALATED), TicketEvent.at > asked.at - LATELY
        )
    ),
    "kept": lambda asked: and_(Ticket.closed_at.is_(None), Ticket.kept_since_at.is_not(None)),
    "waiting": lambda asked: and_(Ticket.closed_at.is_(None), Ticket.waiting_since_at.is_not(None)),
    "review_due": lambda asked: and_(
        _in_status(TicketStatus.SUSPENDED),
        Ticket.review_on <= asked.at.astimezone(asked.zone).date(),
    ),
    "outer_owed": lambda asked: and_(
        # Written out, as in its index: by a parameter nobody could tell that they are the same.
        Ticket.outer_number != literal_column("''"),
        Ticket.outer_reported_at.is_(None),
    ),
}
MARKS: dict[str, Condition] = {
    "supervised": Ticket.is_supervised.is_(True),
    "confidential": Ticket.is_confidential.is_(True),
    "emergency": Ticket.is_emergency.is_(True),
    "repeat": Ticket.is_repeat.is_(True),
    "collective": Ticket.collective_id.in_(
        select(Collective.id).where(Collective.callers_count >= LARGE_FROM)
    ),
    "chased": Ticket.chased_count > 0,
    "chased_again": Ticket.chased_count > 1,
    "reworked": Ticket.rework_count > 0,
}


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What was asked for; every field empty means everything the viewer may see."""

    q: str = ""
    status: str = ""
    state: str = ""
    mark: str = ""
    urgency: str = ""
    level: str = ""
    source: str = ""
    resolution: str = ""
    owner: str = ""
    department: str = ""
    category: str = ""
    since: str = ""
    until: str = ""
    money: str = ""  # recovered in a year or a month: 2026, 2026-11

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "Filter":
        """What a query string asks for; names we do not know are ignored."""
        return cls(**{name: args.get(name, "").strip() for name in cls.__dataclass_fields__})

    @property
    def chosen(self) -> dict[str, str]:
        """The fields that narrow, for links."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in values.items() if value}


def conditions(wanted: Filter, asked: Asked, *, among_few: bool = False) -> list[Condition]:
    """The conditions on `Ticket` for `wanted`, within what the viewer may see (access.visible).

    Raises Invalid naming the field whose value means nothing.
    """
    narrowed = [
        _NARROW[name](value, asked) for name, value in wanted.chosen.items() if name in _NARROW
    ]
    return [access.visible(asked.viewer, among_few=among_few), *narrowed]


def _refuse(name: str) -> Invalid:
    return Invalid(N_("This list knows no such choice."), field=name)


def _status(value: str, asked: Asked) -> Condition:
    if value == UNCLOSED:
        return Ticket.closed_at.is_(None)
    if value not in set(TicketStatus):
        raise _refuse("status")
    return _in_status(TicketStatus(value))


def _state(value: str, asked: Asked) -> Condition:
    if value not in STATES:
        raise _refuse("state")
    return STATES[value](asked)


def _mark(value: str, asked: Asked) -> Condition:
    if value not in MARKS:
        raise _refuse("mark")
    return MARKS[value]


def _word_of(
    name: str, column: InstrumentedAttribute[Any], words: type[StrEnum]
) -> Callable[[str, Asked], Condition]:
    def condition(value: str, asked: Asked) -> Condition:
        if value not in set(words):
            raise _refuse(name)
        return column == words(value)

    return condition


def _owner(value: str, asked: Asked) -> Condition:
    if value == POOL:
        in_hand = Ticket.kept_since_at.is_(None)
        return and_(Ticket.owner_id.is_(None), Ticket.status.in_(AT_HOTLINE), in_hand)
    if value == MINE:
        return Ticket.owner_id == asked.viewer.id
    return Ticket.owner_id == _id("owner", value)


def _department(value: str, asked: Asked) -> Condition:
    return Ticket.department_id == _id("department", value)


def _category(value: str, asked: Asked) -> Condition:
    wanted = _id("category", value)
    below = select(Category.id).where(or_(Category.id == wanted, Category.parent_id == wanted))
    return Ticket.category_id.in_(below)


def _since(value: str, asked: Asked) -> Condition:
    return Ticket.opened_at >= asked.start_of(_day("since", value))


def _until(value: str, asked: Asked) -> Condition:
    return Ticket.opened_at < asked.start_of(_day("until", value) + timedelta(days=1))


def _money(value: str, asked: Asked) -> Condition:
    begin, end = month_or_year(value)
    at = Ticket.money_recovered_at
    in_time = and_(at >= asked.start_of(begin), at < asked.start_of(end))
    return and_(Ticket.money_recovered_fen > 0, in_time)


def month_or_year(value: str) -> tuple[date, date]:
    """The first day of a month or a year written as 2026-11 or 2026, and of the next. Raises
    Invalid."""
    written = MONTH_OR_YEAR.fullmatch(value)
    if written is None:
        raise Invalid(N_("Write a month as 2026-11, or a year as 2026."), field="money")
    year, month = int(written[1]), int(written[2] or 0)
    if not month:
        return date(year, 1, 1), date(year + 1, 1, 1)
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)


def _id(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise _refuse(name)
    return int(value)


def _day(name: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Invalid(N_("Write a day as 2026-11-20."), field=name) from None


_NARROW: dict[str, Callable[[str, Asked], Condition]] = {
    "q": lambda value, asked: finding.found(value, asked.viewer),
    "status": _status,
    "state": _state,
    "mark": _mark,
    "urgency": _word_of("urgency", Ticket.urgency, Urgency),
    "level": _word_of("level", Ticket.level, Level),
    "source": _word_of("source", Ticket.source, Source),
    "resolution": _word_of("resolution", Ticket.resolution, Resolution),
    "owner": _owner,
    "department": _department,
    "category": _category,
    "since": _since,
    "until": _until,
    "money": _money,
}


def counted(wanted: Filter, asked: Asked, *, at_most: int | None = 1000) -> ScalarSelect[int]:
    """How many tickets `wanted` holds, no further than `at_most`: a figure of a larger query.

    None counts all of them. For what is not over, and has an index.
    """
    within = conditions(wanted, asked, among_few=True)
    found = select(Ticket.id).where(*within).limit(at_most).subquery()
    return select(func.count()).select_from(found).scalar_subquery()


def count(wanted: Filter, asked: Asked) -> int:
    """How many tickets `wanted` holds, as `counted` counts them."""
    return db.session.scalar(select(counted(wanted, asked))) or 0
