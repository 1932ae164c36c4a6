"""One matter of one caller, from the first ring to the proof that the caller was told."""

from datetime import date
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    func,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant, enum_column
from models.caller import Caller
from models.category import Category, DemandKind, Level
from models.department import Department
from models.ticket_event import TicketEvent
from models.user import User


class TicketStatus(StrEnum):
    OPEN = "open"  # 待处理: the hotline holds it
    QUEUED = "queued"  # 待签收: handed off, not yet accepted; the clock runs from the hand-off
    ACCEPTED = "accepted"  # 办理中: a department works on it
    ANSWERED = "answered"  # 待回访: an answer exists; nobody has confirmed that the caller heard it
    SUSPENDED = "suspended"  # 挂账: cannot be solved now; a review date stands
    CLOSED = "closed"  # 办结: over, with a resolution and the proof that the caller was told


class Urgency(StrEnum):
    NORMAL = "normal"  # 一般
    URGENT = "urgent"  # 紧急
    CRITICAL = "critical"  # 特急


class Source(StrEnum):
    """How the matter came to us."""

    PHONE = "phone"
    VISIT = "visit"
    LETTER = "letter"
    NET = "net"
    HOTLINE_12345 = "12345"
    HOTLINE_12351 = "12351"  # from the union hotline above us


class Resolution(StrEnum):
    ANSWERED_DIRECTLY = "answered_directly"  # 直接答复
    SOLVED = "solved"  # 已解决
    EXPLAINED = "explained"  # 已解释说明
    REFERRED = "referred"  # 已指引渠道
    DECLINED = "declined"  # 不予受理
    CLOSED_REPEAT = "closed_repeat"  # 不再办理
    UNREACHABLE = "unreachable"  # 联系不上
    WITHDRAWN = "withdrawn"  # 已撤销
    NO_MATTER = "no_matter"  # 无诉求
    MERGED = "merged"  # 已合并


LARGE_FROM = 10  # callers
OUTER_OWED = "outer_reported_at IS NULL AND outer_number <> ''"  # the sender still waits


class Collective(Base):
    """Several callers with one matter (群体性): linked tickets, each with its own debt."""

    __tablename__ = "collectives"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(128))
    created_at: Mapped[Instant] = mapped_column()
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    callers_count: Mapped[int] = mapped_column()

    @property
    def is_large(self) -> bool:
        """Whether they may choose representatives (劳动争议调解仲裁法 art. 7)."""
        return self.callers_count >= LARGE_FROM


