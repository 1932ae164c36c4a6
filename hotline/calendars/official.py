"""The official working calendar of China as it is built in: statutory holidays, the days off around
them, and the Saturdays and Sundays worked in exchange (调休).

The State Council announces a year in the November before it. A year without its list still has its
statutory holidays, only no make-up days: a due time may then be wrong by a day, but never fails.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays
from holidays.countries.china import China

from hotline.i18n import N_

# What the announcements call them (their beginning is enough) → what we call them. Of two names
# for the same the first is the one that we write.
NAMES = {
    "元旦": N_("New Year's Day"),
    "春节": N_("Spring Festival"),
    "农历除夕": N_("Spring Festival"),
    "清明节": N_("Tomb-Sweeping Day"),
    "劳动节": N_("Labour Day"),
    "端午节": N_("Dragon Boat Festival"),
    "国庆节、中秋节": N_("National Day and Mid-Autumn Festival"),
    "中秋节、国庆节": N_("National Day and Mid-Autumn Festival"),
    "中秋节": N_("Mid-Autumn Festival"),
    "国庆节": N_("National Day"),
    "抗战胜利纪念日": N_("Victory Day"),
    "中国人民抗日战争": N_("Victory Day"),
}
BOTH = NAMES["国庆节、中秋节"]
CHINESE = {ours: name for name, ours in reversed(NAMES.items())}
EXCHANGED_FOR = re.compile(r"\d{4}-\d\d-\d\d")  # 休息日（由 2026-10-10 调休）
ONE_DAY = timedelta(days=1)
OCTOBER, DECEMBER = 10, 12


@dataclass(frozen=True)
class OfficialDay:
    """A day that is not like its weekday: off for a holiday, or a weekend worked in exchange."""

    is_working: bool
    holiday: str  # English, to be translated at the edge; of a make-up day, the holiday it pays for


Days = Mapping[date, OfficialDay]


def official_day(on: date) -> OfficialDay | None:
    """What the official list says of a date; None for an ordinary weekday or weekend."""
    return days_of(on.year).get(on)


def is_official(year: int) -> bool:
    """Whether the list of a year is built in: a list that was announced has make-up days."""
    return any(day.is_working for day in days_of(year).values())


def list_of(year: int) -> Days:
    """The list of a year as it is announced: its days, after those of the December before it that
    belong to its New Year."""
    before, own = days_of(year - 1), days_of(year)
    return {on: before[on] for on in before if on.month == DECEMBER} | {
        on: own[on] for on in own if on.month != DECEMBER
    }


def in_english(name: str) -> str:
    """Our word, to be translated, for what an announcement calls a holiday; else its own."""
    return NAMES.get(name, name)


def in_chinese(holiday: str) -> str:
    """What the announcements call it; the inverse of `in_english`."""
    return CHINESE.get(holiday, holiday)


@cache
def days_of(year: int) -> dict[date, OfficialDay]:
    """Every special day of a year, in order. A weekend that touches a holiday carries its name."""
    years = (year - 1, year, year + 1)  # a run of days off may cross New Year
    listed = China(years=years, expand=False, language="zh_CN")  # type: ignore[no-untyped-call]
    names = {on: name for on in listed if (name := _name(listed[on]))}
    found = {}
    names |= dict.fromkeys(*_national_days(year, listed))
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


def _national_days(year: int, listed: holidays.HolidayBase) -> tuple[list[date], str]:
    """The days off around 1 October, and what they are called: in some years the Mid-Autumn
    Festival is one of them."""
    run = [date(year, OCTOBER, 1)] if date(year, OCTOBER, 1) in listed else []
    while run and not listed.is_working_day(run[0] - ONE_DAY):
        run.insert(0, run[0] - ONE_DAY)
    while run and not listed.is_working_day(run[-1] + ONE_DAY):
        run.append(run[-1] + ONE_DAY)
    labels = [listed.get(on, "") for on in run]
    has_both = any("中秋节" in label and "补假" not in label for label in labels)
    return run, BOTH if has_both else NAMES["国庆节"]


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
