"""The clocks of the hotline as one table: what each measures, and while what it runs.

Each clock is measured once, when it stops, and kept beside its row: what a report says today it
says in a year, whatever becomes of the calendar.
"""

from enum import StrEnum

from models import TicketStatus as S


class ClockKind(StrEnum):
    PICK_UP = "pick_up"  # 接听: ring → answered, by the wall clock
    SIGN = "sign"  # 签收: hand-off → accepted
    HANDLE = "handle"  # 办理: hand-off → answer, without the pauses
    RETURN_CALL = "return_call"  # 回电: missed → first attempt
    CALLBACK = "callback"  # 告知: answer → first attempt
    TOLD = "told"  # answer → told; stands beside CALLBACK, no limit of its own
    WHOLE = "whole"  # 全程用时: first ring → closed, by the wall clock; no limit


UNCLOSED = frozenset(S) - {S.CLOSED}
# While it waits for the caller (待补充) no clock of a department runs either.
RUNS_WHILE: dict[ClockKind, frozenset[S]] = {
    ClockKind.SIGN: frozenset({S.QUEUED}),
    ClockKind.HANDLE: frozenset({S.QUEUED, S.ACCEPTED}),
    ClockKind.RETURN_CALL: UNCLOSED,
    ClockKind.CALLBACK: UNCLOSED,
    ClockKind.TOLD: UNCLOSED,
    ClockKind.WHOLE: UNCLOSED,
}
