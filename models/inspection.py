"""Quality inspection (质检): what was drawn, by which rule, and how good the work was.

Whoever knows seed, rule and the population can draw a sample again and gets the same tickets.
"""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant, Json, enum_column
from models.department import Department

if TYPE_CHECKING:
    from models.ticket import Ticket
    from models.user import User


class Population(StrEnum):
    """What a sample is drawn from."""

    CLOSED = "closed"  # tickets closed in the period, less merged ones
    ANSWERS = "answers"  # answers of the period that no caller had heard when it was drawn


class Work(StrEnum):
    """Which part of a ticket's handling is inspected; each has a score sheet of its own."""

    CALL = "call"  # the operator's: listening, answering, writing down, handing off
    ANSWER = "answer"  # the department's
    CALLBACK = "callback"  # of whoever told the caller the result


class Decision(StrEnum):
    """What came of an appeal."""

    UPHELD = "upheld"  # 维持: the score stands
    CHANGED = "changed"  # 改判


class ScoreSheet(Base):
    """One version of a score sheet (评分表). A version is never changed, only followed."""

    __tablename__ = "score_sheets"

    id: Mapped[int] = mapped_column(primary_key=True)
    work: Mapped[Work] = mapped_column(enum_column(Work))
    version: Mapped[int] = mapped_column()
    # Sections with their criteria; hotline.quality.sheets reads and checks them.
    sections: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    made_at: Mapped[Instant] = mapped_column()
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: the first one

    made_by: Mapped["User | None"] = relationship()

    __table_args__ = (UniqueConstraint("work", "version"),)


class Sample(Base):
    """One draw, with everything that is needed to draw it again."""

    __tablename__ = "samples"

    id: Mapped[int] = mapped_column(primary_key=True)
    population: Mapped[Population] = mapped_column(enum_column(Population))
    # What is drawn by itself, the month in it; empty (NULL) for a draw by hand.
    series: Mapped[str | None] = mapped_column(String(32))
    since_at: Mapped[Instant] = mapped_column()
    until_at: Mapped[Instant] = mapped_column()
    percent: Mapped[int] = mapped_column()
    no_matter_weight: Mapped[int] = mapped_column()
    seed: Mapped[str] = mapped_column(String(64))
    # The population is what the events said at this instant, whatever happened since.
    drawn_at: Mapped[Instant] = mapped_column()
    drawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: by itself
    # Why there is one more for a period that was drawn from before (补充抽查).
    reason: Mapped[str] = mapped_column(String(300), default="")

    drawn_by: Mapped["User | None"] = relationship()
    strata: Mapped[list["SampleStratum"]] = relationship(order_by="SampleStratum.id")

    __table_args__ = (
        UniqueConstraint("series", "since_at"),
        CheckConstraint("since_at < until_at", name="period"),
        CheckConstraint("percent BETWEEN 1 AND 100", name="percent"),
        Index("ix_samples_population_until_at", "population", "until_at"),
    )


class SampleStratum(Base):
    """The work of one operator for one department, wrong numbers and the like apart."""

    __tablename__ = "sample_strata"

    id: Mapped[int] = mapped_column(primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("samples.id"), index=True)
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    is_no_matter: Mapped[bool] = mapped_column()
    count: Mapped[int] = mapped_column()  # of the population
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 over its ticket numbers
    excluded: Mapped[int] = mapped_column(default=0)  # drawn for this period before
    # Of the same month's earlier draws by themselves: the share holds over the month.
    before: Mapped[int] = mapped_column(default=0)
    drawn_before: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column()  # how many were drawn

    operator: Mapped["User | None"] = relationship()
    department: Mapped[Department | None] = relationship()


