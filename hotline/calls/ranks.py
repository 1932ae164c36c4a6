"""What counts when reports about a call come twice, late or out of order: the furthest one."""

from models import CallResult, CallState

STATES = (
    CallState.RINGING,
    CallState.WAITING,
    CallState.VOICEMAIL,
    CallState.TALKING,
    CallState.ENDED,
)
# A later word is stronger evidence: who left a message was not merely missed.
RESULTS = (
    CallResult.FAILED,
    CallResult.HUNG_UP_EARLY,
    CallResult.ABANDONED,
    CallResult.MISSED,
    CallResult.VOICEMAIL,
    CallResult.ANSWERED,
)


def furthest(now: CallState, new: CallState) -> CallState:
    """The state a call is in after `new` was reported: it never goes back."""
    return max(now, new, key=STATES.index)


def strongest(now: CallResult | None, new: CallResult) -> CallResult:
    """How a call went after `new` was learnt."""
    return new if now is None else max(now, new, key=RESULTS.index)
