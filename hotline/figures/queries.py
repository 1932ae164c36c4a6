"""The supervisor's first page: what is so right now, each figure with the list it counts."""

from dataclasses import dataclass

from hotline.figures import board
from hotline.figures.board import Board
from hotline.tickets import filters
from hotline.tickets.filters import Asked, Filter
from models import TicketStatus


@dataclass(frozen=True)
class Figure:
    """A number and the filter whose list holds exactly those tickets."""

    name: str
    wanted: Filter
    number: int


@dataclass(frozen=True)
class Now(Board):
    """Everything on the first page: the board within what the viewer may see, and the lists."""

    by_status: dict[TicketStatus, int]
    figures: dict[str, Figure]


FIGURES = {
    "ringing": Filter(state="ringing"),
    "owed": Filter(state="owed"),
    "emergencies": Filter(mark="emergency", status=filters.UNCLOSED),
    "overdue": Filter(state="overdue"),
    "due_today": Filter(state="due_today"),
    "unaccepted": Filter(state="unaccepted"),
    "unaccepted_overdue": Filter(state="unaccepted_overdue"),
    "return_asked": Filter(state="return_asked"),
    "extension_asked": Filter(state="extension_asked"),
    "callback_due": Filter(state="callback_due"),
    "callback_overdue": Filter(state="callback_overdue"),
    "exhausted": Filter(state="exhausted"),
    "explained": Filter(state="explained"),
    "review_due": Filter(state="review_due"),
    "kept": Filter(state="kept"),
    "outer_owed": Filter(state="outer_owed"),
    "supervised": Filter(mark="supervised", status=filters.UNCLOSED),
}
UNCLOSED = [status for status in TicketStatus if status is not TicketStatus.CLOSED]


def now(asked: Asked) -> Now:
    """What the hotline and the departments hold at `asked.at`, within what the viewer may see."""
    by_status = {status: Filter(status=status.value) for status in UNCLOSED}
    lists = [*FIGURES.values(), *by_status.values()]
    counts = [filters.counted(wanted, asked, at_most=None) for wanted in lists]
    common, counted = board.read_with(counts, asked.at, asked.tomorrow, asked.viewer)
    numbers = dict(zip(lists, counted, strict=True))
    return Now(
        **vars(common),
        figures={name: Figure(name, wanted, numbers[wanted]) for name, wanted in FIGURES.items()},
        by_status={status: numbers[wanted] for status, wanted in by_status.items()},
    )
