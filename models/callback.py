"""Our promise to ring a caller by a time, and each ring made to keep it."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    and_,
)
from sqlalchemy.ext.hybrid import hybrid_method, hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant, enum_column

if TYPE_CHECKING:
    from models.ticket import Ticket
    from models.user import User


class CallbackKind(StrEnum):
    RETURN_CALL = "return_call"  # 回电: after a missed or abandoned call, a voicemail
    TELL = "tell"  # 告知: the result, or a new date
    FOLLOW_UP = "follow_up"  # 回访: check and rating
    SAFETY = "safety"  # 安全回访: after an emergency


class CallbackEnd(StrEnum):
    KEPT = "kept"  # the caller was reached, here or in another call
    UNREACHABLE = "unreachable"  # the policy ran out and a second person signed
    NOT_NEEDED = "not_needed"  # the ticket was merged, withdrawn, or the caller wants none


class Ground(StrEnum):
    """What the present due time of a callback rests on."""

    LIMIT = "limit"  # the limit of the kind, in working time
    CONTACT_HOURS = "contact_hours"  # the limit ends at night: the next contact hours
    WINDOW = "window"  # the caller's own time, which beats every other rule
    AGREED = "agreed"  # in the last ring the caller asked to be rung at another time
    NEXT_SLOT = "next_slot"  # nobody was reached; the attempt policy chose the next time
    NO_RECEIPT = "no_receipt"  # a message settles it no more: the next contact hours


class Outcome(StrEnum):
    """How one attempt went."""

    REACHED = "reached"  # 已接通
    NO_ANSWER = "no_answer"  # 无人接听
    BUSY = "busy"  # 占线
    SOMEBODY_ELSE = "somebody_else"  # 他人接听: nothing of the matter was said
    LATER = "later"  # 约时再打: no failed attempt
    DEAD_NUMBER = "dead_number"  # 空号停机
    REFUSED_CALL = "refused_call"  # 拒接
    BY_MESSAGE = "by_message"  # 请发短信: was reached, rather reads the result
    DECLINED_SURVEY = "declined_survey"  # 不愿受访: was reached, does not want to rate
    VOICEMAIL = "voicemail"  # the caller's voicemail answered


class Callback(Base):
    __tablename__ = "callbacks"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    kind: Mapped[CallbackKind] = mapped_column(enum_column(CallbackKind))
    number: Mapped[str] = mapped_column(String(64), index=True)
    # Who rings; None: the pool of the hotline.
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    words: Mapped[str] = mapped_column(Text, default="")  # what to say, as the card shows it
    # The date of answer that is told in it; the promise of the ticket from then on.
    new_date: Mapped[Instant | None] = mapped_column()
    window: Mapped[str] = mapped_column(String(32), default="")  # the caller's preferred time
    promised_at: Mapped[Instant] = mapped_column()
    not_before_at: Mapped[Instant] = mapped_column()  # the window's start, or the next slot
    due_at: Mapped[Instant] = mapped_column()  # the window's end, the clock's limit, the next slot
    ground: Mapped[Ground] = mapped_column(enum_column(Ground), default=Ground.LIMIT)
    # The limit of the promise itself. No next try moves it; the caller's own wish for another time
    # does, and a new calendar.
    first_due_at: Mapped[Instant] = mapped_column()
    # The attempt policy, frozen when the promise was made.
    max_attempts: Mapped[int] = mapped_column()
    min_days: Mapped[int] = mapped_column(default=1)
    needs_off_hours: Mapped[bool] = mapped_column(default=False)  # one at noon or after 17:30
    failed_attempts: Mapped[int] = mapped_column(default=0)
    first_attempt_at: Mapped[Instant | None] = mapped_column()  # of this promise: stops its clock
    # Measured in business time from the promise on (a safety callback's by the wall clock).
    ring_seconds: Mapped[int | None] = mapped_column()  # until the first attempt
    told_seconds: Mapped[int | None] = mapped_column()  # until it was kept
    # While a message to the caller is on its way: when we ring after all without a receipt.
    receipt_due_at: Mapped[Instant | None] = mapped_column(index=True)
    # The policy is exhausted: a second person may sign.
    exhausted_at: Mapped[Instant | None] = mapped_column()
    exhausted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[Instant | None] = mapped_column()
    end: Mapped[CallbackEnd | None] = mapped_column(enum_column(CallbackEnd))
    reminded_at: Mapped[Instant | None] = mapped_column()  # that it is due soon
    overdue_reminded_at: Mapped[Instant | None] = mapped_column()
    escalated_at: Mapped[Instant | None] = mapped_column()  # that it is overdue for long

    ticket: Mapped["Ticket"] = relationship()
    owner: Mapped["User | None"] = relationship(foreign_keys=[owner_id])
    attempts: Mapped[list["CallbackAttempt"]] = relationship(
        back_populates="callback", order_by="CallbackAttempt.id"
    )

    @hybrid_property
    def is_to_ring(self) -> bool:
        """Whether somebody has to ring: it is not over, was not tried in vain, and no message is on
        its way. Of a row and as a condition alike."""
        return (
            (self.ended_at == None)  # noqa: E711 - one expression for Python and for SQL
            & (self.exhausted_at == None)  # noqa: E711
            & (self.receipt_due_at == None)  # noqa: E711
        )

    @hybrid_property
    def was_rung_late(self) -> bool:
        """Whether the first attempt came after the limit; no later try mends that."""
        return self.first_attempt_at is not None and self.first_attempt_at > self.first_due_at

    @was_rung_late.inplace.expression
    @classmethod
    def _was_rung_late(cls) -> ColumnElement[bool]:
        return and_(cls.first_attempt_at.is_not(None), cls.first_attempt_at > cls.first_due_at)

    @hybrid_method
    def is_overdue(self, at: datetime) -> bool:
        """Whether the caller waits longer than was promised: the limit, or the next try, is past,
        or the first attempt was late and nobody was reached since. Of what is to be rung."""
        return (self.due_at <= at) | self.was_rung_late

    @classmethod
    def is_due_before(cls, until: datetime, at: datetime) -> ColumnElement[bool]:
        """The condition that it falls due after `at` and before `until`, and is not late already.
        Of what is to be rung."""
        return and_(cls.due_at > at, cls.due_at < until, ~cls.was_rung_late)

    __table_args__ = (
        CheckConstraint('(ended_at IS NULL) = ("end" IS NULL)', name="ended"),
        CheckConstraint("ended_at IS NULL OR receipt_due_at IS NULL", name="receipt"),
        Index("ix_callbacks_ended_at_due_at", "ended_at", "due_at"),
        Index("ix_callbacks_first_due_at", "first_due_at"),  # reports: what was due in their days
        Index("ix_callbacks_owner_id_ended_at_due_at", "owner_id", "ended_at", "due_at"),
    )


class CallbackAttempt(Base):
    __tablename__ = "callback_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    callback_id: Mapped[int] = mapped_column(ForeignKey("callbacks.id"), index=True)
    at: Mapped[Instant] = mapped_column()
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    number: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[Outcome] = mapped_column(enum_column(Outcome))
    note: Mapped[str] = mapped_column(String(500), default="")
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"))

    callback: Mapped[Callback] = relationship(back_populates="attempts")
    by: Mapped["User"] = relationship()
