"""Two reports with a name, one of them sent to the supervisor every month."""

from datetime import datetime

from sqlalchemy import select

from hotline.figures import saved
from models import Schedule, User, db

ADDRESS = "sup@qinglan.example"


def write(at: datetime) -> None:
    """As of `at`: the last month was sent before the demo began."""
    boss = db.session.scalars(select(User).where(User.username == "sup")).one()
    boss.email = ADDRESS
    saved.save(
        "各科室月度情况",
        {"by": "department"},
        schedule=Schedule.MONTHLY,
        recipients=[boss],
        actor=boss,
        at=at,
    )
    saved.save(
        "紧急诉求",
        {"by": "category", "urgency": "urgent"},
        schedule=Schedule.NEVER,
        recipients=[],
        actor=boss,
        at=at,
    )
