"""When we are open: weekly hours, special days, and the policies that turn them into due times."""

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant, enum_column

if TYPE_CHECKING:
    from models.user import User


class CalendarKind(StrEnum):
    DUTY = "duty"  # when operators are rung
    BUSINESS = "business"  # deadlines
    CONTACT = "contact"  # when callers may be rung


class OpeningHours(Base):
    """One interval of one weekday. Lunch is the gap between two rows; no row means closed."""

    __tablename__ = "opening_hours"

    id: Mapped[int] = mapped_column(primary_key=True)
    calendar: Mapped[CalendarKind] = mapped_column(enum_column(CalendarKind))
    # None: everybody who has no rows of their own.
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    weekday: Mapped[int] = mapped_column()  # 0 is Monday
    opens_minute: Mapped[int] = mapped_column()  # local minutes since midnight
    closes_minute: Mapped[int] = mapped_column()  # up to 1440

    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint(
            "opens_minute >= 0 AND opens_minute < closes_minute AND closes_minute <= 1440",
            name="interval",
        ),
        Index("ix_opening_hours_calendar_department_id", "calendar", "department_id"),
    )


class SpecialDay(Base):
    """A day that differs from the official list: closed, open, or open at other hours."""

    __tablename__ = "special_days"

    id: Mapped[int] = mapped_column(primary_key=True)
    on: Mapped[date] = mapped_column(Date, index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    is_working: Mapped[bool] = mapped_column()
    # Local minutes as [[opens, closes], …]; empty on a working day: the usual hours of a weekday.
    intervals: Mapped[list[list[int]]] = mapped_column(JSON, default=list)
    name: Mapped[str] = mapped_column(String(64), default="")


class OfficialList(Base):
    """The official list of one year as an administrator imported it: it holds instead of the one
    that is built in."""

    __tablename__ = "official_lists"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    imported_at: Mapped[Instant] = mapped_column()
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    imported_by: Mapped["User | None"] = relationship()
    days: Mapped[list["ListedDay"]] = relationship(
        cascade="all, delete-orphan", order_by="ListedDay.on"
    )


class ListedDay(Base):
    """A day of an imported list that is not like its weekday. The list of a year may speak of the
    December before it, where the days off of New Year begin."""

    __tablename__ = "listed_days"

    year: Mapped[int] = mapped_column(ForeignKey("official_lists.year"), primary_key=True)
    on: Mapped[date] = mapped_column(Date, primary_key=True)
    is_working: Mapped[bool] = mapped_column()  # a make-up day
    name: Mapped[str] = mapped_column(String(64))  # of the holiday, as the list has it


class PolicySetting(Base):
    """An administrator's value for one policy; hotline.sla.policy_table has the defaults."""

    __tablename__ = "policy_settings"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[Instant] = mapped_column()
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    set_by: Mapped["User | None"] = relationship()
