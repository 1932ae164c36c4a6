"""One passage of a ticket through one department's queue, from the hand-off to its end."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.ext.hybrid import hybrid_method, hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant, enum_column
from models.department import Department

if TYPE_CHECKING:
    from models.extension import Extension
    from models.ticket import Ticket
    from models.user import User


class HandoffRole(StrEnum):
    LEAD = "lead"  # 主办
    ASSIST = "assist"  # 协办


class HandoffEnd(StrEnum):
    ANSWERED = "answered"
    SENT_BACK = "sent_back"  # 退单, agreed by the hotline
    RECALLED = "recalled"  # 收回
    WITHDRAWN = "withdrawn"  # the caller took the matter back
    MERGED = "merged"


class ReturnReason(StrEnum):
    """The only reasons for asking to return a ticket."""

    NOT_OUR_DUTY = "not_our_duty"  # 不属本单位职责
    NOT_OUR_AREA = "not_our_area"  # 不属本辖区


class Handoff(Base):
    __tablename__ = "handoffs"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    role: Mapped[HandoffRole] = mapped_column(enum_column(HandoffRole), default=HandoffRole.LEAD)
    round: Mapped[int] = mapped_column(default=1)  # a rework is the next round, same department
    note: Mapped[str] = mapped_column(Text, default="")  # what the hotline asks of the department
    sentence: Mapped[str] = mapped_column(String(300), default="")  # for the caller
    said_at: Mapped[Instant | None] = mapped_column()  # None: the caller was not on the line
    handed_off_at: Mapped[Instant] = mapped_column()
    handed_off_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    accept_due_at: Mapped[Instant] = mapped_column()
    handle_due_at: Mapped[Instant] = mapped_column()
    # The limit to answer as it began (hotline.sla.limits), and why it moved since, each move with
    # its instant, from when, to when (hotline.handoffs.moves): by these the due time is explained.
    limit_amount: Mapped[int] = mapped_column()
    limit_unit: Mapped[str] = mapped_column(String(32))
    moves: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    # The nearer of the two that still counts: the queue is sorted by it.
    due_at: Mapped[Instant] = mapped_column()
    paused_at: Mapped[Instant | None] = mapped_column()  # waiting for the caller, or suspended
    # Measured in the department's business time (a critical matter's by the wall clock).
    paused_seconds: Mapped[int] = mapped_column(default=0)  # of the pauses that are over
    accept_seconds: Mapped[int | None] = mapped_column()  # hand-off → accepted
    handle_seconds: Mapped[int | None] = mapped_column()  # hand-off → its end, without the pauses
    accepted_at: Mapped[Instant | None] = mapped_column()
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[Instant | None] = mapped_column()
    end: Mapped[HandoffEnd | None] = mapped_column(enum_column(HandoffEnd))

    # 退单申请: asked once; while undecided the department stays owner and its clock runs.
    return_asked_at: Mapped[Instant | None] = mapped_column()
    return_asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    return_reason: Mapped[ReturnReason | None] = mapped_column(enum_column(ReturnReason))
    return_basis: Mapped[str] = mapped_column(Text, default="")
    return_better_department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    return_due_at: Mapped[Instant | None] = mapped_column()  # undecided by then → supervisor
    return_decided_at: Mapped[Instant | None] = mapped_column()
    return_decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    return_refusal: Mapped[str] = mapped_column(Text, default="")
    is_final: Mapped[bool] = mapped_column(default=False)  # 驳回: may not be returned again

    # 办理答复
    answered_at: Mapped[Instant | None] = mapped_column()
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    is_solved: Mapped[bool | None] = mapped_column()
    why_not_solved: Mapped[str] = mapped_column(Text, default="")
    report: Mapped[str] = mapped_column(Text, default="")  # what was done; internal
    answer: Mapped[str] = mapped_column(Text, default="")  # 答复口径: what to tell the caller
    told_caller_at: Mapped[Instant | None] = mapped_column()  # 承办告知
    told_caller_number: Mapped[str] = mapped_column(String(64), default="")
    told_caller_by: Mapped[str] = mapped_column(String(64), default="")

    accept_reminded_at: Mapped[Instant | None] = mapped_column()
    handle_reminded_at: Mapped[Instant | None] = mapped_column()
    return_reminded_at: Mapped[Instant | None] = mapped_column()
    # When it was settled that the caller hears a word at half time, or needs none.
    progress_at: Mapped[Instant | None] = mapped_column()

    ticket: Mapped["Ticket"] = relationship()
    department: Mapped[Department] = relationship(foreign_keys=[department_id])
    return_better_department: Mapped[Department | None] = relationship(
        foreign_keys=[return_better_department_id]
    )
    handler: Mapped["User | None"] = relationship(foreign_keys=[handler_id])
    extensions: Mapped[list["Extension"]] = relationship(
        back_populates="handoff", order_by="Extension.id"
    )

    @property
    def first_due_at(self) -> datetime:
        """The limit to answer as it began, before anything moved it."""
        return datetime.fromisoformat(self.moves[0]["from"]) if self.moves else self.handle_due_at

    @hybrid_property
    def return_is_undecided(self) -> bool:
        """Whether the hotline has to decide about a return; of a row and as a condition alike."""
        return (
            (self.ended_at == None)  # noqa: E711 - one expression for Python and for SQL
            & (self.return_asked_at != None)  # noqa: E711
            & (self.return_decided_at == None)  # noqa: E711
        )

    @hybrid_method
    def is_overdue(self, at: datetime) -> bool:
        """Whether the nearer limit is past while the clock runs. Of an unfinished one."""
        return (self.due_at <= at) & (self.paused_at == None)  # noqa: E711

    @hybrid_method
    def is_due_before(self, until: datetime, at: datetime) -> bool:
        """Whether it falls due after `at` and before `until`. Of an unfinished one."""
        return (
            (self.due_at > at) & (self.due_at < until) & (self.paused_at == None)  # noqa: E711
        )

    __table_args__ = (
        CheckConstraint('(ended_at IS NULL) = ("end" IS NULL)', name="ended"),
        CheckConstraint(
            "return_decided_by_id IS NULL OR return_decided_by_id <> return_asked_by_id",
            name="return_decided_by_another",
        ),
        # Whether a department ever had a ticket is asked of each ticket in a list: answered here.
        Index("ix_handoffs_ticket_id_department_id", "ticket_id", "department_id"),
        Index("ix_handoffs_department_id_ended_at_due_at", "department_id", "ended_at", "due_at"),
        Index("ix_handoffs_ended_at_due_at", "ended_at", "due_at"),
        # A report reads what counts in its days, each clock by the instant that puts it there.
        Index("ix_handoffs_handed_off_at", "handed_off_at"),
        Index("ix_handoffs_accept_due_at", "accept_due_at"),
        Index("ix_handoffs_handle_due_at", "handle_due_at"),
    )