class Ticket(Base):
    __tablename__ = "tickets"

    # Said aloud because the column is also part of a foreign key (to the closing feedback).
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)  # 20261120-0042
    query_code: Mapped[str] = mapped_column(String(8), index=True)  # four digits for the caller
    # The form of the log that made it: the same one makes no second ticket.
    form_key: Mapped[str | None] = mapped_column(String(32), unique=True)
    # Written by hotline.tickets.lifecycle only.
    status: Mapped[TicketStatus] = mapped_column(enum_column(TicketStatus))
    resolution: Mapped[Resolution | None] = mapped_column(enum_column(Resolution))
    # A plain column without relationship: it may only be set together with the status, after the
    # feedback row is flushed. See the constraints below.
    closing_feedback_id: Mapped[int | None] = mapped_column()

    caller_id: Mapped[int] = mapped_column(ForeignKey("callers.id"), index=True)
    # The number to ring about this ticket; empty when there is none (withheld, a visit).
    callback_number: Mapped[str] = mapped_column(String(64), default="", index=True)
    # The caller's identity by number alone is a guess until an operator confirmed it.
    caller_confirmed_at: Mapped[Instant | None] = mapped_column()
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"), index=True)
    demand_kind: Mapped[DemandKind | None] = mapped_column(enum_column(DemandKind))
    level: Mapped[Level] = mapped_column(enum_column(Level), default=Level.ORDINARY)
    subject: Mapped[str] = mapped_column(String(200), default="")  # first words of the question
    question: Mapped[str] = mapped_column(Text, default="")  # what was asked
    # What the department reads of a confidential ticket: no name, no number, nothing that betrays.
    safe_summary: Mapped[str] = mapped_column(Text, default="")

    source: Mapped[Source] = mapped_column(enum_column(Source), default=Source.PHONE)
    outer_number: Mapped[str] = mapped_column(String(64), default="", index=True)
    outer_due_at: Mapped[Instant | None] = mapped_column()
    outer_reported_at: Mapped[Instant | None] = mapped_column()  # the second debt: to the sender
    # The department at whose own desk this was logged; None: the hotline.
    desk_department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)

    # Who took the call: after the answer the ticket comes back to this person while on duty.
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    # The accountable person now; None: the pool of the hotline, or the whole department.
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    # The department that holds it now: set exactly while queued or accepted.
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))

    # The department that leads it, or led it last; None: it never left the hotline.
    lead_department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))

    urgency: Mapped[Urgency] = mapped_column(enum_column(Urgency), default=Urgency.NORMAL)
    is_confidential: Mapped[bool] = mapped_column(default=False)  # 保密
    is_nameless: Mapped[bool] = mapped_column(default=False)  # 匿名
    is_repeat: Mapped[bool] = mapped_column(default=False)  # 重复
    is_supervised: Mapped[bool] = mapped_column(default=False)  # 督办
    is_emergency: Mapped[bool] = mapped_column(default=False)  # 紧急求助
    # May the employer learn who rang? Default no, printed in red.
    employer_may_know: Mapped[bool] = mapped_column(default=False)
    # Passing personal data to outside bodies needs the caller's consent.
    consent_to_pass_at: Mapped[Instant | None] = mapped_column()
    # A ticket about a department or a person is neither led nor read by it.
    about_department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    about_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    chased_count: Mapped[int] = mapped_column(default=0)  # 催办
    handoff_count: Mapped[int] = mapped_column(default=0)  # lead hand-overs so far
    rework_count: Mapped[int] = mapped_column(default=0)
    dissatisfied_count: Mapped[int] = mapped_column(default=0)  # how often the caller said so

    collective_id: Mapped[int | None] = mapped_column(ForeignKey("collectives.id"), index=True)
    repeat_of_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)

    opened_at: Mapped[Instant] = mapped_column()
    closed_at: Mapped[Instant | None] = mapped_column()
    # 全程用时: all its holds together, by the wall clock; set while closed.
    whole_seconds: Mapped[int | None] = mapped_column()
    # The date the operator said to the caller; it does not move untold.
    promised_at: Mapped[Instant | None] = mapped_column()
    # 待补充: what is missing and until when; the limit to answer stands still, once.
    waiting_for: Mapped[str] = mapped_column(String(500), default="")
    waiting_since_at: Mapped[Instant | None] = mapped_column()
    waiting_until_at: Mapped[Instant | None] = mapped_column()
    waited_at: Mapped[Instant | None] = mapped_column()  # when the one waiting ended
    # 留待来电: nobody can be rung; what there is to say waits for the caller's next call.
    kept_since_at: Mapped[Instant | None] = mapped_column()
    kept_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    # 请示: a named specialist is asked; owner and clocks stay.
    consulting: Mapped[str] = mapped_column(String(64), default="")
    # 挂账
    suspended_from: Mapped[TicketStatus | None] = mapped_column(enum_column(TicketStatus))
    suspended_measures: Mapped[str] = mapped_column(Text, default="")
    review_on: Mapped[date | None] = mapped_column(Date)

    # 剔除: left out of the score by a supervisor; the score is shown with and without it.
    excluded_at: Mapped[Instant | None] = mapped_column()
    # 追回金额, in 分
    money_recovered_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    # When money was first reported: the day in whose month and year all of it is summed.
    money_recovered_at: Mapped[Instant | None] = mapped_column(index=True)
    # Forms post the version they were rendered with; an older one is refused (writers are serial,
    # so the column alone would let the slower person overwrite without an error).
    version: Mapped[int] = mapped_column()

    caller: Mapped[Caller] = relationship()
    category: Mapped[Category | None] = relationship()
    operator: Mapped[User | None] = relationship(foreign_keys=[operator_id])
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    department: Mapped[Department | None] = relationship(foreign_keys=[department_id])
    about_department: Mapped[Department | None] = relationship(foreign_keys=[about_department_id])
    collective: Mapped[Collective | None] = relationship(lazy="joined")
    events: Mapped[list[TicketEvent]] = relationship(
        back_populates="ticket", order_by="(TicketEvent.at, TicketEvent.id)"
    )

    @property
    def caller_name(self) -> str:
        """The caller's name as this ticket shows it: who wants to stay nameless has none here."""
        return "" if self.is_nameless else self.caller.name

    @classmethod
    def is_numbered(cls, serial: str) -> ColumnElement[bool]:
        """The condition that it was the one with this number of its day: 0042."""
        return func.substr(cls.number, literal_column("10")) == serial  # as in its index

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        # The gate: nobody is closed untold. Both sides of the rule stand in the database.
        CheckConstraint("(status = 'closed') = (closing_feedback_id IS NOT NULL)", name="gate"),
        ForeignKeyConstraint(
            ["closing_feedback_id", "id"],
            ["feedback.id", "feedback.ticket_id"],
            name="fk_tickets_closing_feedback",
            use_alter=True,
        ),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
        CheckConstraint("(status = 'closed') = (resolution IS NOT NULL)", name="resolution"),
        CheckConstraint(
            "(status IN ('queued', 'accepted')) = (department_id IS NOT NULL)", name="holder"
        ),
        CheckConstraint("(status = 'suspended') = (review_on IS NOT NULL)", name="review"),
        CheckConstraint("(resolution = 'merged') = (merged_into_id IS NOT NULL)", name="merged"),
        CheckConstraint("merged_into_id <> id", name="not_into_itself"),
        CheckConstraint("money_recovered_fen >= 0", name="money"),
        Index("ix_tickets_serial", text("substr(number, 10)")),
        Index("ix_tickets_status_opened_at_id", "status", "opened_at", "id"),
        Index("ix_tickets_opened_at_id", "opened_at", "id"),
        Index("ix_tickets_department_id_status", "department_id", "status"),
        # What is not over is little beside all there ever was: the board reads these two alone.
        Index(
            "ix_tickets_unclosed",
            *("opened_at", "id", "status", "department_id", "is_emergency", "is_supervised"),
            *("kept_since_at", "about_user_id", "about_department_id", "desk_department_id"),
            "closed_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_tickets_closed_at",
            "closed_at",
            sqlite_where=text("closed_at IS NOT NULL"),
            postgresql_where=text("closed_at IS NOT NULL"),
        ),
        # Most are closed and nobody's: asked for what has no owner, the index would name them all.
        Index(
            "ix_tickets_owner_id",
            "owner_id",
            sqlite_where=text("owner_id IS NOT NULL"),
            postgresql_where=text("owner_id IS NOT NULL"),
        ),
        *(
            Index(
                f"ix_tickets_{name}",
                name,
                sqlite_where=text(f"{name} IS NOT NULL"),
                postgresql_where=text(f"{name} IS NOT NULL"),
            )
            for name in ("about_user_id", "about_department_id")
        ),
        Index(
            "ix_tickets_outer_owed",
            *("id", "about_user_id", "about_department_id", "outer_number", "outer_reported_at"),
            sqlite_where=text(OUTER_OWED),
            postgresql_where=text(OUTER_OWED),
        ),
    )
