"""Who hears of what nobody in particular owns."""

from datetime import datetime

from sqlalchemy import select

from models import DutyShift, Role, User, UserRole, db


def supervisors() -> list[User]:
    """Everybody who supervises the hotline."""
    found = (
        select(User)
        .join(UserRole)
        .where(UserRole.role == Role.SUPERVISOR, User.is_active)
        .order_by(User.id)
    )
    return list(db.session.scalars(found))


def leaders(at: datetime) -> list[User]:
    """Who answers for the pool at `at`: the shift leaders, or the supervisors when there is none."""
    on_duty = (
        select(User)
        .join(DutyShift, DutyShift.user_id == User.id)
        .where(
            DutyShift.is_leader, DutyShift.starts_at <= at, DutyShift.ends_at > at, User.is_active
        )
        .order_by(DutyShift.starts_at)
    )
    return list(db.session.scalars(on_duty)) or supervisors()
