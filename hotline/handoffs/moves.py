"""Why a limit to answer is not where it began: each move of it is kept beside it, oldest first."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from models import Handoff


class Why(StrEnum):
    """What moves a limit to answer."""

    PAUSE = "pause"  # the clock stood still: `since`, `until`
    HASTEN = "hasten"  # more urgent: a limit of `amount` `unit` from `since` on
    EASE = "ease"  # less urgent: what the urgency took is given back
    EXTENSION = "extension"  # a later day was granted: the row `extension`
    LEVEL = "level"  # a higher `level` was granted: the row `extension`
    CALENDAR = "calendar"  # an administrator changed the working days


def move(handoff: Handoff, to: datetime, why: Why, *, at: datetime, **facts: Any) -> bool:
    """Move the limit to answer to `to` and keep why; return whether it moved.

    A warning that was given for the old limit is given again for the new one.
    """
    before = handoff.handle_due_at
    if to == before:
        return False
    step = {"at": at.isoformat(), "from": before.isoformat(), "to": to.isoformat(), **facts}
    handoff.moves = [*handoff.moves, {"why": why.value, **step}]
    handoff.handle_due_at, handoff.handle_reminded_at = to, None
    return True


def instant(step: dict[str, Any], name: str) -> datetime:
    """An instant of a move."""
    return datetime.fromisoformat(step[name])
