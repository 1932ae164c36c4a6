"""Closing: every way in which a ticket may end, each with the proof that the caller was told.

The database holds the same rules (models/feedback.py, models/ticket.py); these functions say in a
sentence what is missing before it has to.
"""

from hotline.feedback.closing import (
    close_in_call,
    close_no_matter,
    close_not_wanted,
    close_told_by_department,
    close_told_by_message,
    resolutions_for,
)
from hotline.feedback.ending import exclude, include, merge, reopen, withdraw
from hotline.feedback.keeping import keep
from hotline.feedback.records import Verdict
from hotline.feedback.signing import (
    explain,
    explanations_to_sign,
    sign_explanation,
    sign_no_way_to_reach,
    sign_unreachable,
    sign_unreached,
    unsigned_explanation,
)

__all__ = [
    "Verdict",
    "close_in_call",
    "close_no_matter",
    "close_not_wanted",
    "close_told_by_department",
    "close_told_by_message",
    "explain",
    "explanations_to_sign",
    "keep",
    "merge",
    "reopen",
    "exclude",
    "include",
    "resolutions_for",
    "sign_explanation",
    "sign_no_way_to_reach",
    "sign_unreachable",
    "sign_unreached",
    "unsigned_explanation",
    "withdraw",
]
