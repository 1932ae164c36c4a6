"""Why a callback is due when it is due, for whoever asks."""

from dataclasses import dataclass

from hotline.sla import deadlines
from hotline.sla.policy_table import Unit
from hotline.sla.reckoning import Reckoning
from models import Callback, CallbackKind, Ground


@dataclass(frozen=True)
class Why:
    ground: Ground
    reckoning: Reckoning | None = None  # of a LIMIT


def why(callback: Callback) -> Why:
    """What the present due time of `callback` rests on; a limit with its reckoning."""
    if callback.ground is not Ground.LIMIT:
        return Why(callback.ground)
    if callback.kind is CallbackKind.SAFETY:  # day and night, also where it is working time
        told = deadlines.reckon(callback.promised_at, callback.due_at, None, Unit.MINUTES)
    else:
        told = deadlines.reckoning(callback.promised_at, callback.due_at, None)
    return Why(Ground.LIMIT, told)
