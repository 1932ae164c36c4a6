"""What the choices of a list are called on the screen."""

from hotline.i18n import N_

STATES: dict[str, str] = {
    "ringing": N_("Call waiting"),
    "owed": N_("Owed an answer"),
    "overdue": N_("Overdue"),
    "due_today": N_("Due today"),
    "unaccepted": N_("Not accepted yet"),
    "unaccepted_overdue": N_("Acceptance overdue"),
    "return_asked": N_("Return to decide"),
    "extension_asked": N_("More time to decide"),
    "callback_due": N_("Callback due today"),
    "callback_overdue": N_("Callback overdue"),
    "exhausted": N_("Unreachable, to sign"),
    "explained": N_("Explained, to sign"),
    "escalated": N_("Escalated in the last 7 days"),
    "kept": N_("Kept for the next call"),
    "waiting": N_("Waiting for the caller"),
    "review_due": N_("Review due"),
    "outer_owed": N_("Report owed to the sender"),
}
MARKS: dict[str, str] = {
    "supervised": N_("Supervised"),
    "confidential": N_("Confidential"),
    "emergency": N_("Emergency"),
    "repeat": N_("Repeat"),
    "collective": N_("Collective"),
    "chased": N_("Chased"),
    "chased_again": N_("Chased more than once"),
    "reworked": N_("Reworked"),
}
