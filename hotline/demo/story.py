"""One ticket of the demo, told in the order of events: what the services would have written."""

from datetime import datetime
from typing import Any

from hotline.demo.book import NumberOf, Row
from hotline.demo.corpus import Handled
from hotline.demo.promises import Promises
from hotline.handoffs.words import sentence_for
from hotline.sla import deadlines, limits, policies
from models import (
    CallbackEnd,
    Department,
    Feedback,
    Handoff,
    HandoffEnd,
    HandoffRole,
    How,
    Resolution,
    ReturnReason,
    Ticket,
    TicketStatus,
    Urgency,
    User,
)


class Story(Promises):
    """Rows about one ticket. Nothing is in the book before `tell` puts it there."""

    handoff: Row | None = None

    @property
    def operator(self) -> User:
        """Who took the call."""
        return self.world.user_of(self.ticket["operator_id"])

    @property
    def handler(self) -> User:
        """Who accepted it, in the last department that had it."""
        return self.world.user_of(self._at_department()["handler_id"])

    def hand_off(self, at: datetime, department: Department, by: User) -> Row:
        """The hotline gave it to a department; both clocks run from here."""
        urgency = self.ticket.values.get("urgency", Urgency.NORMAL)
        limit = limits.to_handle(self.ticket["level"], urgency)
        handle_due = deadlines.after(at, limit, department)
        accept_due = min(deadlines.accept_due(at, department), handle_due)
        told = Ticket(
            query_code=self.ticket["query_code"], callback_number=self.ticket["callback_number"]
        )
        self.handoff = self.row(
            Handoff,
            ticket_id=self.ticket,
            department_id=department.id,
            role=HandoffRole.LEAD,
            round=1,
            sentence=sentence_for(told, department, handle_due),
            said_at=at if self.handoff is None else None,  # the first one during the call
            handed_off_at=at,
            handed_off_by_id=by.id,
            accept_due_at=accept_due,
            limit_amount=limit.amount,
            limit_unit=limit.unit.value,
            handle_due_at=handle_due,
            due_at=accept_due,
        )
        count = self.ticket.values.get("handoff_count", 0) + 1
        self.ticket.values |= {
            "department_id": department.id,
            "lead_department_id": department.id,
            "owner_id": None,
            "handoff_count": count,
            "promised_at": self.ticket.values.get("promised_at") or handle_due,
        }
        self.fact(
            "hand_off",
            at,
            by,
            to=TicketStatus.QUEUED,
            department=department.id,
            level=self.ticket["level"].value,
        )
        return self.handoff

    def accept(self, at: datetime, handler: User) -> None:
        handoff = self._at_department()
        handoff.values |= {
            "accepted_at": at,
            "handler_id": handler.id,
            "due_at": handoff["handle_due_at"],
        }
        self.ticket["owner_id"] = handler.id
        department = handoff["department_id"]
        self.fact("accept", at, handler, to=TicketStatus.ACCEPTED, department=department)

    def ask_return(self, at: datetime, by: User, basis: str, better: Department) -> None:
        """The department says it is not its duty; it stays owner until that is decided."""
        handoff, why = self._at_department(), ReturnReason.NOT_OUR_DUTY
        handoff.values |= {
            "return_asked_at": at,
            "return_asked_by_id": by.id,
            "return_reason": why,
            "return_basis": basis,
            "return_better_department_id": better.id,
            "return_due_at": deadlines.decide_return_due(at),
        }
        department = handoff["department_id"]
        self.fact(
            "ask_return", at, by, reason=basis, department=department, why=why.value,
            better=better.id,
        )  # fmt: skip

    def send_back(self, at: datetime, by: User) -> None:
        """The hotline agreed to the return."""
        handoff = self._at_department()
        handoff.values |= {
            "return_decided_at": at,
            "return_decided_by_id": by.id,
            "ended_at": at,
            "end": HandoffEnd.SENT_BACK,
        }
        self.ticket.values |= {"department_id": None, "owner_id": by.id}
        self.fact("send_back", at, by, to=TicketStatus.OPEN, department=handoff["department_id"])

    def refuse_return(self, at: datetime, by: User, words: str) -> None:
        """The hotline refused: it may not be returned again."""
        handoff = self._at_department()
        handoff.values |= {
            "return_decided_at": at,
            "return_decided_by_id": by.id,
            "return_refusal": words,
            "is_final": True,
        }
        self.fact("refuse_return", at, by, reason=words, department=handoff["department_id"])

    def answer(
        self, at: datetime, handler: User, how: Handled, *, told_at: datetime | None = None
    ) -> None:
        """The department answered; `told_at`: it says it told the caller itself."""
        handoff = self._at_department()
        report, words = self.text(how.report, at), self.text(how.words, at)
        handoff.values |= {
            "answered_at": at,
            "answered_by_id": handler.id,
            "is_solved": how.solved,
            "why_not_solved": "" if how.solved else report,
            "report": report,
            "answer": words,
            "ended_at": at,
            "end": HandoffEnd.ANSWERED,
        }
        if told_at is not None:
            number, by = self.ticket["callback_number"], handler.display_name
            handoff.values |= {"told_caller_at": told_at, "told_caller_number": number}
            handoff["told_caller_by"] = by
        self.ticket.values |= {"department_id": None, "owner_id": None}
        self.fact(
            "answer", at, handler, to=TicketStatus.ANSWERED, department=handoff["department_id"],
            handoff=handoff, round=handoff["round"], is_solved=how.solved,
        )  # fmt: skip

    def recover_money(self, at: datetime) -> None:
        """The department got the caller's money back, and reported it `at`."""
        self.ticket["money_recovered_fen"] = int(self.slots["amount"]) * 100
        self.ticket["money_recovered_at"] = at

    def rework(self, at: datetime, by: User, department: Department, words: str) -> None:
        """The caller is not satisfied: the same people go on, in the next round."""
        last = self._at_department()
        self.end_callbacks(at, CallbackEnd.NOT_NEEDED)
        limit = limits.of("rework_days")
        due = deadlines.after(at, limit, department)
        self.handoff = self.row(
            Handoff,
            **{name: last[name] for name in ("ticket_id", "department_id", "role", "handler_id")},
            round=last["round"] + 1,
            note=words,
            handed_off_at=at,
            handed_off_by_id=by.id,
            accepted_at=at,
            accept_due_at=due,
            limit_amount=limit.amount,
            limit_unit=limit.unit.value,
            handle_due_at=due,
            due_at=due,
        )
        count = self.ticket.values.get("rework_count", 0) + 1
        self.ticket.values |= {
            "department_id": department.id,
            "owner_id": last["handler_id"],
            "rework_count": count,
            "is_supervised": count >= policies.get("supervised_after_reworks"),
        }
        self.fact(
            "rework", at, by, to=TicketStatus.ACCEPTED, reason=words,
            department=department.id, round=self.handoff["round"],
        )  # fmt: skip

    def _at_department(self) -> Row:
        if self.handoff is None:
            raise LookupError("no department has it")
        return self.handoff

    def close(
        self,
        at: datetime,
        by: User,
        resolution: Resolution,
        *,
        how: How = How.IN_CALL,
        told: str | NumberOf = "",
        action: str = "close",
        end: CallbackEnd = CallbackEnd.KEPT,
        data: dict[str, Any] | None = None,
        **fields: Any,
    ) -> None:
        """The proof that the caller was told, and the end of all that still ran."""
        feedback = self.row(
            Feedback,
            ticket_id=self.ticket,
            how=how,
            at=at,
            told=told,
            **{"recorded_by_id": by.id, **fields},
        )
        self._end_debts(at, end)
        self.ticket.values |= {
            "resolution": resolution,
            "closing_feedback_id": feedback,
            "closed_at": at,
            "department_id": None,
            "owner_id": None,
        }
        self.fact(
            action,
            at,
            by,
            to=TicketStatus.CLOSED,
            reason=told if action == "withdraw" and isinstance(told, str) else "",
            how=how.value,
            resolution_word=resolution.value,
            feedback=feedback,
            **(data or {}),
        )

    def _end_debts(self, at: datetime, end: CallbackEnd) -> None:
        handoff_end = {"kept": HandoffEnd.RECALLED, "not_needed": HandoffEnd.WITHDRAWN}
        self.end_callbacks(at, end)
        for row in self.rows:
            if row.model is Handoff and row.values.get("ended_at") is None:
                row.values |= {"ended_at": at, "end": handoff_end[end.value]}
