"""The starter data of every installation."""

import pytest
from pypinyin import lazy_pinyin
from sqlalchemy import select

from hotline.demo.texts import TOPICS
from hotline.seeds import service as seeds
from hotline.seeds.categories import GROUPS
from hotline.unit_of_work import unit_of_work
from models import Category, Department, db

LEAVES = [leaf for group in GROUPS for leaf in group.leaves]


def test_planting_twice_adds_nothing_and_keeps_what_was_renamed(clock, app):
    with unit_of_work():
        planted = seeds.plant(clock.time)
    with unit_of_work():
        wages = db.session.scalar(select(Category).where(Category.code == "unpaid_wages"))
        wages.name_zh, wages.is_active = "欠薪", False
    with unit_of_work():
        assert seeds.plant(clock.time) == 0
    assert planted > 110
    assert (wages.name_zh, wages.is_active) == ("欠薪", False)


def test_every_leaf_has_a_group_and_a_department_that_leads(clock, app):
    with unit_of_work():
        seeds.plant(clock.time)
    leaves = db.session.scalars(select(Category).where(Category.parent_id.is_not(None))).all()
    assert len(leaves) == len(LEAVES)
    assert all(leaf.lead_department == leaf.parent.lead_department for leaf in leaves)
    rights = db.session.scalar(select(Department).where(Department.code == "rights"))
    assert rights.parent.parent.code == "city"


@pytest.mark.parametrize("seed", [*GROUPS, *LEAVES], ids=lambda seed: seed.code)
def test_initials_are_those_of_the_name(seed):
    heard = "".join(s if s.isdigit() else s[0] for s in lazy_pinyin(seed.name_zh))
    assert seed.initials == heard


def test_codes_names_and_initials_fit_their_columns_and_are_told_apart():
    seeds_of_both = [*GROUPS, *LEAVES]
    assert len({seed.code for seed in seeds_of_both}) == len(seeds_of_both)
    assert len({leaf.name_zh for leaf in LEAVES}) == len(LEAVES)
    assert max(len(seed.initials) for seed in seeds_of_both) <= 32


def test_callers_have_something_to_ask_about_every_leaf():
    questions = [q for topic in TOPICS.values() for asked in topic.asked for q in asked.questions]
    assert set(TOPICS) == {leaf.code for leaf in LEAVES}
    assert len(set(questions)) == len(questions) >= 400
