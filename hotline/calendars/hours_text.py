"""The hours of a day as people write them: 08:30-12:00, 13:30-17:30. Nothing means closed."""

import re
from itertools import pairwise

from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.sla.business_time import Intervals

INTERVAL = re.compile(r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)")
# What keyboards and copied notices have in place of our punctuation.
PLAIN = str.maketrans({"：": ":", "–": "-", "—": "-", "－": "-", "~": "-", "～": "-", "至": "-"})
BETWEEN = re.compile(r"[,，、;；]")


def parse(text: str, *, field: str = "") -> Intervals:
    """The intervals written in `text`, in order. Raises Invalid for the field when it is not hours.

    That they lie apart is for the service to say.
    """
    pieces = BETWEEN.split("".join(text.split()).translate(PLAIN))
    return tuple(sorted(_interval(piece, field) for piece in pieces if piece))


def write(intervals: Intervals) -> str:
    """`intervals` in the form that `parse` reads."""
    return ", ".join(f"{_time(opens)}-{_time(closes)}" for opens, closes in intervals)


def breaks(intervals: Intervals) -> str:
    """The gaps between the intervals of a day, in the same form: its lunch."""
    return ", ".join(
        f"{_time(closes)}-{_time(opens)}"
        for (_, closes), (opens, _) in pairwise(intervals)
        if closes < opens
    )


def _interval(piece: str, field: str) -> tuple[int, int]:
    match = INTERVAL.fullmatch(piece)
    if match is None or int(match[2]) > 59 or int(match[4]) > 59:
        raise Invalid(N_("Write the hours like 08:30-12:00, 13:30-17:30."), field=field)
    return int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])


def _time(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
