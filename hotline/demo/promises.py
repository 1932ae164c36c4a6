"""A ticket of the demo with its callbacks: promised, tried, kept, tried in vain."""

from datetime import datetime, timedelta

from hotline.demo.book import Row
from hotline.demo.tale import Tale
from hotline.sla import policies
from models import (
    Callback,
    CallbackAttempt,
    CallbackEnd,
    CallbackKind,
    Outcome,
    TicketEvent,
    User,
)

TALKED = (Outcome.REACHED, Outcome.DECLINED_SURVEY)


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
        attempts = "missed_attempts" if kind is CallbackKind.RETURN_CALL else "result_attempts"
        callback = self.row(
            Callback,
            ticket_id=self.ticket,
            kind=kind,
            number=self.ticket["callback_number"],
            owner_id=owner.id if owner else None,
            words=words,
            window=window,
            promised_at=at,
            not_before_at=at,
            due_at=due_at,
            max_attempts=policies.get(attempts),
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
        next_at: datetime | None = None,
    ) -> Row:
        """One ring to keep a promise; `next_at` is when it is tried again."""
        attempt = self.row(
            CallbackAttempt,
            callback_id=callback,
            at=at,
            by_id=by.id,
            number=callback["number"],
            outcome=outcome,
            note=note,
        )
        if outcome in TALKED:
            callback.values |= {"ended_at": at, "end": CallbackEnd.KEPT}
        elif outcome is not Outcome.LATER:
            callback["failed_attempts"] = callback.values.get("failed_attempts", 0) + 1
        callback["first_attempt_at"] = callback.values.get("first_attempt_at") or at
        callback["owner_id"] = callback["owner_id"] or by.id
        if next_at is not None:
            callback.values |= {"not_before_at": next_at, "due_at": next_at + timedelta(hours=3)}
        self.fact(
            "attempt", at, by, callback=callback, callback_kind=callback["kind"].value,
            outcome=outcome.value, note=note,
            next_at=next_at.isoformat() if next_at else None, exhausted=False,
        )  # fmt: skip
        return attempt

    def exhaust(self, callback: Row, at: datetime, by: User) -> None:
        """Everything the policy asks for was tried: a second person may sign."""
        callback.values |= {"exhausted_at": at, "exhausted_by_id": by.id}
        attempts = [row for row in self.rows if row.model is TicketEvent]
        attempts[-1]["data"]["exhausted"] = True

    def end_callbacks(self, at: datetime, end: CallbackEnd) -> None:
        for row in self.rows:
            if row.model is Callback and row.values.get("ended_at") is None:
                row.values |= {"ended_at": at, "end": end}
