"""Times, numbers and words as people here say them."""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import pytest
from flask import g

import models
from hotline import template_filters as shown
from hotline.labels import ACTIONS, LABELS, TONES
from hotline.tickets.lifecycle import Action

NOW = datetime(2026, 11, 16, 1, 30, tzinfo=UTC)  # Monday, 09:30 in Shanghai
H, M, D = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
FRIDAY = NOW + 4 * D


@pytest.fixture(params=["zh", "en"])
def spoken(app, request):
    with app.test_request_context():
        g.locale = request.param
        yield request.param


@pytest.mark.parametrize(
    ("due", "zh", "en", "tone"),
    [
        (NOW + 7 * H, "还剩7小时（今天16:30前）", "7 hours left (by today 16:30)", "good"),
        (NOW + 50 * M, "还剩50分钟（今天10:20前）", "50 minutes left (by today 10:20)", "warn"),
        (NOW + D, "还剩1天（明天09:30前）", "1 day left (by tomorrow 09:30)", "good"),
        (FRIDAY, "还剩4天（11月20日周五09:30前）", "4 days left (by Fri 20 Nov 09:30)", "good"),
        (
            NOW - 20 * M,
            "已超时20分钟（今天09:10到期）",
            "overdue by 20 minutes (was due today 09:10)",
            "bad",
        ),
        (
            NOW - timedelta(seconds=5),
            "刚刚超时（今天09:29到期）",
            "overdue since this minute (was due today 09:29)",
            "bad",
        ),
        (
            NOW - 5 * H - 10 * M,
            "已超时5小时（今天04:20到期）",
            "overdue by 5 hours (was due today 04:20)",
            "bad",
        ),
    ],
)  # fmt: skip
def test_time_left_is_said_as_people_say_it(spoken, due, zh, en, tone):
    left = shown.time_left(due, NOW)

    assert str(left) == (zh if spoken == "zh" else en)
    assert left.tone == tone


def test_the_last_quarter_of_the_time_given_is_pressing(spoken):
    started, due = NOW - 3 * D, NOW + D - M

    assert shown.time_left(due, NOW).tone == "good"
    assert shown.time_left(due, NOW, started_at=started).tone == "warn"


@pytest.mark.parametrize(
    ("day", "zh", "en"),
    [
        (NOW, "今天", "today"),
        (NOW + D, "明天", "tomorrow"),
        (NOW - D, "昨天", "yesterday"),
        (NOW + 16 * H, "明天", "tomorrow"),  # 01:30 on the next local day, still today in UTC
        (date(2026, 11, 27), "11月27日（周五）", "Fri 27 Nov"),
        (date(2027, 1, 5), "2027年1月5日", "5 Jan 2027"),
    ],
)
def test_days_are_local_and_near_ones_have_names(spoken, day, zh, en):
    assert shown.local_date(day, NOW) == (zh if spoken == "zh" else en)


@pytest.mark.parametrize(
    ("span", "zh", "en"),
    [
        (timedelta(seconds=40), "40秒", "40 seconds"),
        (65 * M, "1小时5分钟", "1 hour 5 minutes"),
        (2 * D + 3 * H + 4 * M, "2天3小时", "2 days 3 hours"),
        (90, "1分钟", "1 minute"),
    ],
)
def test_durations_name_their_largest_units(spoken, span, zh, en):
    assert shown.duration(span) == (zh if spoken == "zh" else en)


@pytest.mark.parametrize(
    ("at", "zh", "en"),
    [
        (NOW - timedelta(seconds=20), "刚刚", "just now"),
        (NOW - 5 * H, "5小时前", "5 hours ago"),
        (NOW - 25 * H, "昨天", "yesterday"),
    ],
)
def test_what_was_lately_is_said_by_its_distance(spoken, at, zh, en):
    assert shown.ago(at, NOW) == (zh if spoken == "zh" else en)


def test_a_stopwatch_counts_minutes_then_hours():
    assert [shown.stopwatch(s) for s in (5, 125, 3725)] == ["0:05", "2:05", "1:02:05"]


def enums():
    found = (getattr(models, name) for name in models.__all__)
    return [e for e in found if isinstance(e, type) and issubclass(e, StrEnum)]


@pytest.mark.parametrize("enum", [e for e in enums() if e in LABELS], ids=lambda e: e.__name__)
def test_every_word_of_a_labelled_enum_has_its_label_in_both_languages(spoken, enum):
    assert set(LABELS[enum]) == {member.value for member in enum}
    labels = [shown.label(member) for member in enum]
    assert all(labels)
    if spoken == "zh":
        assert not [text for text in labels if text.isascii()]


def test_every_action_has_its_label(spoken):
    assert set(ACTIONS) == set(Action)
    assert all(shown.action_label(action) for action in Action)


def test_every_tone_has_its_colours(app):
    css = Path(app.static_folder, "css", "huiyin.css").read_text(encoding="utf-8")
    tones = {tone for words in TONES.values() for tone in words.values()} - {"plain"}

    assert not [tone for tone in tones if f"\n.hy-{tone} {{" not in css]
