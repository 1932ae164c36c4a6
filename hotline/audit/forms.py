"""What the auditor looks for, as typed values."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from hotline import fields, wall_clock
from hotline.audit.queries import Asked, Place
from hotline.errors import Invalid
from hotline.i18n import N_

FILTERS = ("person", "kind", "number", "day")


def asked(typed: Mapping[str, str]) -> Asked:
    """The filters of an address or a form. Raises Invalid for what is none."""
    day = typed.get("day", "")
    begins = _local_midnight(day) if day else None
    return Asked(
        actor_id=fields.number(typed, "person"),
        kind=typed.get("kind", "")[:48],
        number=typed.get("number", "").strip()[:16],
        from_at=begins,
        until_at=begins + timedelta(days=1) if begins else None,
        before=_place(typed.get("before", "")),
    )


def written(place: Place) -> str:
    """A place in the trail as an address says it."""
    return f"{place.at.isoformat()}_{place.id}"


def _local_midnight(day: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time(), wall_clock.zone())
    except ValueError as error:
        raise Invalid(N_("Write a date."), field="day") from error


def _place(text: str) -> Place | None:
    if not text:
        return None
    at, _separator, row_id = text.rpartition("_")
    try:
        place = Place(datetime.fromisoformat(at), int(row_id))
    except ValueError as error:
        raise Invalid(N_("There is no such page of the list.")) from error
    if place.at.tzinfo is None:
        raise Invalid(N_("There is no such page of the list."))
    return place
