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
    "sign_sheet": N_("Signed a hand-over sheet"),
    "take_sheet": N_("Took a hand-over sheet over"),
    "withdraw_sheet": N_("Took back a hand-over sheet"),
    "pool_sheet": N_("Nobody took a hand-over sheet over"),
    "set_urgent_words": N_("Changed the urgent words"),
    "plant": N_("Laid out departments and categories"),
    "set_policy": N_("Changed a policy"),
    "set_opening_hours": N_("Changed opening hours"),
    "use_default_hours": N_("Took over the house's hours"),
    "set_special_day": N_("Set a special day"),
    "remove_special_day": N_("Removed a special day"),
    "create_wall": N_("Let in a wall screen"),
    "revoke_wall": N_("Switched off a wall screen"),
    "open_wall": N_("A browser became a wall screen"),
    "refuse_wall": N_("A wrong token for a wall screen"),
    "import_official_list": N_("Imported an official list"),
    "remove_official_list": N_("Removed an imported list"),
    "send_again": N_("Sent a message again"),
    "let_be": N_("Let a message be"),
    "send_message": N_("Short message to the caller"),
    "export": N_("Exported a list"),
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
    "remind_callback_soon": N_("Reminded of a callback"),
    "remind_callback_overdue": N_("Callback overdue"),
    "remind_callback_late": N_("Callback long overdue"),
    "new_calendar": N_("The calendar changed"),
    "take_emergency": N_("Took care of the emergency"),
    "correct_money": N_("Put right the money recovered"),
    "thank": N_("The caller gives thanks"),
    "review_due": N_("Review due"),
    "remind_accept_soon": N_("Reminded to accept"),
    "remind_accept_overdue": N_("Not accepted in time"),
    "remind_answer_soon": N_("Reminded to answer"),
    "remind_answer_overdue": N_("Not answered in time"),
    "remind_accept_late": N_("Long not accepted"),
    "remind_answer_late": N_("Long not answered"),
    "remind_return_soon": N_("Reminded to decide about a return"),
    "remind_return_overdue": N_("Return not decided in time"),
    "progress": N_("Half time"),
}
TICKET_KINDS: dict[str, str] = {
    **{action.value: sentence for action, sentence in ACTIONS.items()},
    **TICKET_FACTS,
}


def name_of(kind: str) -> str:
    """The marked sentence of a kind; a kind nobody named yet is called by its word."""
    return AUDIT_KINDS.get(kind) or TICKET_KINDS.get(kind) or kind