class Inspection(Base):
    """One person's work on one drawn ticket, and how it was scored."""

    __tablename__ = "inspections"

    id: Mapped[int] = mapped_column(primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("samples.id"))
    stratum_id: Mapped[int] = mapped_column(ForeignKey("sample_strata.id"), index=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    work: Mapped[Work] = mapped_column(enum_column(Work))
    work_at: Mapped[Instant] = mapped_column()  # when it was answered, or closed
    person_id: Mapped[int] = mapped_column(ForeignKey("users.id"))  # whose work it is
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    handoff_id: Mapped[int | None] = mapped_column(ForeignKey("handoffs.id"))  # of an answer
    inspector_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    # Everybody drawn together is scored by the same version.
    sheet_id: Mapped[int] = mapped_column(ForeignKey("score_sheets.id"))

    scored_at: Mapped[Instant | None] = mapped_column()
    scored_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    # Criterion → points (None: does not apply), knocked out, words; hotline.quality.marks.
    marks: Mapped[Json] = mapped_column(default=dict)
    total: Mapped[int | None] = mapped_column()  # of 100
    is_knocked_out: Mapped[bool] = mapped_column(default=False)  # 一票否决
    is_passed: Mapped[bool] = mapped_column(default=False)
    sent_back_at: Mapped[Instant | None] = mapped_column()  # the answer, for rework

    appeal_until_at: Mapped[Instant | None] = mapped_column()
    appealed_at: Mapped[Instant | None] = mapped_column()
    appeal: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[Instant | None] = mapped_column()
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decision: Mapped[Decision | None] = mapped_column(enum_column(Decision))
    decision_reason: Mapped[str] = mapped_column(Text, default="")

    sample: Mapped[Sample] = relationship()
    ticket: Mapped["Ticket"] = relationship()
    sheet: Mapped[ScoreSheet] = relationship()
    person: Mapped["User"] = relationship(foreign_keys=[person_id])
    department: Mapped[Department | None] = relationship()
    inspector: Mapped["User | None"] = relationship(foreign_keys=[inspector_id])
    scored_by: Mapped["User | None"] = relationship(foreign_keys=[scored_by_id])
    decided_by: Mapped["User | None"] = relationship(foreign_keys=[decided_by_id])
    events: Mapped[list["InspectionEvent"]] = relationship(order_by="InspectionEvent.id")

    @property
    def appeal_is_undecided(self) -> bool:
        """Whether somebody has to decide."""
        return self.appealed_at is not None and self.decided_at is None

    def may_be_appealed(self, at: datetime) -> bool:
        """Whether the time for the one appeal runs still."""
        until = self.appeal_until_at
        return until is not None and at <= until and self.appealed_at is None

    __table_args__ = (
        UniqueConstraint("ticket_id", "work", "work_at"),
        CheckConstraint("(scored_at IS NULL) = (scored_by_id IS NULL)", name="scored_by"),
        CheckConstraint("(scored_at IS NULL) = (total IS NULL)", name="scored"),
        CheckConstraint("total BETWEEN 0 AND 100", name="total"),
        CheckConstraint(
            "scored_by_id IS NULL OR scored_by_id <> person_id",
            name="not_the_own_work",
        ),
        CheckConstraint("appealed_at IS NULL OR scored_at IS NOT NULL", name="appealed"),
        CheckConstraint("(decided_at IS NULL) = (decision IS NULL)", name="decided"),
        CheckConstraint(
            "decided_at IS NULL OR (appealed_at IS NOT NULL AND decided_by_id IS NOT NULL"
            " AND decided_by_id <> scored_by_id)",
            name="decided_by_another",
        ),
        CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> person_id",
            name="not_decided_by_oneself",
        ),
        Index("ix_inspections_sample_id_ticket_id", "sample_id", "ticket_id"),
        Index("ix_inspections_inspector_id_scored_at", "inspector_id", "scored_at"),
        Index("ix_inspections_person_id_work_at", "person_id", "work_at"),
        Index("ix_inspections_department_id_work_at", "department_id", "work_at"),
    )


class InspectionEvent(Base):
    """What happened to an inspection. Rows are only ever added."""

    __tablename__ = "inspection_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspections.id"), index=True)
    # assign, take, score, send_back, appeal, uphold, change
    kind: Mapped[str] = mapped_column(String(32))
    at: Mapped[Instant] = mapped_column()
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: by itself
    words: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[Json] = mapped_column(default=dict)  # totals and marks, as they were then

    actor: Mapped["User | None"] = relationship()
