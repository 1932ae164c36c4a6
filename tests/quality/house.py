"""A house whose tickets are closed and answered, samples drawn from them, and their sheets."""

from datetime import datetime, timedelta

from hotline.quality import sampling, service, sheets
from hotline.quality.marks import Mark, Marks
from hotline.unit_of_work import unit_of_work
from models import (
    Inspection,
    Population,
    Role,
    Sample,
    Ticket,
    TicketStatus,
    User,
    Work,
    db,
)
from tests.makers import make_user
from tests.stages import House, make_house, put

A_MONTH = timedelta(days=30)


def make_inspected_house() -> House:
    """The usual house with a second reviewer."""
    house = make_house()
    house.people["second reviewer"] = make_user(Role.REVIEWER)
    return house


def closed(house: House, at: datetime, count: int = 1) -> list[Ticket]:
    """Tickets that went through the department and were told in a call."""
    return [put(house, TicketStatus.CLOSED, at, f"139{_next():08d}") for _ in range(count)]


def answered(house: House, at: datetime, count: int = 1) -> list[Ticket]:
    """Tickets whose answer no caller has heard."""
    return [put(house, TicketStatus.ANSWERED, at, f"138{_next():08d}") for _ in range(count)]


_numbers = iter(range(1, 10**6))


def _next() -> int:
    return next(_numbers)


def wanted(at: datetime, **fields: object) -> sampling.Wanted:
    """All of the last month up to now, unless it is said otherwise."""
    return sampling.Wanted(
        **{
            "population": Population.CLOSED,
            "since": at - A_MONTH,
            "until": at + timedelta(days=1),
            "percent": 100,
            "seed": "2026-10",
            **fields,
        }
    )


def draw(house: House, at: datetime, **fields: object) -> Sample:
    """A sample drawn by the supervisor, a second later."""
    at += timedelta(seconds=1)
    with unit_of_work():
        actor = db.session.get_one(User, house["supervisor"].id)
        return service.draw(wanted(at, **fields), actor=actor, at=at)


def drawn_numbers(sample: Sample) -> set[str]:
    found = db.select(Ticket.number).join(Inspection, Inspection.ticket_id == Ticket.id)
    return set(db.session.scalars(found.where(Inspection.sample_id == sample.id)))


def sheets_of(sample: Sample, work: Work | None = None) -> list[Inspection]:
    found = db.select(Inspection).where(Inspection.sample_id == sample.id)
    if work is not None:
        found = found.where(Inspection.work == work)
    return list(db.session.scalars(found.order_by(Inspection.id)))


def filled(inspection: Inspection, *, lost: int = 0, broken: bool = False) -> Marks:
    """A sheet with full points, but so many lost at its first criterion, or something broken."""
    by_key: dict[str, Mark] = {}
    for key, one in sheets.criteria_of(inspection.sheet).items():
        if one.is_knock_out:
            by_key[key] = Mark(None, broken, "在电话里说出了来电人" if broken else "")
        else:
            by_key[key] = Mark(one.points - lost, words="没有逐条答复" if lost else "")
            lost = 0
    return Marks(by_key, "")


def score(inspection: Inspection, at: datetime, **how: object) -> None:
    """Its inspector scores it."""
    inspection_id = inspection.id
    with unit_of_work():
        row = db.session.get_one(Inspection, inspection_id)
        service.score(row, filled(row, **how), actor=row.inspector, at=at)


def row(inspection_id: int) -> Inspection:
    return db.session.get_one(Inspection, inspection_id)


def person(house: House, name: str) -> User:
    return db.session.get_one(User, house[name].id)


def second(house: House, inspection: Inspection) -> str:
    """The reviewer to whom it was not given."""
    names = ("reviewer", "second reviewer")
    return next(name for name in names if house[name].id != inspection.inspector_id)


def kinds(inspection_id: int) -> list[str]:
    """What happened to a sheet, in order."""
    db.session.expire_all()
    return [event.kind for event in row(inspection_id).events]
