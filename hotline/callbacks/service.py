"""What may be done with a promise to ring. Each verb is told who and when, and writes its event."""

from hotline.callbacks.choices import choose
from hotline.callbacks.choices import end as end_choice
from hotline.callbacks.messages import follow, hear_of, ring_instead, send
from hotline.callbacks.owners import claim, release, release_all_of
from hotline.callbacks.promises import open_debt_of, promise, settle, settle_number
from hotline.callbacks.ringing import record_attempt

__all__ = [
    "choose",
    "claim",
    "end_choice",
    "follow",
    "hear_of",
    "open_debt_of",
    "promise",
    "record_attempt",
    "release",
    "release_all_of",
    "ring_instead",
    "send",
    "settle",
    "settle_number",
]
