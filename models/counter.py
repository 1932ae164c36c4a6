"""Numbers that must follow each other, and marks of what was last done."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Instant


class Counter(Base):
    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)  # tickets:20261120
    value: Mapped[int] = mapped_column()


class Mark(Base):
    """When something last happened: the ticker's last tick, the moment the demo began."""

    __tablename__ = "marks"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[Instant] = mapped_column()
