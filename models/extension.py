"""A department's request for more time: for a later day, or for a higher level of difficulty."""

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant, enum_column
from models.category import Level

if TYPE_CHECKING:
    from models.handoff import Handoff
    from models.user import User

FOR_A_DAY, FOR_A_LEVEL = text("level IS NULL"), text("level IS NOT NULL")


class Extension(Base):
    __tablename__ = "extensions"

    id: Mapped[int] = mapped_column(primary_key=True)
    handoff_id: Mapped[int] = mapped_column(ForeignKey("handoffs.id"), index=True)
    asked_at: Mapped[Instant] = mapped_column()
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(Text)
    level: Mapped[Level | None] = mapped_column(enum_column(Level))  # asked for; else a day is
    # The day asked for, at the department's close; a pause moves it as it moves the limit.
    until_at: Mapped[Instant | None] = mapped_column()
    due_at: Mapped[Instant] = mapped_column()  # undecided by then: the supervisors hear of it
    reminded_at: Mapped[Instant | None] = mapped_column()
    decided_at: Mapped[Instant | None] = mapped_column()
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    is_granted: Mapped[bool | None] = mapped_column()
    # Granted: the limit before and after.
    from_due_at: Mapped[Instant | None] = mapped_column()
    to_due_at: Mapped[Instant | None] = mapped_column()

    handoff: Mapped["Handoff"] = relationship(back_populates="extensions")
    asked_by: Mapped["User"] = relationship(foreign_keys=[asked_by_id])
    decided_by: Mapped["User | None"] = relationship(foreign_keys=[decided_by_id])

    __table_args__ = (
        CheckConstraint("(level IS NULL) = (until_at IS NOT NULL)", name="day_or_level"),
        CheckConstraint("(decided_at IS NULL) = (is_granted IS NULL)", name="decided"),
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)"
            " AND (decided_by_id IS NULL OR decided_by_id <> asked_by_id)",
            name="decided_by_another",
        ),
        CheckConstraint(
            "is_granted IS NULL OR is_granted = (to_due_at IS NOT NULL)", name="granted"
        ),
        CheckConstraint(
            "(to_due_at IS NULL) = (from_due_at IS NULL)"
            " AND (to_due_at IS NULL OR to_due_at > from_due_at)",
            name="later",
        ),
        # Asked for once, whatever became of it.
        Index(
            "uq_extensions_day",
            "handoff_id",
            unique=True,
            sqlite_where=FOR_A_DAY,
            postgresql_where=FOR_A_DAY,
        ),
        Index(
            "uq_extensions_level",
            "handoff_id",
            unique=True,
            sqlite_where=FOR_A_LEVEL,
            postgresql_where=FOR_A_LEVEL,
        ),
    )
