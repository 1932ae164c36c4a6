"""When callers like to be rung, as stretches of local time."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.callbacks import windows


def utc(local: str) -> datetime:
    return datetime.fromisoformat(f"{local}+08:00").astimezone(UTC)


def said(window: str, local: str) -> tuple[str, str]:
    span = windows.next_span(window, utc(local))
    begin, end = (moment + timedelta(hours=8) for moment in (span.begin, span.end))
    return (f"{begin:%m-%d %H:%M}", f"{end:%m-%d %H:%M}")


@pytest.mark.parametrize(
    ("window", "now", "begin", "end"),
    [
        ("in_2_minutes", "2026-11-16T23:30", "11-16 23:32", "11-16 23:35"),
        ("in_1_hour", "2026-11-16T09:30", "11-16 10:30", "11-16 11:00"),
        ("morning", "2026-11-16T09:30", "11-16 09:30", "11-16 12:00"),
        ("morning", "2026-11-16T11:50", "11-17 09:00", "11-17 12:00"),  # too little is left
        ("noon", "2026-11-16T09:30", "11-16 12:00", "11-16 14:00"),
        ("afternoon", "2026-11-16T18:00", "11-17 14:00", "11-17 17:30"),
        ("after_work", "2026-11-16T09:30", "11-16 17:30", "11-16 21:00"),
        ("weekend", "2026-11-16T09:30", "11-21 10:00", "11-21 20:00"),
        ("weekend", "2026-11-22T19:50", "11-28 10:00", "11-28 20:00"),
        ("weekend", "2026-10-09T09:30", "10-11 10:00", "10-11 20:00"),  # Saturday is worked
    ],
)
def test_the_next_time_that_leaves_enough_time(app, window, now, begin, end):
    assert said(window, now) == (begin, end)


@pytest.mark.parametrize(
    ("local", "off"),
    [
        ("2026-11-16T11:59", False),
        ("2026-11-16T12:00", True),
        ("2026-11-16T14:00", False),
        ("2026-11-16T17:29", False),
        ("2026-11-16T17:30", True),
    ],
)
def test_noon_and_evening_are_off_hours(app, local, off):
    assert windows.is_off_hours(utc(local)) is off


def test_every_window_can_be_reckoned(app):
    for window in windows.WINDOWS:
        span = windows.next_span(window, utc("2026-11-16T09:30"))
        assert span.begin < span.end
