"""When the demo's house is open: a desk with hours of its own, and days that are not like others."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from hotline.calendars import service
from hotline.demo.people import ZONE
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
    drill = _friday_after(at.astimezone(ZONE).date() + DRILL_IN)
    service.set_special_day(
        drill,
        is_working=True,
        intervals=((510, 720),),
        name="机关消防演练，下午不办公",
        actor=boss,
        at=at,
    )


def _friday_after(on: date) -> date:
    return on + timedelta(days=(4 - on.weekday()) % 7)
