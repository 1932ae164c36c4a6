"""Who hears of what nobody in particular owns."""

from datetime import datetime

from sqlalchemy import select

from hotline.accounts import roster
from models import Role, User, UserRole, db


def supervisors() -> list[User]:
    """Everybody who supervises the hotline."""
    return _who_are(Role.SUPERVISOR)


def administrators() -> list[User]:
    """Everybody who keeps users, calendars and limits."""
    return _who_are(Role.ADMINISTRATOR)


def _who_are(role: Role) -> list[User]:
    found = (
        select(User).join(UserRole).where(UserRole.role == role, User.is_active).order_by(User.id)
    )
    return list(db.session.scalars(found))


def leaders(at: datetime) -> list[User]:
    """Who answers for the pool at `at`: the shift leader, or the supervisors without one."""
    leader = roster.shift_leader(at)
    return [leader] if leader else supervisors()
