"""The screen that hangs in the duty room of the demo; its token is printed, like the passwords."""

from datetime import datetime, timedelta

from sqlalchemy import select

from hotline.accounts.sessions import fingerprint
from hotline.walls import service as walls
from models import User, Wall, db

TOKEN = "qinglan-wall-2026"  # noqa: S105 - printed for everybody to see
HANGS_SINCE = timedelta(days=40)


def write(at: datetime) -> None:
    """The supervisor let it in some weeks ago."""
    boss = db.session.scalars(select(User).where(User.username == "sup")).one()
    wall = Wall(
        name="热线值班室",
        locale="zh",
        token_hash=fingerprint(walls.spelled(TOKEN)),
        created_at=at - HANGS_SINCE,
        created_by_id=boss.id,
    )
    db.session.add(wall)
