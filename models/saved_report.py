"""A report that somebody gave a name, and to whom it is sent by itself."""

from enum import StrEnum

from sqlalchemy import Column, ForeignKey, Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant, Json, enum_column
from models.user import User


class Schedule(StrEnum):
    """When it is sent: about the days that have just ended."""

    NEVER = "never"
    WEEKLY = "weekly"  # Monday to Sunday
    MONTHLY = "monthly"  # the reporting month


saved_report_recipients = Table(
    "saved_report_recipients",
    Base.metadata,
    Column("saved_report_id", ForeignKey("saved_reports.id"), primary_key=True),
    Column("user_id", ForeignKey("users.id"), primary_key=True),
)


class SavedReport(Base):
    __tablename__ = "saved_reports"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    # By what and of what, as the address of the report says it; without the days.
    asked: Mapped[Json] = mapped_column()
    schedule: Mapped[Schedule] = mapped_column(enum_column(Schedule), default=Schedule.NEVER)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[Instant] = mapped_column()
    # The last days it was sent about, by their name: the same are not sent twice.
    sent_for: Mapped[str] = mapped_column(String(24), default="")
    sent_at: Mapped[Instant | None] = mapped_column()

    owner: Mapped[User] = relationship()
    recipients: Mapped[list[User]] = relationship(
        secondary=saved_report_recipients, order_by=User.id
    )

    __table_args__ = (Index("ix_saved_reports_schedule", "schedule"),)
