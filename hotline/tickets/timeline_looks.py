"""How each kind of event looks on the timeline: its title, its icon, its tone."""

from dataclasses import dataclass

from hotline.i18n import N_
from models import AT_THE_COUNTER, BY_TELEPHONE, Call, CallResult, Direction, TicketEvent


@dataclass(frozen=True)
class Look:
    title: str
    icon: str
    tone: str = "plain"
    is_small: bool = False


LATE = "alert-triangle"
# fmt: off
LOOKS = {
    "open": Look(N_("Came in: %(source)s"), "plus", "brandy"),
    "describe": Look(N_("Written down"), "pencil", is_small=True),
    "claim": Look(N_("Claimed"), "user", is_small=True),
    "assign": Look(N_("Given to %(to)s"), "user-plus"),
    "release": Look(N_("Put back into the pool"), "inbox", is_small=True),
    "note": Look(N_("Note"), "note"),
    "mark": Look(N_("Marks changed"), "flag", is_small=True),
    "take_emergency": Look(N_("The emergency was taken on"), "phone-calling", "bad"),
    "supervise": Look(N_("Put under supervision"), "flag", "bad"),
    "raise": Look(N_("Raised to the supervisors"), "flag", "bad"),
    "lift": Look(N_("No longer under supervision"), "flag"),
    "chase": Look(N_("The caller asked again"), "alarm", "warn"),
    "link": Look(N_("Linked with %(with_ticket)s"), "link"),
    "hand_off": Look(N_("Handed off to %(department)s"), "send", "info"),
    "ask_assist": Look(N_("%(department)s was asked to assist"), "users", "info"),
    "accept": Look(N_("Accepted by %(department)s"), "check", "brandy"),
    "ask_return": Look(N_("%(department)s asks to return it"), "corner-up-left", "warn"),
    "refuse_return": Look(N_("The return was refused"), "x", "warn"),
    "ask_extension": Look(N_("%(department)s asks for more time"), "calendar-event", "warn"),
    "ask_level": Look(N_("%(department)s asks for a higher level"), "calendar-event", "warn"),
    "grant_extension": Look(N_("More time was granted"), "calendar-event", "warn"),
    "refuse_extension": Look(N_("More time was refused"), "x", "warn"),
    "tell_date": Look(N_("The caller was told the new date"), "phone-check", "good"),
    "untold_date": Look(N_("No number: the new date waits for the next call"), "hourglass", "warn"),
    "send_back": Look(N_("Returned by %(department)s"), "corner-up-left", "warn"),
    "recall": Look(N_("Taken back from %(department)s"), "arrow-back-up", "warn"),
    "ask_hotline": Look(N_("Question to the hotline"), "message", "info"),
    "consult": Look(N_("Specialist consulted"), "users", "info"),
    "keep": Look(N_("No number to ring: kept for the caller's next call"), "hourglass", "info"),
    "wait": Look(N_("Waits for the caller"), "hourglass", "info"),
    "end_wait": Look(N_("No longer waits for the caller"), "hourglass"),
    "answer": Look(N_("Answered by %(department)s"), "report", "good"),
    "assist_answer": Look(N_("%(department)s answered as assistant"), "report", "good"),
    "rework": Look(N_("Sent back to be done again, round %(round)s"), "refresh", "bad"),
    "suspend": Look(N_("Suspended"), "player-pause", "warn"),
    "resume": Look(N_("Taken up again"), "player-play"),
    "correct_money": Look(N_("The money recovered was put right"), "pencil", "warn"),
    "thank": Look(N_("The caller gives thanks"), "mood-smile", "good"),
    "report_back": Look(N_("Reported back to the sender"), "arrow-back-up", "good"),
    "close": Look(N_("Closed"), "circle-check", "good"),
    "withdraw": Look(N_("Withdrawn by the caller"), "circle-check", "good"),
    "merge": Look(N_("Merged into %(into)s"), "git-merge", "good"),
    "reopen": Look(N_("Reopened"), "refresh", "bad"),
    "exclude": Look(N_("Left out of the score"), "filter", "warn"),
    "include": Look(N_("Counts in the score again"), "filter"),
    "promise": Look(N_("Callback promised: %(kind)s"), "phone-outgoing", "info"),
    "promise_again": Look(N_("Callback promised again"), "phone-outgoing", is_small=True),
    "attempt": Look(N_("The caller was rung: %(outcome)s"), "phone-outgoing"),
    "choose_message": Look(N_("The caller chose to be told by short message"), "message", "info"),
    "end_message_choice": Look(N_("The caller is rung after all"), "phone", is_small=True),
    "send_message": Look(N_("Short message to the caller"), "send", "info"),
    "message_arrived": Look(N_("The message has arrived"), "circle-check", "good"),
    "message_outdated": Look(N_("There is more to tell than the message says"), "message", "warn"),
    "message_lost": Look(N_("The message did not arrive: the caller is rung"), LATE, "warn"),
    "sign_unreached": Look(
        N_("Signed: the caller could not be reached. It goes on"), "phone-off", "warn"
    ),
    "settle": Look(N_("Callback over: %(kind)s, %(end)s"), "phone-check", is_small=True),
    "remind_callback_soon": Look(N_("A callback is due soon"), "bell", is_small=True),
    "remind_callback_overdue": Look(N_("A callback is overdue"), LATE, "bad"),
    "remind_callback_late": Look(N_("A callback is still overdue: escalated"), LATE, "bad"),
    "remind_accept_soon": Look(N_("%(department)s was reminded to accept"), "bell", is_small=True),
    "remind_accept_overdue": Look(N_("%(department)s did not accept in time"), LATE, "bad"),
    "remind_answer_soon": Look(N_("%(department)s was reminded to answer"), "bell", is_small=True),
    "remind_answer_overdue": Look(N_("%(department)s did not answer in time"), LATE, "bad"),
    "remind_accept_late": Look(
        N_("%(department)s still has not accepted: escalated"), LATE, "bad"
    ),
    "remind_answer_late": Look(
        N_("%(department)s still has not answered: escalated"), LATE, "bad"
    ),
    "remind_return_soon": Look(N_("The return is to be decided soon"), "bell", is_small=True),
    "remind_return_overdue": Look(N_("Nobody has decided about the return in time"), LATE, "bad"),
    "remind_extension_soon": Look(
        N_("More time was asked for: to be decided soon"), "bell", is_small=True
    ),
    "remind_extension_overdue": Look(
        N_("More time was asked for, and not decided in time"), LATE, "bad"
    ),
    "remind_extension_late": Look(
        N_("More time was asked for, and still not decided: escalated"), LATE, "bad"
    ),
    "unsupervised": Look(
        N_("It concerns every supervisor: another one is asked for"), "shield", "bad"
    ),
    "progress": Look(N_("Half of the time has passed"), "hourglass", is_small=True),
    "review_due": Look(N_("The day of review has come"), "bell", "warn"),
    "new_calendar": Look(N_("The calendar changed"), "calendar", is_small=True),
}
CALLS = {
    CallResult.ANSWERED: Look(N_("Call, answered"), "phone-incoming", "good"),
    CallResult.MISSED: Look(N_("Call, missed"), "phone-off", "bad"),
    CallResult.ABANDONED: Look(N_("Call, the caller hung up while waiting"), "phone-off", "bad"),
    CallResult.HUNG_UP_EARLY: Look(N_("Call, hung up at once"), "phone-off", "warn"),
    CallResult.VOICEMAIL: Look(N_("Voicemail"), "microphone", "info"),
    CallResult.FAILED: Look(N_("Call, not connected"), "phone-off", "warn"),
}
# fmt: on
RUNNING_CALL = Look(N_("Call, still on"), "phone-calling", "bad")
SPOKE = {
    AT_THE_COUNTER: Look(N_("Visit, spoken with"), "user", "good"),
    BY_TELEPHONE: Look(N_("Call on another telephone, answered"), "phone", "good"),
}
CALLED = Look(N_("We rang the caller"), "phone-outgoing", "good")
CALLED_IN_VAIN = Look(N_("We rang the caller, nobody reached"), "phone-off", "warn")
CHASED_BY_US = Look(N_("The hotline chased"), "alarm", "warn")
SOMETHING = Look(N_("Something was recorded"), "info-circle")


def look_of(event: TicketEvent) -> Look:
    if event.kind == "chase" and event.data.get("by_hotline"):
        return CHASED_BY_US
    return LOOKS.get(event.kind, SOMETHING)


def look_of_call(call: Call) -> Look:
    if call.direction is Direction.OUTBOUND:
        return CALLED if call.answered_at is not None else CALLED_IN_VAIN
    if call.provider in SPOKE:
        return SPOKE[call.provider]
    return RUNNING_CALL if call.result is None else CALLS[call.result]
