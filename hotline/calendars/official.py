"""The official working calendar of China: statutory holidays, the days off around them, and the
Saturdays and Sundays worked in exchange (调休).

The State Council announces a year in the November before it. A year without its list still has its
statutory holidays, only no make-up days: a due time may then be wrong by a day, but never fails.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays

from hotline.i18n import N_

# What the package calls them → what we call them.
NAMES = {
    "元旦": N_("New Year's Day"),
    "春节": N_("Spring Festival"),
    "农历除夕": N_("Spring Festival"),
    "清明节": N_("Tomb-Sweeping Day"),
    "劳动节": N_("Labour Day"),
    "端午节": N_("Dragon Boat Festival"),
    "中秋节": N_("Mid-Autumn Festival"),
    "国庆节": N_("National Day"),
    "中国人民抗日战争": N_("Victory Day"),
}
EXCHANGED_FOR = re.compile(r"\d{4}-\d\d-\d\d")  # 休息日（由 2026-10-10 调休）
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class OfficialDay:
    """A day that is not like its weekday: off for a holiday, or a weekend worked in exchange."""

    is_working: bool
    holiday: str  # English, to be translated at the edge; of a make-up day, the holiday it pays for


def official_day(on: date) -> OfficialDay | None:
    """What the official list says of a date; None for an ordinary weekday or weekend."""
    return days_of(on.year).get(on)


def is_official(year: int) -> bool:
    """Whether the list of a year is known: a list that was announced has make-up days."""
    return any(day.is_working for day in days_of(year).values())


@cache
def days_of(year: int) -> dict[date, OfficialDay]:
    """Every special day of a year, in order. A weekend that touches a holiday carries its name."""
    years = (year - 1, year, year + 1)  # a run of days off may cross New Year
    listed = holidays.country_holidays("CN", years=years, expand=False, language="zh_CN")
    names = {on: name for on in listed if (name := _name(listed[on]))}
    found = {}
    for on in (date(year, 1, 1) + timedelta(offset) for offset in range(366)):
        if holiday := _holiday(on, listed, names):
            found[on] = OfficialDay(False, holiday)
    for day_off, label in listed.items():
        if exchanged := EXCHANGED_FOR.search(label):
            worked = date.fromisoformat(exchanged.group())
            found[worked] = OfficialDay(True, _holiday(day_off, listed, names))
    return {on: found[on] for on in sorted(found) if on.year == year}


def _name(label: str) -> str:
    return next((name for start, name in NAMES.items() if label.startswith(start)), "")


def _holiday(on: date, listed: holidays.HolidayBase, names: dict[date, str]) -> str:
    """Which holiday a day off belongs to: its own, the one before, the one after in the same run.

    Nothing for a working day and for an ordinary weekend.
    """
    if on in names:
        return names[on]
    for step in (-ONE_DAY, ONE_DAY):
        day = on
        while not listed.is_working_day(day):
            if day in names:
                return names[day]
            day += step
    return ""
