"""Who rings us: found by number as a guess, confirmed by a person, never merged by number alone."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.phone_numbers import PhoneNumber, normalise
from models import Caller, CallerKind, CallerNumber, NumberKind, WorkerGroup, db


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


def known_by(number: str) -> list[Caller]:
    """Everybody known by `number` (normalised), the most recently added first."""
    if not number:
        return []
    found = (
        select(Caller)
        .join(CallerNumber)
        .where(CallerNumber.number == number)
        .order_by(Caller.id.desc())
    )
    return list(db.session.scalars(found))


def guess(number: PhoneNumber, *, at: datetime) -> Caller:
    """The one person known by `number`, else a new one.

    A guess only: the operator confirms it, or says it is somebody else. A number of nobody, or of
    several people, makes a new caller each time, and so does a withheld one.
    """
    known = known_by(number.normalised or "")
    if len(known) == 1:
        return known[0]
    return add(number, at=at)


def add(
    number: PhoneNumber, *, at: datetime, kind: CallerKind = CallerKind.UNKNOWN, name: str = ""
) -> Caller:
    """A new person, with `number` if it is one that can be told again."""
    caller = Caller(kind=kind, name=name, created_at=at)
    db.session.add(caller)
    add_number(caller, number)
    db.session.flush()
    return caller


def add_number(caller: Caller, number: PhoneNumber) -> None:
    """Remember that `caller` can be known by `number` too; nothing when known or withheld."""
    if number.kind is NumberKind.WITHHELD or not number.normalised:
        return
    if number.normalised not in {known.number for known in caller.numbers}:
        caller.numbers.append(CallerNumber(number=number.normalised, kind=number.kind))


def describe(caller: Caller, details: CallerDetails) -> None:
    """Write down what was learnt about a person."""
    for field in ("name", "kind", "group", "employer", "is_member", "preferred_window", "note"):
        value = getattr(details, field)
        if value is not None:
            setattr(caller, field, value.strip() if isinstance(value, str) else value)


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
