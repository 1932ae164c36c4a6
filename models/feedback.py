"""The record that the caller was told, and the caller's verdict (告知与评价记录).

A ticket closes only together with such a row: see the constraints here and on `tickets`.
"""

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant, enum_column

if TYPE_CHECKING:
    from models.ticket import Ticket
    from models.user import User


UNSIGNED = "asked_by_id IS NOT NULL AND signed_by_id IS NULL"


class How(StrEnum):
    """How the caller learnt the result, or why nobody could tell."""

    IN_CALL = "in_call"  # in a connected call, in or out
    TOLD_BY_DEPARTMENT = "told_by_department"  # 承办告知
    MESSAGE_DELIVERED = "message_delivered"  # only if the caller chose that way
    NOT_WANTED = "not_wanted"  # the caller asked not to be told
    UNREACHABLE = "unreachable"  # attempts exhausted, signed by a second person
    NO_WAY_TO_REACH = "no_way_to_reach"  # no number; 留待查询; signed by a second person
    NO_MATTER = "no_matter"  # 无诉求
    MOVED = "moved"  # merged into another ticket of the same caller


class Satisfaction(StrEnum):
    SATISFIED = "satisfied"  # 满意
    BASICALLY = "basically"  # 基本满意
    NOT_SATISFIED = "not_satisfied"  # 不满意
    UNRATED = "unrated"  # 未评价


class NoMatterKind(StrEnum):
    WRONG_NUMBER = "wrong_number"
    SILENCE = "silence"
    ADVERT = "advert"
    NUISANCE = "nuisance"
    TEST = "test"


class Feedback(Base):
    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    how: Mapped[How] = mapped_column(enum_column(How))
    at: Mapped[Instant] = mapped_column()
    told: Mapped[str] = mapped_column(Text, default="")  # what the caller was told, or said
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: by itself
    call_id: Mapped[int | None] = mapped_column()  # a call of this very ticket, see below
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("callback_attempts.id"))
    handoff_id: Mapped[int | None] = mapped_column(ForeignKey("handoffs.id"))
    message_id: Mapped[int | None] = mapped_column()  # a message of this very ticket, see below
    moved_to_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    no_matter: Mapped[NoMatterKind | None] = mapped_column(enum_column(NoMatterKind))
    # The three questions of the follow-up; None: not asked.
    was_contacted: Mapped[bool | None] = mapped_column()
    is_solved: Mapped[bool | None] = mapped_column()
    satisfaction: Mapped[Satisfaction | None] = mapped_column(enum_column(Satisfaction))
    dissatisfaction: Mapped[str] = mapped_column(Text, default="")
    # Two persons for what one alone may not decide.
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    signed_at: Mapped[Instant | None] = mapped_column()

    @property
    def is_explanation(self) -> bool:
        """Told in a call, not satisfied, and no more can be done: a supervisor signs that."""
        return self.how is How.IN_CALL and self.asked_by_id is not None

    @hybrid_property
    def waits_for_signature(self) -> bool:
        """Whether an explanation is not signed yet; of a row and as a condition alike."""
        return (
            (self.how == How.IN_CALL)
            & (self.asked_by_id != None)  # noqa: E711 - one expression for Python and for SQL
            & (self.signed_by_id == None)  # noqa: E711
        )

    ticket: Mapped["Ticket"] = relationship(foreign_keys=[ticket_id])
    recorded_by: Mapped["User | None"] = relationship(foreign_keys=[recorded_by_id])

    __table_args__ = (
        UniqueConstraint("id", "ticket_id", name="uq_feedback_id_ticket_id"),
        Index(
            "ix_feedback_unsigned",
            "ticket_id",
            sqlite_where=text(UNSIGNED),
            postgresql_where=text(UNSIGNED),
        ),
        ForeignKeyConstraint(
            ["call_id", "ticket_id"],
            ["calls.id", "calls.ticket_id"],
            name="fk_feedback_call_of_the_ticket",
        ),
        ForeignKeyConstraint(
            ["message_id", "ticket_id"],
            ["outbox_messages.id", "outbox_messages.ticket_id"],
            name="fk_feedback_message_of_the_ticket",
        ),
        CheckConstraint(
            "how NOT IN ('unreachable', 'no_way_to_reach') OR (signed_by_id IS NOT NULL"
            " AND asked_by_id IS NOT NULL AND signed_by_id <> asked_by_id)",
            name="signed_by_another",
        ),
        CheckConstraint(
            "signed_by_id IS NULL OR (asked_by_id IS NOT NULL AND signed_by_id <> asked_by_id)",
            name="not_signed_by_oneself",
        ),
        CheckConstraint(f"how IN ({', '.join(repr(how.value) for how in How)})", name="how"),
        CheckConstraint("how NOT IN ('in_call', 'not_wanted') OR trim(told) <> ''", name="told"),
        CheckConstraint(
            "satisfaction <> 'not_satisfied' OR asked_by_id IS NOT NULL", name="not_satisfied"
        ),
        CheckConstraint(
            "how <> 'in_call' OR call_id IS NOT NULL OR attempt_id IS NOT NULL", name="in_call"
        ),
        CheckConstraint(
            "how <> 'told_by_department' OR handoff_id IS NOT NULL", name="told_by_department"
        ),
        CheckConstraint(
            "how <> 'message_delivered' OR message_id IS NOT NULL", name="message_delivered"
        ),
        CheckConstraint(
            "how <> 'no_matter' OR (no_matter IS NOT NULL AND call_id IS NOT NULL)",
            name="no_matter",
        ),
        CheckConstraint(
            "how <> 'moved' OR (moved_to_id IS NOT NULL AND moved_to_id <> ticket_id)",
            name="moved",
        ),
        CheckConstraint("how <> 'not_wanted' OR recorded_by_id IS NOT NULL", name="not_wanted"),
    )
