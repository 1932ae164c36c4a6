"""What may be done with a promise to ring. Each verb is told who and when, and writes its event."""

from hotline.callbacks.owners import claim, release, release_all_of
from hotline.callbacks.promises import open_debt_of, promise, settle, settle_number
from hotline.callbacks.ringing import record_attempt

__all__ = [
    "claim",
    "open_debt_of",
    "promise",
    "record_attempt",
    "release",
    "release_all_of",
    "settle",
    "settle_number",
]
