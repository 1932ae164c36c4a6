"""Reports: each figure counted a second time by a slow loop."""

import math
from collections import Counter

import pytest

from hotline.figures import report, score
from hotline.figures.measures import CLOCKS, RATES
from hotline.figures.sources import By
from models import Handoff, db
from tests.figures.reported.conftest import MORE_WEEKS
from tests.figures.reported.reading import scope_of
from tests.figures.reported.slow import Slow


def test_what_was_due_is_on_time_or_late(weeks, clock):
    found = report.report(scope_of(weeks, clock), By.DEPARTMENT)
    gone = [one for one in db.session.scalars(db.select(Handoff)) if one.end == "sent_back"]
    assert any(one.ended_at < one.handle_due_at for one in gone)
    for one in CLOCKS.values():
        for counts in (line.counts for line in (*found.lines.values(), found.total) if one.due):
            assert counts[one.due] == counts[one.on_time] + counts[one.late], one.name


@MORE_WEEKS
def test_every_figure_is_what_a_slow_loop_counts(weeks, clock):
    scope = scope_of(weeks, clock)
    fast = report.report(scope, By.DEPARTMENT)
    slow = Slow(scope.period, clock.time)
    counts, values = slow.counts, slow.values

    names = {name for count in counts.values() for name in count}
    assert names >= {"calls", "matters", "first_call", "handle_late", "sign_late", "valid"}
    assert "told_done" in names
    for key in counts.keys() | fast.lines.keys():
        line = fast.lines.get(key, report.Line())
        assert {n: line.counts[n] for n in names} == {n: counts[key][n] for n in names}, key
        for clock_name, measured in values[key].items():
            if None in measured:
                continue  # a critical matter among them
            assert list(line.values[clock_name]) == sorted(measured), (key, clock_name)
    assert sum(fast.total.counts.values()) > 300
    whole = sum(counts.values(), Counter())
    shares = {
        "connect_rate": ("connected", "decided"),
        "fast_rate": ("fast", "connected"),
        "first_call_rate": ("first_call", "by_phone"),
        "reached_rate": ("valid", "went_through"),
        "response_rate": ("contacted", "valid"),
        "solved_rate": ("solved", "valid"),
    }
    for name, (part, of_all) in shares.items():
        rate = RATES[name]
        assert fast.total.rate(rate.part, rate.whole) == whole[part] / whole[of_all], name


def test_percentiles_are_somebodys_time_and_totals_pool(weeks, clock):
    scope = scope_of(weeks, clock)
    found = report.report(scope, By.DEPARTMENT)
    for name in CLOCKS:
        pooled = sorted(v for line in found.lines.values() for v in line.values.get(name, []))
        spread = found.total.spread(name)
        assert spread.count == len(pooled)
        if not pooled:
            continue
        places = {50: spread.median, 90: spread.p90, 95: spread.p95, 100: spread.worst}
        for percent, value in places.items():
            assert value == pooled[math.ceil(len(pooled) * percent / 100) - 1]


# The score


def test_the_score_by_hand(app):
    line = report.Line(Counter(valid=40, contacted=36, solved=30, satisfied=20, basically=10))
    found = score.score(line)
    assert (found.response, found.solved, found.satisfied) == (0.9, 0.75, (20 + 9) / 40)
    assert found.points == pytest.approx(10 * 0.9 + 50 * 0.75 + 40 * 0.725)
    assert score.score(report.Line(Counter(unreached=3))) is None


@MORE_WEEKS
def test_an_excluded_ticket_stands_beside_the_score(weeks, clock):
    found = report.report(scope_of(weeks, clock), By.DEPARTMENT).total
    assert found.counts["excluded"]
    assert found.counts["valid_kept"] < found.counts["valid"]
    assert score.score(found).valid != score.score(found, kept=True).valid
