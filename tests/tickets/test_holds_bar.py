"""The bar of holds is drawn to scale: recomputed here from the instants alone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hotline.tickets import holds_bar
from models import Hold, Holder

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 16, 1, 30, tzinfo=UTC)  # 09:30 in Shanghai
H = timedelta(hours=1)


def hold(holder, begin, end, *, department=None, business=0):
    """`begin` and `end` in hours since Monday morning; None: still."""
    return Hold(
        holder=holder,
        department_id=department,
        began_at=MONDAY + begin * H,
        ended_at=None if end is None else MONDAY + end * H,
        business_seconds=None if end is None else business * 3600,
    )


LEDGER = [
    hold(Holder.HOTLINE, 0, 1, business=1),
    hold(Holder.DEPARTMENT, 1, 5, department=7, business=3),
    hold(Holder.CALLER, 5, 9, business=0),
    hold(Holder.DEPARTMENT, 9, 10, department=7, business=0),
    hold(Holder.DEPARTMENT, 10, 18, department=8, business=2),
    hold(Holder.HOTLINE, 18, 20, business=2),
]


def test_each_stretch_lies_where_it_lay():
    segments = holds_bar.by_the_wall(LEDGER, MONDAY, MONDAY + 20 * H)
    assert [(s.begin, s.width) for s in segments] == [
        (pytest.approx(begin / 20), pytest.approx((end - begin) / 20))
        for begin, end in [(0, 1), (1, 5), (5, 9), (9, 10), (10, 18), (18, 20)]
    ]
    assert sum(s.width for s in segments) == pytest.approx(1)


def test_business_time_has_only_what_counts():
    segments = holds_bar.by_business(LEDGER, MONDAY + 20 * H)
    assert [(s.mark.letter, s.begin, s.width) for s in segments] == [
        ("A", pytest.approx(0), pytest.approx(1 / 8)),
        ("B", pytest.approx(1 / 8), pytest.approx(3 / 8)),
        ("D", pytest.approx(4 / 8), pytest.approx(2 / 8)),
        ("A", pytest.approx(6 / 8), pytest.approx(2 / 8)),
    ]


def test_a_party_keeps_its_letter_and_no_two_share_a_pattern():
    segments = holds_bar.by_the_wall(LEDGER, MONDAY, MONDAY + 20 * H)
    assert [s.mark.letter for s in segments] == ["A", "B", "C", "B", "D", "A"]
    assert len({s.mark.pattern for s in segments}) == 4


def test_many_departments_share_patterns_before_letters():
    ledger = [hold(Holder.DEPARTMENT, n, n + 1, department=n + 1) for n in range(30)]
    marks = holds_bar.marks(ledger).values()
    assert len({mark.letter for mark in marks}) == 30
    assert [mark.letter for mark in marks][24:28] == ["Y", "Z", "27", "28"]
    assert {mark.pattern for mark in marks} == set(holds_bar.OF_DEPARTMENTS)


def test_a_ticket_opened_again_leaves_a_gap_and_says_how_long():
    ledger = [hold(Holder.HOTLINE, 0, 2), hold(Holder.HOTLINE, 6, 8)]
    first, second = holds_bar.by_the_wall(ledger, MONDAY, MONDAY + 8 * H)
    assert (first.begin + first.width, second.begin) == (pytest.approx(0.25), pytest.approx(0.75))
    assert holds_bar.closed_in_between(ledger) == 4 * H
    assert holds_bar.closed_in_between(LEDGER) == timedelta(0)


def test_no_time_no_bar():
    assert holds_bar.by_the_wall(LEDGER, MONDAY, MONDAY) == []
    assert holds_bar.by_business([hold(Holder.CALLER, 0, 3)], MONDAY + 3 * H) == []
    assert holds_bar.ticks(MONDAY, MONDAY, SHANGHAI) == []


@pytest.mark.parametrize(
    "hours", [0.1, 0.4, 1, 5, 7, 20, 30, 24 * 4, 24 * 20, 24 * 100, 24 * 800, 24 * 4000]
)
def test_ticks_are_few_and_round(hours):
    end = MONDAY + hours * H
    ticks = holds_bar.ticks(MONDAY, end, SHANGHAI)
    assert len(ticks) <= (holds_bar.MOST_TICKS + 1 if hours < 24 * 3000 else 12)
    assert all(MONDAY <= tick.at <= end for tick in ticks)
    assert all(tick.place == pytest.approx((tick.at - MONDAY) / (end - MONDAY)) for tick in ticks)
    assert all(tick.at.astimezone(SHANGHAI).hour == 0 for tick in ticks if tick.is_day)
    assert all(tick.at.second == 0 for tick in ticks)
