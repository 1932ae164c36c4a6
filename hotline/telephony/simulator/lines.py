"""The addresses of the simulated company: our number, and the telephones in our pages."""

import re

NUMBER = "12351"
SEAT = re.compile(r"sip:seat-(?P<user_id>[1-9]\d{0,8})@simulator\.invalid")


def seat_line(user_id: int) -> str:
    """What is dialled to ring the telephone in the page of a user."""
    return f"sip:seat-{user_id}@simulator.invalid"


def user_of(line: str) -> int | None:
    """Whose telephone a line is, or None."""
    seat = SEAT.fullmatch(line)
    return int(seat["user_id"]) if seat else None
