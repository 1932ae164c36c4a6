"""A ticket of the demo with its callbacks: promised, tried, kept, tried in vain."""

from datetime import datetime

from hotline.callbacks import attempts, windows
from hotline.callbacks.windows import Span
from hotline.demo.book import Row
from hotline.demo.tale import Tale
from hotline.sla import policies
from models import (
    Callback,
    CallbackAttempt,
    CallbackEnd,
    CallbackKind,
    Caller,
    Ground,
    Handoff,
    Outcome,
    Thanks,
    Ticket,
    User,
)

TALKED = (Outcome.REACHED, Outcome.DECLINED_SURVEY)
# What of a promise the policy of attempts looks at.
FROZEN = ("kind", "number", "window", "max_attempts", "min_days", "needs_off_hours")


class Promises(Tale):
    """What we owe the caller."""

    def promise(
        self,
        kind: CallbackKind,
        at: datetime,
        due_at: datetime,
        *,
        owner: User | None = None,
        words: str = "",
        window: str = "",
    ) -> Row:
        """We owe the caller a ring."""
        is_result = kind in (CallbackKind.TELL, CallbackKind.FOLLOW_UP)
        how_often = "missed_attempts" if kind is CallbackKind.RETURN_CALL else "result_attempts"
        callback = self.row(
            Callback,
            ticket_id=self.ticket,
            kind=kind,
            number=self.ticket["callback_number"],
            owner_id=owner.id if owner else None,
            words=words,
            window=window,
            ground=Ground.WINDOW if window else Ground.LIMIT,
            promised_at=at,
            not_before_at=at,
            due_at=due_at,
            first_due_at=due_at,
            max_attempts=policies.get(how_often),
            min_days=policies.get("result_attempt_days") if is_result else 1,
            needs_off_hours=is_result,
        )
        self.fact(
            "promise", at, owner, callback=callback, callback_kind=kind.value,
            due_at=due_at.isoformat(), window=window,
        )  # fmt: skip
        return callback

    def attempt(
        self,
        callback: Row,
        at: datetime,
        by: User,
        outcome: Outcome,
        note: str = "",
        *,
        later: str = "",
        call: Row | None = None,
    ) -> Row:
        """One ring to keep a promise, and when it is tried again: as the policy says, or `later`,
        the window for which the caller asked.
        """
        attempt = self.row(
            CallbackAttempt,
            callback_id=callback,
            at=at,
            by_id=by.id,
            number=callback["number"],
            outcome=outcome,
            note=note,
            call_id=call,
        )
        callback["first_attempt_at"] = callback.values.get("first_attempt_at") or at
        callback["owner_id"] = callback["owner_id"] or by.id
        if outcome in TALKED:
            callback.values |= {"ended_at": at, "end": CallbackEnd.KEPT}
        elif outcome is Outcome.LATER:
            span = windows.next_span(later, at)
            _move(callback, span, Ground.AGREED)
            callback.values |= {"window": later, "first_due_at": span.end, "first_attempt_at": None}
        else:
            self._try_again_or_give_up(callback, at, by)
        is_over = any(callback.values.get(name) for name in ("ended_at", "exhausted_at"))
        self.fact(
            "attempt", at, by, callback=callback, callback_kind=callback["kind"].value,
            outcome=outcome.value, note=note,
            next_at=None if is_over else callback["not_before_at"].isoformat(),
            exhausted=callback.values.get("exhausted_at") is not None,
        )  # fmt: skip
        return attempt

    def _try_again_or_give_up(self, callback: Row, at: datetime, by: User) -> None:
        """What the policy says of the attempts so far: the next slot, or a second person signs."""
        promise = Callback(
            **{name: callback[name] for name in FROZEN},
            ticket=Ticket(caller=Caller()),
            attempts=[
                CallbackAttempt(**{name: row[name] for name in ("at", "number", "outcome")})
                for row in self.rows
                if row.model is CallbackAttempt and row["callback_id"] is callback
            ],
        )
        callback["failed_attempts"] = len(attempts.failed(promise.attempts))
        if attempts.is_exhausted(promise):
            callback.values |= {"exhausted_at": at, "exhausted_by_id": by.id}
        else:
            _move(callback, attempts.next_slot(promise, at), Ground.NEXT_SLOT)

    def thank(self, at: datetime, attempt: Row, by: User, words: str) -> None:
        """The caller gave thanks in that ring."""
        handoff = next((row for row in reversed(self.rows) if row.model is Handoff), None)
        self.row(
            Thanks,
            ticket_id=self.ticket,
            attempt_id=attempt,
            words=words,
            at=at,
            recorded_by_id=by.id,
            operator_id=self.ticket["operator_id"],
            handler_id=handoff["answered_by_id"] if handoff else None,
            department_id=handoff["department_id"] if handoff else None,
        )
        self.fact("thank", at, by, text=words)

    def end_callbacks(self, at: datetime, end: CallbackEnd) -> None:
        for row in self.rows:
            if row.model is Callback and row.values.get("ended_at") is None:
                row.values |= {"ended_at": at, "end": end}


def _move(callback: Row, span: Span, ground: Ground) -> None:
    callback.values |= {"not_before_at": span.begin, "due_at": span.end, "ground": ground}
