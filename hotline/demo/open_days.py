"""When the house of the demo is open: a desk with hours of its own, and a day unlike others."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from hotline.calendars import importing, queries, service
from hotline.demo.people import ZONE
from hotline.outbox import recipients
from hotline.outbox import service as outbox
from models import CalendarKind, Department, User, db

MORNING, DAY = ((540, 720),), ((540, 720), (810, 1020))
# The service centre opens later, and on Saturday mornings, too.
CENTRE = (DAY,) * 5 + (MORNING, ())
DRILL_IN = timedelta(days=21)


def write(at: datetime) -> None:
    """Say it as the administrator would have, before anything was due."""
    boss = db.session.scalars(select(User).where(User.username == "admin")).one()
    centre = db.session.scalars(select(Department).where(Department.code == "service")).one()
    service.set_opening_hours(CalendarKind.BUSINESS, CENTRE, department=centre, actor=boss, at=at)
    _ask_for_the_list(at)
    drill = _friday_after(at.astimezone(ZONE).date() + DRILL_IN)
    service.set_special_day(
        drill,
        is_working=True,
        intervals=((510, 720),),
        name="机关消防演练，下午不办公",
        actor=boss,
        at=at,
    )


def _ask_for_the_list(at: datetime) -> None:
    """What the sweep has said before the demo begins, without the mail."""
    year = queries.missing_year(at.astimezone(ZONE).date())
    if year is not None:
        outbox.notify_all(
            recipients.administrators() + recipients.supervisors(),
            importing.ASK_FOR_IT,
            at=at,
            dedupe_key=f"{importing.MISSING}:{year}",
            channels=(),
            year=year,
        )


def _friday_after(on: date) -> date:
    return on + timedelta(days=(4 - on.weekday()) % 7)
