"""What holds for every message at one moment: whether it may leave, at this hour, or at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from hotline.calendars import queries as calendars
from hotline.sla import business_time, policies
from models import Mark, db

FOR = timedelta(seconds=1)  # they hold, once read; messages follow each other by the millisecond


@dataclass(frozen=True)
class Terms:
    """As they were read at `at`."""

    at: datetime
    may_leave: bool
    is_night: bool
    demo_began_at: datetime | None

    def hold(self, at: datetime) -> bool:
        """Whether they need not be read again."""
        return abs(at - self.at) < FOR


def read(at: datetime) -> Terms:
    return Terms(at, policies.is_on("messages_leave"), is_night(at), demo_began_at())


def is_night(at: datetime) -> bool:
    """Whether what waits for the contact hours stays here."""
    return not business_time.is_open(at, calendars.contact_hours())


def demo_began_at() -> datetime | None:
    """The moment the demo began: what was due before it was never meant to be sent."""
    return db.session.scalar(select(Mark.at).where(Mark.name == "demo_began"))
