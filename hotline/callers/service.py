"""Who rings us: found by number as a guess, confirmed by a person, never merged by number alone."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, select

from hotline import new_rows
from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.phone_numbers import PhoneNumber, normalise
from models import Caller, CallerKind, CallerNumber, NumberKind, Ticket, WorkerGroup, db

AT_A_DESK = exists().where(Ticket.caller_id == Caller.id, Ticket.desk_department_id.is_not(None))
KNOWN = (
    select(Caller)
    .join(CallerNumber)
    .where(CallerNumber.number == bindparam("number"), ~AT_A_DESK)
    .limit(2)
)
BLANK = ("", WorkerGroup.NONE)  # what a field holds that nobody filled in


@dataclass(frozen=True, kw_only=True)
class CallerDetails:
    """What an operator writes down about a person; None leaves a field as it is."""

    name: str | None = None
    kind: CallerKind | None = None
    group: WorkerGroup | None = None
    employer: str | None = None
    is_member: bool | None = None
    preferred_window: str | None = None
    note: str | None = None


def known_to_hotline(number: str) -> Caller | None:
    """The one person whom the hotline knows by `number` (normalised), if it is one.

    Whoever was written down at a department's own desk does not count: that department sees what
    becomes of its caller, and so may not have planted the number for the hotline to fill in.
    """
    known = db.session.scalars(KNOWN, {"number": number}).all() if number else []
    return known[0] if len(known) == 1 else None


def guess(number: PhoneNumber, *, at: datetime) -> Caller:
    """The one person whom the hotline knows by `number`, else a new one.

    A guess only: the operator confirms it, or says it is somebody else. A number of nobody, or of
    several people, makes a new caller each time, and so does a withheld one.
    """
    return db.session.get_one(Caller, guess_id(number, at=at))


def guess_id(number: PhoneNumber, *, at: datetime) -> int:
    """The id of the same person."""
    known = known_to_hotline(number.normalised or "")
    return known.id if known is not None else _write(number, at=at, kind=CallerKind.UNKNOWN)


def add(
    number: PhoneNumber, *, at: datetime, kind: CallerKind = CallerKind.UNKNOWN, name: str = ""
) -> Caller:
    """A new person, with `number` if it is one that can be told again."""
    return db.session.get_one(Caller, _write(number, at=at, kind=kind, name=name))


def _write(number: PhoneNumber, *, at: datetime, kind: CallerKind, name: str = "") -> int:
    caller_id = new_rows.write(Caller, kind=kind, name=name, created_at=at)
    if told_again := _told_again(number):
        new_rows.write(CallerNumber, caller_id=caller_id, number=told_again, kind=number.kind)
    return caller_id


def _told_again(number: PhoneNumber) -> str:
    """What a person can be known by; empty for a withheld number."""
    return "" if number.kind is NumberKind.WITHHELD else number.normalised or ""


def add_number(caller: Caller, number: PhoneNumber) -> None:
    """Remember that `caller` can be known by `number` too; nothing when known or withheld."""
    told_again = _told_again(number)
    if told_again and told_again not in {known.number for known in caller.numbers}:
        caller.numbers.append(CallerNumber(number=told_again, kind=number.kind))


def describe(caller: Caller, details: CallerDetails, *, may_empty: bool) -> None:
    """Write down what was learnt about a person.

    A blank says that nothing was learnt, and leaves what is known, unless `may_empty`: the person
    who left it blank was shown the field and emptied it. A name that changes is remembered, so
    that it goes on being hidden in older texts.
    """
    for field in ("name", "kind", "group", "employer", "is_member", "preferred_window", "note"):
        value = getattr(details, field)
        value = value.strip() if type(value) is str else value
        if value is None or (value in BLANK and not may_empty):
            continue
        if field == "name":
            _remember_name(caller, value)
        setattr(caller, field, value)


def _remember_name(caller: Caller, new: str) -> None:
    if caller.name and caller.name != new and caller.name not in caller.former_names:
        caller.former_names = [*caller.former_names, caller.name]


def is_somebody_else(caller: Caller, kind: CallerKind, details: CallerDetails) -> bool:
    """Whether what was written down contradicts the guess that it is `caller` who rings.

    Another name does, and so does another kind of person where no name says that it is the same.
    """
    name = (details.name or "").strip()
    if name and caller.name:
        return name != caller.name
    return CallerKind.UNKNOWN not in (caller.kind, kind) and kind != caller.kind


def number_to_ring(typed: str) -> str:
    """The normalised form of a number typed by hand; "" for nothing.

    Raises Invalid when nobody could dial it.
    """
    if not typed.strip():
        return ""
    number = normalise(typed)
    if not number.can_be_called or not number.normalised:
        raise Invalid(N_("This is not a telephone number that can be rung."), field="number")
    return number.normalised
