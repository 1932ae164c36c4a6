"""What page and wall say of the board beside its figures: as of when, and who sits where."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import Response, make_response

from hotline.wall_clock import zone
from models import Seat, SeatState

STAMP = "Huiyin-As-Of"  # static/js/board.js reads it


def stamp(at: datetime) -> str:
    """An instant for the script of the page: seconds since 1970, and the local time of day.

    The clock of a screen may be wrong; ours counts how long somebody waits.
    """
    return f"{at.timestamp():.3f} {at.astimezone(zone()):%H:%M:%S}"


def stamped(shown: str, at: datetime) -> Response:
    """The answer `shown`, and as of when it is true; not inside it, where it would be news."""
    answer: Response = make_response(shown)
    answer.headers[STAMP] = stamp(at)
    return answer


def for_a_wall(seats: Mapping[SeatState, Sequence[Seat]]) -> dict[SeatState, list[Seat]]:
    """The states that are everybody's business: who catches breath is away, and no more."""
    shown: dict[SeatState, list[Seat]] = {state: [*seats[state]] for state in SeatState}
    shown[SeatState.AWAY] += shown.pop(SeatState.RESTING)
    return shown
