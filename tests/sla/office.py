"""An ordinary office with an ordinary lunch, and how its people write down an hour."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hotline.calendars.chinese import ZONE, chinese_calendar

OFFICE_DAY = ((510, 720), (810, 1050))  # 08:30–12:00 and 13:30–17:30
OFFICE = chinese_calendar((OFFICE_DAY,) * 5 + ((), ()))


def local(text: str, zone: ZoneInfo = ZONE) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)
