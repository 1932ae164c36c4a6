"""The official lists that hold: those an administrator imported, before those that are built in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from hotline.calendars import official
from hotline.calendars.official import DECEMBER, Days, OfficialDay

Lists = tuple[tuple[int, tuple[tuple[date, OfficialDay], ...]], ...]  # by year; can be hashed


@dataclass(frozen=True)
class Difference:
    """What another list says of one date; None: that it is an ordinary day."""

    on: date
    before: OfficialDay | None
    after: OfficialDay | None


def frozen(imported: Mapping[int, Days]) -> Lists:
    """Imported lists as a value: equal lists, equal calendars."""
    return tuple((year, tuple(imported[year].items())) for year in sorted(imported))


def said_of(on: date, imported: Mapping[int, Days]) -> OfficialDay | None:
    """What the lists say of a date; None for an ordinary weekday or weekend.

    The end of a December belongs to the New Year after it: the list of that year speaks first.
    """
    own, following = imported.get(on.year), imported.get(on.year + 1)
    if on.month != DECEMBER:
        return official.official_day(on) if own is None else own.get(on)
    if following is not None and on in following:
        return following[on]
    if own is not None and on in own:
        return own[on]
    return official.official_day(on) if following is None else None


def list_of(year: int, imported: Mapping[int, Days]) -> Days:
    """The list of a year: as imported, else as it is built in."""
    return imported[year] if year in imported else official.list_of(year)


def is_known(year: int, imported: Mapping[int, Days]) -> bool:
    """Whether the make-up days of a year are known."""
    return year in imported or official.is_official(year)


def differences(before: Days, after: Days) -> list[Difference]:
    """Where two lists of one year differ, by date."""
    return [
        Difference(on, before.get(on), after.get(on))
        for on in sorted({*before, *after})
        if before.get(on) != after.get(on)
    ]


def statutory_days_not_in(days: Days, year: int) -> list[tuple[date, str]]:
    """The days off of a year, as far as the law fixes them, that a list of it does not name."""
    return [
        (on, day.holiday)
        for on, day in official.list_of(year).items()
        if not day.is_working and on.weekday() < 5 and on not in days
    ]
