"""The duty roster (值班表): who answers at the hotline, when, and who leads the shift."""

from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import func, select

from hotline import turns
from hotline.accounts import service as accounts
from hotline.errors import Invalid, NotFound, TransitionRefused
from hotline.i18n import N_
from models import DutyShift, User, db

LONGEST = timedelta(hours=24)
WEEK = timedelta(days=7)


def on_duty(at: datetime) -> list[User]:
    """Who is on duty at `at`, the shift leader first; nobody when the roster is empty."""
    found = (
        select(User)
        .join(DutyShift)
        .where(DutyShift.starts_at <= at, DutyShift.ends_at > at, User.is_active)
        .order_by(DutyShift.is_leader.desc(), User.display_name, User.id)
    )
    return list(db.session.scalars(found))


def shift_leader(at: datetime) -> User | None:
    """The 值班长 at `at`, if the roster names one."""
    found = (
        select(User)
        .join(DutyShift)
        .where(DutyShift.starts_at <= at, DutyShift.ends_at > at)
        .where(DutyShift.is_leader, User.is_active)
    )
    return db.session.scalar(found.limit(1))


def is_on_duty(user: User, at: datetime) -> bool:
    """Whether the roster says that `user` works at `at`."""
    return user.is_active and shift_of(user, at) is not None


def shift_of(user: User, at: datetime) -> DutyShift | None:
    """The duty that `user` has at `at`."""
    found = select(DutyShift).where(
        DutyShift.user_id == user.id, DutyShift.starts_at <= at, DutyShift.ends_at > at
    )
    return db.session.scalar(found.limit(1))


def went_off_duty(user: User, since: datetime, at: datetime) -> bool:
    """Whether a duty of `user` ended after `since`, and none runs at `at`."""
    ended = select(DutyShift.id).where(
        DutyShift.user_id == user.id, DutyShift.ends_at > since, DutyShift.ends_at <= at
    )
    return db.session.scalar(ended.limit(1)) is not None and not is_on_duty(user, at)


def next_duties(at: datetime) -> dict[int, datetime]:
    """When everybody's next duty begins after `at`, by the id of the person."""
    coming = select(DutyShift.user_id, func.min(DutyShift.starts_at)).where(
        DutyShift.starts_at > at
    )
    return {row[0]: row[1] for row in db.session.execute(coming.group_by(DutyShift.user_id))}


def end_of_next(at: datetime) -> datetime | None:
    """When the next shift that begins at `at` or later ends, for whom of it stays longest."""
    first = select(func.min(DutyShift.starts_at)).where(DutyShift.starts_at >= at)
    begins = first.scalar_subquery()
    return db.session.scalar(
        select(func.max(DutyShift.ends_at)).where(DutyShift.starts_at == begins)
    )


def shifts_between(starts_at: datetime, ends_at: datetime) -> list[DutyShift]:
    """Every duty that begins in this stretch of time, in the order of the day."""
    found = (
        select(DutyShift)
        .where(DutyShift.starts_at >= starts_at, DutyShift.starts_at < ends_at)
        .order_by(DutyShift.starts_at, DutyShift.is_leader.desc(), DutyShift.id)
    )
    return list(db.session.scalars(found))


def get(shift_id: int) -> DutyShift:
    """The duty with this id. Raises NotFound."""
    shift = db.session.get(DutyShift, shift_id)
    if shift is None:
        raise NotFound
    return shift


def add_shift(
    user: User, starts_at: datetime, ends_at: datetime, *, is_leader: bool = False
) -> DutyShift:
    """Put `user` on the roster. Raises Invalid when it overlaps what stands there."""
    if not user.is_active or not accounts.takes_calls(user):
        raise Invalid(N_("This person does not take calls."), field="user")
    if not starts_at < ends_at <= starts_at + LONGEST:
        raise Invalid(N_("A duty ends after it begins, and within a day."), field="ends")
    turns.take("roster")
    overlapping = select(DutyShift).where(
        DutyShift.starts_at < ends_at, DutyShift.ends_at > starts_at
    )
    if db.session.scalar(overlapping.where(DutyShift.user_id == user.id).limit(1)):
        raise Invalid(N_("This person is on duty at that time already."), field="user")
    if is_leader and db.session.scalar(overlapping.where(DutyShift.is_leader).limit(1)):
        raise Invalid(N_("Somebody else leads the shift at that time."), field="is_leader")
    shift = DutyShift(user_id=user.id, starts_at=starts_at, ends_at=ends_at, is_leader=is_leader)
    db.session.add(shift)
    db.session.flush()
    return shift


def remove_shift(shift: DutyShift, *, at: datetime) -> None:
    """Take a duty off the roster; one that runs already ends now. Raises TransitionRefused."""
    if shift.ends_at <= at:
        raise TransitionRefused(N_("This duty is over: it stays on the roster."))
    if shift.starts_at < at:
        shift.ends_at = at
    else:
        db.session.delete(shift)


def copy_week(into: date, *, zone: tzinfo) -> int:
    """Repeat the week before the Monday `into` by the clock on the wall; return how many duties.

    What would overlap, and people who take no calls any more, are left out.
    """
    first, last = week_of(into - WEEK, zone)
    copied = 0
    for shift in shifts_between(first, last):
        begins, ends = _a_week_later(shift.starts_at, zone), _a_week_later(shift.ends_at, zone)
        try:
            add_shift(shift.user, begins, ends, is_leader=shift.is_leader)
        except Invalid:
            continue
        copied += 1
    return copied


def week_of(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """The first instant of the week that `day` falls into, and of the next."""
    monday = day - timedelta(days=day.weekday())
    begins = datetime.combine(monday, time(), zone)
    return begins, datetime.combine(monday + WEEK, time(), zone)


def over_and_not_handed_over(at: datetime) -> list[DutyShift]:
    """The duties that have ended and whose open work nobody looked after yet, oldest first."""
    found = (
        select(DutyShift)
        .where(DutyShift.ends_at <= at, DutyShift.handed_over_at.is_(None))
        .order_by(DutyShift.ends_at, DutyShift.id)
    )
    return list(db.session.scalars(found))


def _a_week_later(instant: datetime, zone: tzinfo) -> datetime:
    return instant.astimezone(zone) + WEEK
