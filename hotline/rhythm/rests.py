"""Some minutes off the queue after a hard call (缓一缓): no reason asked, counted nowhere."""

from datetime import datetime

from hotline import turns
from hotline.calls import seats
from hotline.i18n import N_
from hotline.outbox import recipients
from hotline.outbox import service as outbox
from models import User


def take(user: User, *, at: datetime) -> None:
    """Ring `user` no more for the minutes of the policy, which end by themselves.

    Who takes the last free seat off the queue may; whoever leads learns that nobody is free, and
    not who rests. Raises TransitionRefused on a call, or for who is away.
    """
    turns.take("rest")  # of two who are the last ones, the second knows of the first
    if seats.rest(user, at=at):
        outbox.notify_all(
            _leaders_besides(user, at),
            N_("Nobody is free to take a call for some minutes."),
            at=at,
            dedupe_key=f"nobody_free:{at.isoformat()}",
            channels=(),
        )


def end(user: User, *, at: datetime) -> None:
    """Back on the queue before the minutes are over."""
    seats.end_rest(user, at=at)


def _leaders_besides(user: User, at: datetime) -> list[User]:
    """The shift leader; the supervisors where there is none, or where the leader rests."""
    leaders = [one for one in recipients.leaders(at) if one.id != user.id]
    return leaders or [one for one in recipients.supervisors() if one.id != user.id]
