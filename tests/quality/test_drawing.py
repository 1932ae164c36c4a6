"""The draw itself: the same seed and population give the same tickets, whoever draws."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.quality.conflicts import spread
from hotline.quality.drawing import Earlier, Rule, Stratum, Unit, digest_of, draw

WAGES = Stratum(1, 7, False)
MEMBERS = Stratum(2, 8, False)
NOBODYS = Stratum(1, None, True)
ANSWERED = Stratum(1, None, False)  # by the same operator, in the call itself
RULE = Rule("2026-10", 10, 2)


def units(stratum, count, day="20261012"):
    return [Unit(f"{day}-{number:04d}", stratum) for number in range(1, count + 1)]


def test_a_draw_of_long_ago_is_drawn_again_today():
    """Written down once. Whatever machine or database draws again gets exactly these."""
    (drawn,) = draw(units(WAGES, 40), RULE)
    assert drawn.numbers == (
        "20261012-0037",
        "20261012-0016",
        "20261012-0021",
        "20261012-0002",
    )
    assert drawn.digest == digest_of(reversed([unit.number for unit in units(WAGES, 40)]))


@pytest.mark.parametrize(
    ("count", "stratum", "size"),
    [
        (1, WAGES, 1),  # every stratum at least one
        (14, WAGES, 1),
        (15, WAGES, 2),  # halves are rounded up
        (24, WAGES, 2),
        (25, WAGES, 3),
        (15, NOBODYS, 3),  # without a matter twice as often
        (2, NOBODYS, 1),
    ],
)
def test_how_many_of_how_many(count, stratum, size):
    (drawn,) = draw(units(stratum, count), RULE)
    assert (drawn.count, len(drawn.numbers)) == (count, size)


def test_never_more_than_there_are():
    (drawn,) = draw(units(NOBODYS, 3), Rule("x", 80, 5))
    assert len(drawn.numbers) == 3
    assert Rule("x", 80, 5).quota(3, NOBODYS) == 3


def test_the_share_holds_over_the_draws_of_a_month():
    """Three mornings with ten answers each: three of thirty, not one a morning by the minimum."""
    earlier = Earlier()
    sizes = []
    for day in ("20261012", "20261013", "20261014", "20261015"):
        (drawn,) = draw(units(WAGES, 7, day), RULE, earlier={WAGES: earlier})
        sizes.append(len(drawn.numbers))
        earlier = Earlier(earlier.counted + 7, earlier.drawn + len(drawn.numbers))
    assert sizes == [1, 0, 1, 1]


def test_what_was_drawn_too_much_before_is_made_up_for_and_no_more_is_drawn():
    """All of the first ten were drawn before the share was lowered: two of twenty would do."""
    (drawn,) = draw(units(WAGES, 10), RULE, earlier={WAGES: Earlier(10, 10)})
    assert drawn.numbers == ()


populations = st.lists(
    st.builds(
        Unit,
        st.integers(1, 9999).map(lambda number: f"20261012-{number:04d}"),
        st.sampled_from([WAGES, MEMBERS, NOBODYS, ANSWERED]),
    ),
    unique_by=lambda unit: unit.number,
    max_size=120,
)
rules = st.builds(Rule, st.text(min_size=1, max_size=20), st.integers(1, 100), st.integers(1, 5))


@given(populations, rules, st.randoms())
def test_the_order_in_which_tickets_come_changes_nothing(population, rule, chance):
    shuffled = population.copy()
    chance.shuffle(shuffled)
    assert draw(shuffled, rule) == draw(population, rule)


@given(populations, rules)
def test_every_stratum_gets_its_share_and_at_least_one(population, rule):
    drawn = draw(population, rule)
    assert {one.stratum for one in drawn} == {unit.stratum for unit in population}
    for one in drawn:
        share = rule.percent * (rule.no_matter_weight if one.stratum.is_no_matter else 1) / 100
        size = len(one.numbers)
        assert 1 <= size <= one.count
        assert size in (1, one.count) or abs(size - one.count * share) <= 0.5
        assert set(one.numbers) <= {u.number for u in population if u.stratum == one.stratum}


@given(populations, rules, st.data())
def test_nothing_is_drawn_twice(population, rule, data):
    before = data.draw(st.sets(st.sampled_from(population))) if population else set()
    without = {unit.number for unit in before}
    for one in draw(population, rule, without=without):
        assert without.isdisjoint(one.numbers)
        assert one.excluded == sum(1 for unit in before if unit.stratum == one.stratum)


@given(populations, rules)
def test_a_ticket_more_is_another_population(population, rule):
    more = [*population, Unit("20261013-0001", WAGES)]
    digests = [{one.stratum: one.digest for one in draw(some, rule)} for some in (population, more)]
    assert digests[0].get(WAGES) != digests[1][WAGES]


def test_another_seed_draws_others():
    population = units(WAGES, 300)
    one, other = (set(draw(population, Rule(seed, 10, 2))[0].numbers) for seed in ("a", "b"))
    assert len(one & other) < 15


def test_no_place_is_preferred():
    """Over many seeds every ticket is drawn about as often as any other."""
    population, counts = units(WAGES, 20), dict.fromkeys(range(1, 21), 0)
    for seed in range(2000):
        for number in draw(population, Rule(str(seed), 10, 2))[0].numbers:
            counts[int(number[-4:])] += 1
    assert sum(counts.values()) == 4000
    assert all(150 < count < 250 for count in counts.values())


@given(
    st.lists(st.integers(1, 500), unique=True, max_size=60),
    st.integers(1, 5),
)
def test_inspectors_get_as_many_as_each_other(tickets, people):
    given_to = spread(tickets, [{person: set(tickets) for person in range(1, people + 1)}])
    loads = [list(given_to.values()).count(person) for person in range(1, people + 1)]
    assert max(loads) - min(loads) <= 1
    assert given_to.keys() == set(tickets)


def test_who_may_not_is_given_nothing():
    reviewers = {1: {10, 11}, 2: {11, 12}}
    others = {3: {10, 13}}
    assert spread([10, 11, 12, 13, 14], [reviewers, others]) == {
        10: 1,
        11: 2,
        12: 2,
        13: 3,
        14: None,
    }


def test_shuffling_is_not_what_draws():
    """No generator with a state takes part: it may stand anywhere."""
    random.seed(1)
    one = draw(units(WAGES, 100), RULE)
    random.seed(2)
    assert draw(units(WAGES, 100), RULE) == one
