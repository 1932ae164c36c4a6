"""Numbers packed are numbers unpacked, and many runs together are one."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from hotline.figures import packing
from hotline.figures.packing import Line, Pool, Together
from hotline.figures.statistics import rank

COUNTS, CLOCKS = ("calls", "matters", "closed"), ("sign", "handle")
seconds = st.lists(st.integers(0, 2**31 - 1), max_size=8)
lines = st.builds(
    Line,
    st.dictionaries(st.sampled_from(COUNTS), st.integers(1, 10**6)).map(Counter),
    st.dictionaries(st.sampled_from(CLOCKS), seconds.filter(bool).map(sorted)),
)
days = st.dictionaries(st.none() | st.integers(1, 30), lines, max_size=5)


def as_read(found):
    return {
        key: (dict(line.counts), {clock: list(values) for clock, values in line.values.items()})
        for key, line in found.items()
        if line.counts or line.values
    }


@given(days)
def test_a_day_packed_is_the_day_unpacked(day):
    packed = packing.pack(day, COUNTS, CLOCKS)
    assert as_read(packing.unpack(packed, COUNTS, CLOCKS)) == as_read(day)
    totals = packing.totals(packed, COUNTS, COUNTS)
    assert totals == {name: sum(line.counts[name] for line in day.values()) for name in COUNTS}


@given(st.lists(days, max_size=4), days)
def test_many_days_and_what_was_counted_live_are_added_up(kept, live):
    pool = Pool(COUNTS, CLOCKS)
    for day in kept:
        pool.add_packed(packing.pack(day, COUNTS, CLOCKS))
    for key, line in live.items():
        pool.add(key, line.counts, line.values)
    slow = {}
    for day in (*kept, live):
        for key, line in day.items():
            one = slow.setdefault(key, Line())
            one.counts += line.counts
            for clock, values in line.values.items():
                one.values[clock] = sorted([*one.values.get(clock, []), *values])
    assert as_read(pool.lines()) == as_read(slow)


def test_only_the_numbers_that_are_asked_for_come_out():
    day = {7: Line(Counter(calls=3, matters=2), {"sign": [1, 5]}), 8: Line(Counter(calls=4))}
    pool = Pool(COUNTS, CLOCKS)
    pool.add_packed(packing.pack(day, COUNTS, CLOCKS))
    assert as_read(pool.lines(["matters"], [])) == {7: ({"matters": 2}, {})}


def test_lines_that_are_called_alike_are_one():
    day = {7: Line(Counter(calls=3), {"sign": [4]}), 8: Line(Counter(calls=4), {"sign": [2]})}
    pool = Pool(COUNTS, CLOCKS)
    pool.add_packed(packing.pack(day, COUNTS, CLOCKS), lambda key: 7)
    assert as_read(pool.lines()) == {7: ({"calls": 7}, {"sign": [2, 4]})}


@given(st.lists(seconds.map(sorted), max_size=5))
def test_runs_together_are_one_row_of_values(runs):
    whole, together = sorted(value for run in runs for value in run), Together(runs)
    assert list(together) == whole
    assert [together[n] for n in range(len(together))] == whole
    if whole:
        assert together[-1] == whole[-1]
        assert [rank(together, p) for p in (50, 90, 95)] == [rank(whole, p) for p in (50, 90, 95)]


@given(days, st.sets(st.none() | st.integers(1, 30)))
def test_some_lines_of_a_day_are_these_lines(day, keys):
    packed = packing.only(packing.pack(day, COUNTS, CLOCKS), lambda key: key in keys)
    some = {key: line for key, line in day.items() if key in keys}
    assert as_read(packing.unpack(packed, COUNTS, CLOCKS)) == as_read(some)
