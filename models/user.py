"""People who work here: their account, their roles, their seat at the telephone."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant, enum_column
from models.department import Department


class Role(StrEnum):
    OPERATOR = "operator"  # 接线员
    HANDLER = "handler"  # 承办人
    HEAD = "head"  # 科室负责人
    REVIEWER = "reviewer"  # 质检员
    SUPERVISOR = "supervisor"  # 热线主管
    ADMINISTRATOR = "administrator"  # 系统管理员, held with no other role
    AUDITOR = "auditor"  # 审计员, held with no other role


class SeatState(StrEnum):
    FREE = "free"  # 空闲: may be rung
    ON_CALL = "on_call"  # 通话中
    AFTER_CALL = "after_call"  # 话后处理: writes up the last call, is not disturbed
    RESTING = "resting"  # 缓一缓: some minutes off the queue after a hard call, then free by itself
    AWAY = "away"  # 离席


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(String(200))
    department_id: Mapped[int | None] = mapped_column(
        ForeignKey("departments.id", use_alter=True), index=True
    )
    email: Mapped[str] = mapped_column(String(254), default="")
    # Where reminders by SMS go, in E.164. Not the line that rings.
    phone_number: Mapped[str] = mapped_column(String(32), default="")
    # What the provider rings for this seat: a telephone number, or empty for the telephone in the
    # page of the simulator.
    line: Mapped[str] = mapped_column(String(64), default="")
    locale: Mapped[str] = mapped_column(String(8), default="zh")  # empty: as the browser asks
    theme: Mapped[str] = mapped_column(String(8), default="")  # light, dark, or as the system
    is_active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Instant] = mapped_column()

    department: Mapped[Department | None] = relationship(foreign_keys=[department_id])
    role_rows: Mapped[list["UserRole"]] = relationship(
        back_populates="user", cascade="all, delete-orphan", lazy="selectin"
    )

    # The units without users here that this person acts for (代办人).
    kept_departments: Mapped[list[Department]] = relationship(
        primaryjoin="and_(Department.keeper_id == User.id, Department.is_active)",
        viewonly=True,
        order_by=Department.id,
    )
    seat: Mapped["Seat | None"] = relationship(viewonly=True)

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(row.role for row in self.role_rows)


class UserRole(Base):
    __tablename__ = "user_roles"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(enum_column(Role), primary_key=True)

    user: Mapped[User] = relationship(back_populates="role_rows")

    __table_args__ = (Index("ix_user_roles_role", "role"),)


class LoginSession(Base):
    """One signed-in browser. The cookie carries the token; the row decides if it still counts."""

    __tablename__ = "login_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256, hex
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    started_at: Mapped[Instant] = mapped_column()
    active_at: Mapped[Instant] = mapped_column()  # moved by what a person does, once a minute
    ended_at: Mapped[Instant | None] = mapped_column()
    address: Mapped[str] = mapped_column(String(64), default="")
    user_agent: Mapped[str] = mapped_column(String(200), default="")

    user: Mapped[User] = relationship()


class LoginAttempt(Base):
    """A failed login, counted by account and by address until it is old enough to forget."""

    __tablename__ = "login_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), index=True)
    address: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[Instant] = mapped_column(index=True)


class Seat(Base):
    """An operator's place at the telephone: what it is doing, and since when."""

    __tablename__ = "seats"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    state: Mapped[SeatState] = mapped_column(enum_column(SeatState), index=True)
    since_at: Mapped[Instant] = mapped_column()
    # The call that this seat is ringing for or talking on.
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"))
    rest_until_at: Mapped[Instant | None] = mapped_column()  # while resting, and only then
    # The rest began while the last call was being written up, which goes on meanwhile.
    rests_after_call: Mapped[bool] = mapped_column(default=False)

    user: Mapped[User] = relationship()

    __table_args__ = (
        CheckConstraint("(state = 'resting') = (rest_until_at IS NOT NULL)", name="resting"),
    )


class DutyShift(Base):
    """One person's duty on the roster (值班表); the leader of a shift is its 值班长."""

    __tablename__ = "duty_shifts"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    starts_at: Mapped[Instant] = mapped_column(index=True)
    ends_at: Mapped[Instant] = mapped_column(index=True)
    is_leader: Mapped[bool] = mapped_column(default=False)
    # When what was open went to the pool or to a named person at the end of this duty.
    handed_over_at: Mapped[Instant | None] = mapped_column()

    user: Mapped[User] = relationship()

    __table_args__ = (UniqueConstraint("user_id", "starts_at"),)
