"""What the kinds of the trail are called on the auditor's page."""

from hotline.i18n import N_
from hotline.labels import ACTIONS

AUDIT_KINDS: dict[str, str] = {
    "login": N_("Signed in"),
    "login_failed": N_("Failed to sign in"),
    "logout": N_("Signed out"),
    "change_password": N_("Changed the own password"),
    "change_line": N_("Changed the own telephone"),
    "reveal": N_("Looked at a number"),
    "play_recording": N_("Played a recording"),
    "create_user": N_("Created an account"),
    "change_user": N_("Changed an account"),
    "disable_user": N_("Disabled an account"),
    "enable_user": N_("Enabled an account"),
    "reset_password": N_("Gave a one-time password"),
    "create_department": N_("Added a department"),
    "change_department": N_("Changed a department"),
    "create_category": N_("Added a category"),
    "change_category": N_("Changed a category"),
    "add_shift": N_("Put on the roster"),
    "remove_shift": N_("Took off the roster"),
    "copy_roster": N_("Copied a week's roster"),
    "plant": N_("Laid out departments and categories"),
    "set_policy": N_("Changed a policy"),
    "set_opening_hours": N_("Changed opening hours"),
    "use_default_hours": N_("Took over the house's hours"),
    "set_special_day": N_("Set a special day"),
    "remove_special_day": N_("Removed a special day"),
    "send_again": N_("Sent a message again"),
    "let_be": N_("Let a message be"),
    "send_message": N_("Short message to the caller"),
}
# What happens to a ticket and is no action of the lifecycle's table.
TICKET_FACTS: dict[str, str] = {
    "open": N_("Ticket opened"),
    "call": N_("Call"),
    "promise": N_("Callback promised"),
    "promise_again": N_("Callback promised again"),
    "attempt": N_("Callback attempted"),
    "choose_message": N_("The caller chose to be told by short message"),
    "end_message_choice": N_("The caller is rung after all"),
    "send_message": N_("Short message to the caller"),
    "message_arrived": N_("The message has arrived"),
    "message_outdated": N_("There is more to tell than the message says"),
    "message_lost": N_("The message did not arrive: the caller is rung"),
    "settle": N_("Callback settled"),
    "raise": N_("Raised to a supervisor"),
    "overdue": N_("Callback overdue"),
    "new_calendar": N_("The calendar changed"),
    "take_emergency": N_("Took care of the emergency"),
    "review_due": N_("Review due"),
    "remind_accept_soon": N_("Reminded to accept"),
    "remind_accept_overdue": N_("Not accepted in time"),
    "remind_answer_soon": N_("Reminded to answer"),
    "remind_answer_overdue": N_("Not answered in time"),
}
TICKET_KINDS: dict[str, str] = {
    **{action.value: sentence for action, sentence in ACTIONS.items()},
    **TICKET_FACTS,
}


def name_of(kind: str) -> str:
    """The marked sentence of a kind; a kind nobody named yet is called by its word."""
    return AUDIT_KINDS.get(kind) or TICKET_KINDS.get(kind) or kind
