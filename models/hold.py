"""Who had a ticket, and when: every second of it is charged to exactly one party (各方用时).

The stretches of a ticket lie end to end from its opening to its close; while it is closed nobody
has it. `hotline.tickets.holds` alone writes them, `lifecycle.apply` tells it when.
"""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant, enum_column
from models.department import Department


class Holder(StrEnum):
    """To whom the time of a ticket is charged."""

    HOTLINE = "hotline"  # open, or answered and not yet told
    DEPARTMENT = "department"  # in its queue, or in work there
    CALLER = "caller"  # 待补充: something only the caller can give
    SUSPENDED = "suspended"  # 挂账


OPEN_HOLD = text("ended_at IS NULL")


class Hold(Base):
    __tablename__ = "holds"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    holder: Mapped[Holder] = mapped_column(enum_column(Holder))
    # Which department, when one has it.
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    began_at: Mapped[Instant] = mapped_column()
    ended_at: Mapped[Instant | None] = mapped_column()
    # The business time of it on the calendar of its holder, reckoned when it ended.
    business_seconds: Mapped[int | None] = mapped_column()

    department: Mapped[Department | None] = relationship()

    __table_args__ = (
        CheckConstraint("(holder = 'department') = (department_id IS NOT NULL)", name="holder"),
        CheckConstraint("ended_at IS NULL OR began_at < ended_at", name="order"),
        CheckConstraint("(ended_at IS NULL) = (business_seconds IS NULL)", name="measured"),
        Index(
            "uq_holds_open",
            "ticket_id",
            unique=True,
            sqlite_where=OPEN_HOLD,
            postgresql_where=OPEN_HOLD,
        ),
        Index("uq_holds_ticket_id_began_at", "ticket_id", "began_at", unique=True),
    )
