"""Every limit and switch that an administrator may change, in one table."""
# ruff: noqa: E501 - one policy a line

from dataclasses import dataclass
from enum import StrEnum

from hotline.i18n import N_


class Unit(StrEnum):
    """In what a policy is counted."""

    WORKING_MINUTES = "working_minutes"
    WORKING_DAYS = "working_days"
    MINUTES = "minutes"  # by the wall clock
    SECONDS = "seconds"
    DAYS = "days"  # of the calendar on the wall
    TIMES = "times"
    PERCENT = "percent"
    TIME_OF_DAY = "time_of_day"  # local minutes since midnight
    DAY_OF_MONTH = "day_of_month"
    SWITCH = "switch"  # 0 or 1


@dataclass(frozen=True)
class Policy:
    """One setting: its name in code, its default, what may be set, and what it is called."""

    key: str
    default: int
    unit: Unit
    least: int
    most: int
    label: str


U, P = Unit, Policy
# fmt: off
GROUPS: dict[str, tuple[Policy, ...]] = {
    N_("Handing off"): (
        P("accept_minutes",                120, U.WORKING_MINUTES, 5, 2400, N_("Accept a hand-off within")),
        P("ask_return_minutes",          240, U.WORKING_MINUTES, 5, 2400, N_("Ask to return a ticket within")),
        P("decide_return_minutes",       120, U.WORKING_MINUTES, 5, 2400, N_("Decide about a return or an extension within")),
        P("supervised_after_handoffs",     3, U.TIMES,           2,   20, N_("Supervised from this hand-over on")),
    ),
    N_("Handling"): (
        P("handle_consultation_days",      1, U.WORKING_DAYS,    1,   90, N_("Answer a consultation within")),
        P("handle_ordinary_days",          5, U.WORKING_DAYS,    1,   90, N_("Answer an ordinary matter within")),
        P("handle_difficult_days",        15, U.WORKING_DAYS,    1,   90, N_("Answer a difficult matter within")),
        P("handle_complex_days",          30, U.WORKING_DAYS,    1,   90, N_("Answer an especially complex matter within")),
        P("handle_urgent_days",            1, U.WORKING_DAYS,    1,   90, N_("Answer an urgent matter within, at most")),
        P("handle_critical_minutes",     120, U.MINUTES,         5, 1440, N_("Answer a critical matter within, day and night")),
        P("rework_days",                   3, U.WORKING_DAYS,    1,   90, N_("Rework an answer within")),
        P("supervised_after_reworks",      2, U.TIMES,           1,   20, N_("Supervised from this rework on")),
        P("waiting_days",                  5, U.WORKING_DAYS,    1,   30, N_("Wait for the caller at most")),
        P("extend_percent",              100, U.PERCENT,        10,  300, N_("Extend a limit by at most this part of it")),
        P("warn_percent",                 75, U.PERCENT,        10,   99, N_("Warn when this much of a limit has passed")),
        P("escalate_percent",             50, U.PERCENT,        10,  200, N_("Escalate when this much of a limit has passed again")),
        P("escalate_days",                 1, U.WORKING_DAYS,    1,   20, N_("… or this long after the limit, whichever is first")),
        P("chased_head_from",              2, U.TIMES,           1,   20, N_("The head of a department hears from this chaser on")),
        P("supervised_after_dissatisfied", 2, U.TIMES,           1,   20, N_("Supervised from this “not satisfied” on")),
        P("progress",                      1, U.SWITCH,          0,    1, N_("A word of progress to the caller at half time")),
        P("progress_over_days",            5, U.WORKING_DAYS,    1,   90, N_("… of limits longer than")),
        P("progress_spoken_days",          3, U.WORKING_DAYS,    1,   30, N_("… unless somebody spoke with the caller within")),
        P("reopen_days",                  15, U.DAYS,            1,  365, N_("Reopen a closed ticket within")),
    ),
    N_("Ringing back"): (
        P("return_call_minutes",          60, U.WORKING_MINUTES, 5, 2400, N_("Ring back a missed caller within")),
        P("return_call_night_minutes",   120, U.WORKING_MINUTES, 5, 2400, N_("Ring back a caller of the night within")),
        P("tell_days",                     1, U.WORKING_DAYS,    1,   30, N_("Tell the caller the result within")),
        P("follow_up_days",                1, U.WORKING_DAYS,    1,   30, N_("Follow up what a department told within")),
        P("safety_minutes",              120, U.MINUTES,         5, 1440, N_("Ring back after an emergency within")),
        P("result_attempts",               3, U.TIMES,           1,   20, N_("Attempts to tell a result")),
        P("result_attempt_days",           2, U.DAYS,            1,   10, N_("… on at least this many days")),
        P("result_off_hours",              1, U.SWITCH,          0,    1, N_("… one of them at noon or in the evening")),
        P("noon_from",                   720, U.TIME_OF_DAY,     0, 1439, N_("Noon begins at")),
        P("noon_until",                  840, U.TIME_OF_DAY,     0, 1439, N_("Noon ends at")),
        P("evening_from",               1050, U.TIME_OF_DAY,     0, 1439, N_("The evening begins at")),
        P("missed_attempts",               2, U.TIMES,           1,   20, N_("Attempts to ring back a missed caller")),
        P("missed_sms",                    1, U.SWITCH,          0,    1, N_("… and a short message")),
        P("hung_up_early_seconds",         5, U.SECONDS,         1,   60, N_("Hung up early means within")),
        P("hung_up_early_attempts",        1, U.TIMES,           1,   20, N_("Attempts to ring back who hung up early")),
        P("receipt_minutes",             1440, U.MINUTES,        5, 10080, N_("Ring whoever's message has no receipt after")),
        P("messages_leave",                1, U.SWITCH,          0,    1, N_("Messages leave the house")),
        P("messages_per_person",          30, U.TIMES,           1,  500, N_("Messages to callers by one person a day, at most")),
        P("messages_per_number",           3, U.TIMES,           1,   20, N_("… to one telephone a day, at most")),
        P("calls_per_person",             60, U.TIMES,           0,  500, N_("Calls placed for one person a day, at most (0: none)")),
        P("no_number_days",               30, U.DAYS,            1,  365, N_("Keep the answer for a caller without a number for")),
        P("query_code",                    1, U.SWITCH,          0,    1, N_("Give callers a query code")),
        P("take_over_minutes",            30, U.MINUTES,         1,  240, N_("A hand-over sheet waits for its taker after the duty")),
    ),
    N_("Quality inspection"): (
        P("sample_percent",               10, U.PERCENT,         1,  100, N_("Inspect of the tickets closed in a month")),
        P("sample_answers_percent",       10, U.PERCENT,         1,  100, N_("Inspect of the answers before their callback")),
        P("sample_no_matter_times",        2, U.TIMES,           1,   10, N_("Calls without a matter are drawn as often, times")),
        P("inspection_pass_points",       80, U.PERCENT,         1,  100, N_("Passed from this share of the points on")),
        P("appeal_days",                   5, U.WORKING_DAYS,    1,   30, N_("Appeal against a score within")),
    ),
    N_("Reports"): (
        P("month_begins_on",               1, U.DAY_OF_MONTH,    1,   28, N_("The reporting month begins on day")),
        P("score_contacted",              10, U.PERCENT,         0,  100, N_("Weight of the response rate in the score")),
        P("score_solved",                 50, U.PERCENT,         0,  100, N_("Weight of the solved rate in the score")),
        P("score_satisfied",              40, U.PERCENT,         0,  100, N_("Weight of the satisfied rate in the score")),
        P("score_basically",              90, U.PERCENT,         0,  100, N_("“Basically satisfied” counts as satisfied by")),
    ),
    N_("Telephone"): (
        P("pickup_seconds",               15, U.SECONDS,         5,  120, N_("Pick up within")),
        P("connect_percent",              95, U.PERCENT,        50,  100, N_("Calls connected in any 24 hours, at least")),
        P("ring_seconds",                 15, U.SECONDS,         5,  120, N_("Ring each operator for")),
        P("after_call_seconds",           60, U.SECONDS,         0, 1800, N_("Time to write up a call")),
        P("rest_minutes",                  5, U.MINUTES,         1,   30, N_("Off the queue after a hard call for")),
        P("menu",                          0, U.SWITCH,          0,    1, N_("A short menu before the first operator")),
        P("voicemail_seconds",           180, U.SECONDS,        10,  600, N_("Longest voicemail")),
        P("recording",                     0, U.SWITCH,          0,    1, N_("Record calls, after a notice")),
        P("keep_voicemail_days",         730, U.DAYS,           30, 3650, N_("Keep the voicemail of a closed ticket for")),
        P("keep_recording_days",         730, U.DAYS,           30, 3650, N_("Keep the recorded calls of a closed ticket for")),
    ),
}
# fmt: on
POLICIES = {policy.key: policy for group in GROUPS.values() for policy in group}
