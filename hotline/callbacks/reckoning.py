"""Why a callback is due when it is due, for whoever asks."""

from dataclasses import dataclass
from enum import StrEnum

from hotline.callbacks import attempts
from hotline.sla import deadlines
from hotline.sla.reckoning import Reckoning
from models import Callback, Outcome


class Ground(StrEnum):
    """What the due time of a callback rests on."""

    AGREED = "agreed"  # in the last ring the caller asked to be rung at another time
    NEXT_SLOT = "next_slot"  # nobody was reached; the attempt policy chose the next time
    WINDOW = "window"  # the caller's own time, which beats every other rule
    CONTACT_HOURS = "contact_hours"  # the limit ends at night: the next contact hours
    LIMIT = "limit"  # the limit of the kind, in working time


@dataclass(frozen=True)
class Why:
    ground: Ground
    reckoning: Reckoning | None = None  # of a LIMIT


def why(callback: Callback) -> Why:
    """What the present due time of `callback` rests on; a limit with its reckoning."""
    if callback.attempts:
        agreed = callback.attempts[-1].outcome is Outcome.LATER
        return Why(Ground.AGREED if agreed else Ground.NEXT_SLOT)
    if callback.window:
        return Why(Ground.WINDOW)
    promised_at, due_at = callback.promised_at, callback.due_at
    if due_at == attempts.contact_slot(promised_at).end:
        return Why(Ground.CONTACT_HOURS)
    return Why(Ground.LIMIT, deadlines.reckoning(promised_at, due_at, None))
