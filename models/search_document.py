"""What can be found of a ticket: its words cut into overlapping pairs of characters.

`tokens` holds the pieces, `body` the folded text. On SQLite an FTS5 table beside it indexes the
pieces (by triggers of the first migration), on PostgreSQL a GIN index does. Runs of seven and more
digits are masked before they get here.
"""

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class SearchDocument(Base):
    __tablename__ = "search_documents"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    tokens: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
