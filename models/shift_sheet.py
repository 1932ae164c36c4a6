"""The hand-over sheet of a shift (交接单): what one person leaves to the next, as it was signed."""

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant, Json, enum_column

if TYPE_CHECKING:
    from models.call import Recording
    from models.callback import Callback
    from models.ticket import Ticket
    from models.user import User


class SheetPart(StrEnum):
    """Under which heading a line of the sheet stands, in the order of the sheet."""

    EMERGENCY = "emergency"  # 紧急求助: danger that is not over
    CALLBACK = "callback"  # 回电: who is to be rung until the next shift ends
    TICKET = "ticket"  # 在手工单: what this person holds
    VOICEMAIL = "voicemail"  # 未听留言: messages nobody has listened to
    DEPARTMENT = "department"  # 科室超时: what departments are late with


class ShiftSheet(Base):
    __tablename__ = "shift_sheets"

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    signed_at: Mapped[Instant] = mapped_column(index=True)  # handed over: frozen from here on
    until_at: Mapped[Instant] = mapped_column()  # the end of the next shift
    note: Mapped[str] = mapped_column(Text, default="")
    taken_at: Mapped[Instant | None] = mapped_column()
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    pooled_at: Mapped[Instant | None] = mapped_column()  # nobody came: what was open is in the pool
    withdrawn_at: Mapped[Instant | None] = mapped_column()  # taken back by who had signed it

    signed_by: Mapped["User"] = relationship(foreign_keys=[from_id])
    taken_by: Mapped["User | None"] = relationship(foreign_keys=[taken_by_id])
    lines: Mapped[list["SheetLine"]] = relationship(
        back_populates="sheet", order_by="SheetLine.id", cascade="all, delete-orphan"
    )

    @property
    def is_waiting(self) -> bool:
        """Whether somebody has still to take it over."""
        return self.taken_at is None and self.withdrawn_at is None and self.pooled_at is None

    __table_args__ = (
        CheckConstraint("(taken_at IS NULL) = (taken_by_id IS NULL)", name="taken"),
        CheckConstraint("taken_by_id <> from_id", name="not_by_oneself"),
        CheckConstraint(
            "(taken_at IS NULL AND withdrawn_at IS NULL)"
            " OR (taken_at IS NULL AND pooled_at IS NULL)"
            " OR (withdrawn_at IS NULL AND pooled_at IS NULL)",
            name="one_end",
        ),
    )


class SheetLine(Base):
    """One line as it stood on the sheet when it was signed."""

    __tablename__ = "sheet_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(ForeignKey("shift_sheets.id"))
    part: Mapped[SheetPart] = mapped_column(enum_column(SheetPart))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    callback_id: Mapped[int | None] = mapped_column(ForeignKey("callbacks.id"))
    recording_id: Mapped[int | None] = mapped_column(ForeignKey("recordings.id"))
    # Whether who takes the sheet over gets it: the giver's own work. The rest is to be known.
    is_passed_on: Mapped[bool] = mapped_column()
    due_at: Mapped[Instant | None] = mapped_column()
    # The words of enums and names at that moment: subject, status, kind, urgency, owner.
    said: Mapped[Json] = mapped_column(default=dict)

    sheet: Mapped[ShiftSheet] = relationship(back_populates="lines")
    ticket: Mapped["Ticket"] = relationship()
    callback: Mapped["Callback | None"] = relationship()
    recording: Mapped["Recording | None"] = relationship()

    __table_args__ = (Index("ix_sheet_lines_sheet_id", "sheet_id"),)
