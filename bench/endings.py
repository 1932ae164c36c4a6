"""What we owe the caller of a ticket, and the proof with which it closes."""

from bench import seconds
from bench.passages import Passages
from bench.seconds import HOUR
from bench.tables import Row
from bench.tale import CLOSED
from hotline.demo.texts import remarks
from models import CallbackEnd, CallbackKind, HandoffEnd, How, Outcome, Resolution

IN_VAIN = (
    *(Outcome.NO_ANSWER, Outcome.NO_ANSWER, Outcome.BUSY, Outcome.REFUSED_CALL),
    *(Outcome.SOMEBODY_ELSE, Outcome.VOICEMAIL),
)
RESULT = (CallbackKind.TELL, CallbackKind.FOLLOW_UP)
SLOT = 3 * HOUR


class Endings(Passages):
    """A ticket with its callbacks and its end."""

    callback: Row | None = None

    def promise(
        self, kind: CallbackKind, at: int, due: int, *, owner: int | None, words: str = ""
    ) -> Row:
        """We owe the caller a ring."""
        policy, is_result = self.world.policies.days, kind in RESULT
        often = "missed_attempts" if kind is CallbackKind.RETURN_CALL else "result_attempts"
        number = self.book.callbacks.count + 1
        self.fact(
            "promise", at, owner, callback=number, callback_kind=kind.value,
            due_at=seconds.iso(due), window="",
        )  # fmt: skip
        self.callback = self.book.callbacks.add(
            ticket_id=self.id,
            kind=kind,
            number=self.guest.number,
            owner_id=owner,
            words=words,
            promised_at=at,
            not_before_at=at,
            due_at=due,
            first_due_at=due,
            max_attempts=policy[often],
            min_days=policy["result_attempt_days"] if is_result else 1,
            needs_off_hours=is_result,
            failed_attempts=0,
        )
        return self.callback

    def attempt(self, at: int, by: int, outcome: Outcome, *, is_last: bool = False) -> Row:
        """One ring to keep the promise; `is_last`: the policy asks for no more."""
        callback = self.callback
        if callback is None:
            raise LookupError("nothing was promised")
        is_reached = outcome in (Outcome.REACHED, Outcome.DECLINED_SURVEY)
        note = self._one(remarks.REACHED if is_reached else remarks.NOT_REACHED[outcome.value])
        next_at = None if is_reached or is_last else at + HOUR
        self.fact(
            "attempt", at, by, callback=callback["id"], callback_kind=callback["kind"].value,
            outcome=outcome.value, note=note, exhausted=is_last,
            next_at=seconds.iso(next_at) if next_at else None,
        )  # fmt: skip
        call = self.rung(at, by) if is_reached else None
        row = self.book.attempts.add(
            callback_id=callback["id"],
            at=at,
            by_id=by,
            number=self.guest.number,
            outcome=outcome,
            note=note,
            call_id=call["id"] if call else None,
        )
        if "first_attempt_at" not in callback:
            callback["first_attempt_at"] = at
            callback["ring_seconds"] = self._promised_for(at)
        callback["owner_id"] = callback["owner_id"] or by
        if is_reached:
            self.end_callback(at, CallbackEnd.KEPT)
            return row
        callback["failed_attempts"] += 1
        if is_last:
            callback.update(exhausted_at=at, exhausted_by_id=by)
        elif next_at:
            callback.update(not_before_at=next_at, due_at=next_at + SLOT)
        return row

    def end_callback(self, at: int, end: CallbackEnd) -> None:
        """Nothing is owed any more by the callback that is open, if there is one."""
        if (callback := self.callback) is None:
            return
        callback.update(ended_at=at, end=end)
        if end is CallbackEnd.KEPT:
            callback["told_seconds"] = self._promised_for(at)
        self.callback = None

    def close(
        self,
        at: int,
        by: int,
        how: How,
        resolution: Resolution,
        *,
        kind: str = "close",
        end: CallbackEnd = CallbackEnd.KEPT,
        told: str = "",
        **evidence: object,
    ) -> None:
        """The proof that the caller was told, and the end of all that still ran."""
        if self.ticket.get("outer_number"):
            self.fact("report_back", at, by, text=remarks.REPORTED)
            self.ticket["outer_reported_at"] = at
        number = self.book.feedback.count + 1
        self.fact(
            kind, at, by, to=CLOSED, reason=told if kind == "withdraw" else "", how=how.value,
            resolution_word=resolution.value, feedback=number,
        )  # fmt: skip
        self.book.feedback.add(
            ticket_id=self.id, how=how, at=at, told=told, recorded_by_id=by, **evidence
        )
        self.end_callback(at, end)
        if self.ticket.get("department_id"):
            self.end_passage(at, HandoffEnd.WITHDRAWN)
        self.charge(at, None)
        self.ticket.update(
            resolution=resolution,
            closing_feedback_id=number,
            closed_at=at,
            owner_id=None,
        )

    def sign_unreachable(self, at: int, asked_by: int) -> None:
        """Somebody who tried nothing signs that everything was tried."""
        signer = self.world.supervisor(at)
        self.close(
            at, signer, How.UNREACHABLE, Resolution.UNREACHABLE, end=CallbackEnd.UNREACHABLE,
            asked_by_id=asked_by, signed_by_id=signer, signed_at=at,
        )  # fmt: skip

    def _promised_for(self, at: int) -> int:
        callback = self.callback or {}
        since = callback["promised_at"]
        if callback["kind"] is CallbackKind.SAFETY:
            return int(at - since)
        return self.world.hours.between(since, at)
