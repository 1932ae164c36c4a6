"""Where the next page of a list begins: the instant and the id of the last row seen."""

from datetime import datetime


def write(at: datetime, row_id: int) -> str:
    return f"{at.isoformat()}~{row_id}"


def read(after: str) -> tuple[datetime, int] | None:
    """The last row seen; an unreadable key begins at the start."""
    at, _, row_id = after.partition("~")
    try:
        instant = datetime.fromisoformat(at)
        return (instant, int(row_id)) if instant.tzinfo is not None else None
    except ValueError:
        return None
