"""What happens to people and their work by itself: the end of duty, forgetting old logins."""

from datetime import timedelta

from hotline import clock
from hotline.accounts import roster, service, sessions
from hotline.calls import seats
from hotline.rhythm import sheets
from hotline.sweeps import for_each
from hotline.unit_of_work import unit_of_work
from models import DutyShift, SeatState, User, db

KEPT = timedelta(days=2)  # sessions are over after half a day; the trail keeps their logins
AT_THE_TELEPHONE = (SeatState.ON_CALL, SeatState.AFTER_CALL, SeatState.RESTING)


def release_after_duty() -> int:
    """Put into the pool what is still open of everybody whose duty is over; return how many duties.

    Once per duty. Who is on the roster again, goes on; who is talking, writing up or catching
    breath is waited for, and a signed sheet some minutes for who takes it over.
    """
    over = [shift.id for shift in roster.over_and_not_handed_over(clock.now())]
    return for_each(over, _end_duty)


def _end_duty(shift_id: int) -> bool:
    shift, now = db.session.get(DutyShift, shift_id), clock.now()
    if shift is None or shift.handed_over_at is not None or shift.ends_at > now:
        return False
    if not roster.is_on_duty(shift.user, now):
        if _is_at_the_telephone(shift.user) or sheets.is_waited_for(shift.user, shift.ends_at, now):
            return False
        sheets.let_go(shift.user, at=now)
    shift.handed_over_at = now
    return True


def _is_at_the_telephone(user: User) -> bool:
    seat = seats.seat_of(user)
    return seat is not None and seat.state in AT_THE_TELEPHONE


def forget_old_logins() -> int:
    """Delete failed tries that no longer count and sessions long over; return how many."""
    now = clock.now()
    with unit_of_work():
        return service.forget_tries(now) + sessions.forget_before(now - KEPT)
