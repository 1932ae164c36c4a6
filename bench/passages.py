"""A ticket with a department: handed off, accepted, paused, answered, done again."""

from bench import seconds
from bench.tables import Row
from bench.tale import Tale
from bench.words import Matter
from hotline.demo.texts import remarks
from hotline.handoffs.moves import Why
from hotline.sla.limits import Limit
from models import (
    HandoffEnd,
    HandoffRole,
    Holder,
    Level,
    ReturnReason,
    TicketStatus,
    Urgency,
)

DEPARTMENT = Holder.DEPARTMENT
EXTENDED_BY = 5  # working days


class Passages(Tale):
    """A ticket and the departments that have had it; `handoff` is the last passage."""

    handoff: Row
    department: int

    @property
    def by_the_wall(self) -> bool:
        return self.ticket.get("urgency") is Urgency.CRITICAL

    def hand_off(self, at: int, department: int, by: int) -> None:
        """The hotline gives it to a department; both clocks run from here."""
        ticket, world = self.ticket, self.world
        level = ticket["level"]
        self.fact(
            "hand_off", at, by, to=TicketStatus.QUEUED, department=department, level=level.value
        )
        limit = world.policies.to_handle[level, ticket.get("urgency", Urgency.NORMAL)]
        handle_due = world.due(at, limit)
        accept_due = min(world.hours.add(at, world.policies.spans["accept_minutes"]), handle_due)
        is_first = not ticket.get("handoff_count", 0)
        on = seconds.local_day(handle_due)
        self.handoff = self._passage(
            at, department, by, limit, handle_due,
            sentence=f"您的事已转{world.house.names[department]}，最迟{on.month}月{on.day}日下班前"
            f"答复您，查询码{ticket['query_code']}。",
            said_at=at if is_first else None,
            accept_due_at=accept_due,
            due_at=accept_due,
        )  # fmt: skip
        ticket["lead_department_id"] = department
        ticket["handoff_count"] = ticket.get("handoff_count", 0) + 1
        ticket["is_supervised"] = ticket["handoff_count"] >= 3
        if is_first:
            ticket["promised_at"] = handle_due

    def accept(self, at: int, handler: int) -> None:
        self.fact("accept", at, handler, to=TicketStatus.ACCEPTED, department=self.department)
        handoff = self.handoff
        handoff.update(
            accepted_at=at,
            handler_id=handler,
            due_at=handoff["handle_due_at"],
            accept_seconds=self._measured(handoff["handed_off_at"], at),
        )
        self.ticket["owner_id"] = handler

    def ask_return(self, at: int, by: int, better: int) -> None:
        """The department says it is not its duty; it stays owner until that is decided."""
        why, basis = ReturnReason.NOT_OUR_DUTY, self._one(remarks.RETURN_BASES)
        self.fact(
            "ask_return", at, by, reason=basis, department=self.department, why=why.value,
            better=better,
        )  # fmt: skip
        self.handoff.update(
            return_asked_at=at,
            return_asked_by_id=by,
            return_reason=why,
            return_basis=basis,
            return_better_department_id=better,
            return_due_at=self.world.hours.add(
                at, self.world.policies.spans["decide_return_minutes"]
            ),
        )

    def send_back(self, at: int, by: int) -> None:
        """The hotline agrees to the return."""
        self.fact("send_back", at, by, to=TicketStatus.OPEN, department=self.department)
        self.handoff.update(return_decided_at=at, return_decided_by_id=by)
        self.end_passage(at, HandoffEnd.SENT_BACK)
        self.ticket["owner_id"] = by

    def refuse_return(self, at: int, by: int) -> None:
        words = self._one(remarks.RETURN_REFUSALS)
        self.fact("refuse_return", at, by, reason=words, department=self.department)
        self.handoff.update(
            return_decided_at=at, return_decided_by_id=by, return_refusal=words, is_final=True
        )

    def wait(self, at: int, until: int, ended_at: int) -> None:
        """Wait for something only the caller can give; it came, or the time was over."""
        handler, hours, handoff = self.handoff["handler_id"], self.world.hours, self.handoff
        what = "请补充劳动合同和工资流水复印件"
        self.fact("wait", at, handler, reason=what, until=seconds.iso(until), has_told=True)
        self.charge(at, Holder.CALLER)
        to = hours.add(handoff["handle_due_at"], max(hours.between(at, until), 1))
        handoff.update(paused_at=at, due_at=to)
        self.ticket.update(waiting_since_at=at, waiting_until_at=until, waiting_for=what)
        self.fact("end_wait", ended_at, handler)
        self.ticket.update(waiting_since_at=None, waiting_until_at=None, waited_at=ended_at)
        self._go_on(at, ended_at)

    def suspend(self, at: int, by: int, review_at: int, resumed_at: int) -> None:
        """Put aside until a day of review; taken up again some time later."""
        review_on, handler = seconds.local_day(review_at), self.handoff["handler_id"]
        measures = "已列入挂账清单，每月跟进一次。"
        self.fact(
            "suspend", at, by, to=TicketStatus.SUSPENDED, reason="目前不具备解决条件",
            review_on=review_on.isoformat(), measures=measures,
        )  # fmt: skip
        self.charge(at, Holder.SUSPENDED)
        self.handoff["paused_at"] = at
        self.ticket.update(
            review_on=review_on.isoformat(),
            suspended_from=TicketStatus.ACCEPTED,
            suspended_measures=measures,
            department_id=None,
            owner_id=by,
        )
        self.fact("resume", resumed_at, by, to=TicketStatus.ACCEPTED)
        self.ticket.update(
            review_on=None,
            suspended_from=None,
            suspended_measures="",
            department_id=self.department,
            owner_id=handler,
        )
        self._go_on(at, resumed_at)

    def extend(self, asked_at: int, decided_at: int, supervisor: int) -> None:
        """More time was asked for before the limit, and granted."""
        handoff, by = self.handoff, self.handoff["handler_id"]
        before = handoff["handle_due_at"]
        to = self.world.hours.after_days(before, EXTENDED_BY)
        reason = "需要等待单位提供原始台账，申请延长办理时间。"
        asked = self.book.extensions.add(
            handoff_id=handoff["id"],
            asked_at=asked_at,
            asked_by_id=by,
            reason=reason,
            until_at=to,
            due_at=self.world.hours.add(
                asked_at, self.world.policies.spans["decide_return_minutes"]
            ),
        )
        self.fact(
            "ask_extension", asked_at, by, reason=reason, department=self.department,
            extension=asked["id"], until=seconds.iso(to),
        )  # fmt: skip
        moved = {"from": seconds.iso(before), "to": seconds.iso(to)}
        self.fact(
            "grant_extension", decided_at, supervisor, department=self.department,
            extension=asked["id"], level=None, moved=[["handle", moved["from"], moved["to"]]],
        )  # fmt: skip
        asked.update(
            decided_at=decided_at,
            decided_by_id=supervisor,
            is_granted=True,
            from_due_at=before,
            to_due_at=to,
        )
        self._move(to, Why.EXTENSION, decided_at, extension=asked["id"])
        handoff["due_at"] = to

    def answer(self, at: int, matter: Matter, *, told: bool) -> None:
        """The department answers; `told`: it says that it told the caller itself."""
        handoff = self.handoff
        handler = handoff["handler_id"]
        self.fact(
            "answer", at, handler, to=TicketStatus.ANSWERED, department=self.department,
            handoff=handoff["id"], round=handoff["round"], is_solved=matter.is_solved,
        )  # fmt: skip
        handoff.update(
            answered_at=at,
            answered_by_id=handler,
            is_solved=matter.is_solved,
            why_not_solved="" if matter.is_solved else matter.report,
            report=matter.report,
            answer=matter.words,
        )
        if told:
            handoff.update(
                told_caller_at=at - 480,
                told_caller_number=self.guest.number,
                told_caller_by="承办人",
            )
        self.end_passage(at, HandoffEnd.ANSWERED)
        if matter.is_solved and matter.is_about_money:
            self.ticket["money_recovered_fen"] = self.world.within(10, 400) * 10_000
            self.ticket["money_recovered_at"] = at

    def rework(self, at: int, by: int) -> None:
        """The caller is not satisfied: the same people go on, in the next round."""
        last, words = self.handoff, self._one(remarks.DISSATISFIED)
        department, handler = last["department_id"], last["handler_id"]
        self.fact(
            "rework", at, by, to=TicketStatus.ACCEPTED, reason=words, department=department,
            round=last["round"] + 1,
        )  # fmt: skip
        limit = self.world.policies.rework
        due = self.world.due(at, limit)
        self.handoff = self._passage(
            at, department, by, limit, due,
            round=last["round"] + 1, note=words, handler_id=handler, accepted_at=at,
            accept_seconds=0, accept_due_at=due, due_at=due,
        )  # fmt: skip
        self.ticket["owner_id"] = handler
        self.ticket["rework_count"] = self.ticket.get("rework_count", 0) + 1

    def end_passage(self, at: int, end: HandoffEnd) -> None:
        """The department has it no more; what it spent is measured."""
        handoff = self.handoff
        whole = self._measured(handoff["handed_off_at"], at)
        paused = handoff["paused_seconds"]
        handoff.update(ended_at=at, end=end, handle_seconds=max(whole - paused, 0))
        self.ticket.update(department_id=None, owner_id=None)
        self.charge(at, Holder.HOTLINE)

    def _passage(
        self, at: int, department: int, by: int, limit: Limit, due: int, **values: object
    ) -> Row:
        self.department = department
        self.ticket.update(department_id=department, owner_id=None)
        self.charge(at, DEPARTMENT, department)
        passage = {"round": 1, "paused_seconds": 0, "handler_id": None, "moves": []} | values
        return self.book.handoffs.add(
            ticket_id=self.id,
            department_id=department,
            role=HandoffRole.LEAD,
            handed_off_at=at,
            handed_off_by_id=by,
            handle_due_at=due,
            limit_amount=limit.amount,
            limit_unit=limit.unit.value,
            **passage,
        )

    def _go_on(self, since: int, at: int) -> None:
        """The clock runs again, its limit later by the pause."""
        handoff, hours = self.handoff, self.world.hours
        self.charge(at, DEPARTMENT, self.department)
        paused = hours.between(since, at)
        if paused:
            to = hours.add(handoff["handle_due_at"], paused)
            moved = {"since": seconds.iso(since), "until": seconds.iso(at)}
            self._move(to, Why.PAUSE, at, **moved)
        handoff["paused_seconds"] += self._measured(since, at)
        handoff.update(paused_at=None, due_at=handoff["handle_due_at"])

    def _move(self, to: int, why: Why, at: int, **facts: object) -> None:
        handoff = self.handoff
        step = {"at": at, "from": handoff["handle_due_at"], "to": to}
        told = {name: seconds.iso(value) for name, value in step.items()}
        handoff["moves"] = [*handoff["moves"], {"why": why.value, **told, **facts}]
        handoff["handle_due_at"] = to

    def _measured(self, start: int, end: int) -> int:
        return end - start if self.by_the_wall else self.world.hours.between(start, end)

    def _one(self, texts: tuple[str, ...]) -> str:
        return texts[int(self.world.rng.random() * len(texts))]


# How long the work takes by the level, in seconds of working time.
WORK = {
    Level.CONSULTATION: (seconds.HOUR, 6 * seconds.HOUR),
    Level.ORDINARY: (3 * seconds.HOUR, int(4.6 * seconds.WORKING_DAY)),
    Level.DIFFICULT: (seconds.WORKING_DAY, 11 * seconds.WORKING_DAY),
    Level.COMPLEX: (4 * seconds.WORKING_DAY, 20 * seconds.WORKING_DAY),
}
