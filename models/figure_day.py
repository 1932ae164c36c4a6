"""The figures of days that are over, kept, so that a year need not be counted row by row.

`hotline.figures.keeping` writes them and throws them away; a report that finds none counts live.
"""

from datetime import date

from sqlalchemy import JSON, CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class FigureDay(Base):
    """One local day cut one way: numbers as `hotline.figures.packing` packs them."""

    __tablename__ = "figure_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    by: Mapped[str] = mapped_column(String(16), primary_key=True)
    # The hash of the questions that were asked: other questions have other answers.
    made_of: Mapped[str] = mapped_column(String(64))
    keys: Mapped[list[int | str | None]] = mapped_column(JSON)
    counts: Mapped[bytes] = mapped_column(LargeBinary)
    lengths: Mapped[bytes] = mapped_column(LargeBinary)
    seconds: Mapped[bytes] = mapped_column(LargeBinary)


class FigureTouch(Base):
    """Something was written that may count: on the days of this ticket, or on a day it has left.

    Written in the same transaction, by `hotline.figures.touched`; until it is swept, the days
    concerned are counted live.
    """

    __tablename__ = "figure_touches"

    id: Mapped[int] = mapped_column(primary_key=True)
    # No foreign key: a savepoint may have taken the ticket back, and a note is no reason to fail.
    ticket_id: Mapped[int | None] = mapped_column()
    day: Mapped[date | None] = mapped_column()

    __table_args__ = (CheckConstraint("(ticket_id IS NULL) <> (day IS NULL)", name="one_of_two"),)
