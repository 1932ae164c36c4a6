"""Calls that the telephone company is to place for us: written first, then asked for, once."""

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant, enum_column

if TYPE_CHECKING:
    from models.call import Call
    from models.callback import Callback
    from models.user import User


class IntentStatus(StrEnum):
    PENDING = "pending"  # written, the company has not been asked
    ASKING = "asking"  # it is being asked, under a lease
    UNKNOWN = "unknown"  # no answer came: looked up at the company, never asked again
    PLACED = "placed"  # the company rings
    FAILED = "failed"  # it certainly does not
    EXPIRED = "expired"  # nobody asked in time, or the company does not know of it


class CallIntent(Base):
    """That a caller be rung back through the company: the operator's telephone first."""

    __tablename__ = "call_intents"

    id: Mapped[int] = mapped_column(primary_key=True)
    # What makes it the same intent: a second one with this key is refused by the database.
    dedupe_key: Mapped[str] = mapped_column(String(64), unique=True)
    callback_id: Mapped[int] = mapped_column(ForeignKey("callbacks.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    line: Mapped[str] = mapped_column(String(64))  # of the operator: rung first
    number: Mapped[str] = mapped_column(String(64))  # of the caller: rung when that is picked up
    status: Mapped[IntentStatus] = mapped_column(enum_column(IntentStatus))
    created_at: Mapped[Instant] = mapped_column()
    begun_at: Mapped[Instant | None] = mapped_column()  # when the company began to be asked
    lease_until_at: Mapped[Instant | None] = mapped_column()
    looks: Mapped[int] = mapped_column(default=0)  # how often the company was asked and had nothing
    looked_at: Mapped[Instant | None] = mapped_column()
    error: Mapped[str] = mapped_column(String(500), default="")
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"), unique=True)

    callback: Mapped["Callback"] = relationship()
    user: Mapped["User"] = relationship()
    call: Mapped["Call | None"] = relationship()

    __table_args__ = (
        Index("ix_call_intents_user_id_created_at", "user_id", "created_at"),
        Index("ix_call_intents_status_created_at", "status", "created_at"),
    )
