"""The words by which a night is read: how they are found, how many there are, who changed them."""

import pytest
from sqlalchemy import select

from hotline.errors import Invalid
from hotline.rhythm import urgent_words
from hotline.unit_of_work import unit_of_work
from models import AuditEvent, Role, db
from tests.makers import make_user


@pytest.fixture
def write(app, clock):
    boss = make_user(Role.ADMINISTRATOR)

    def write(typed):
        with unit_of_work():
            return urgent_words.set_words(typed, actor=boss, at=clock())

    return write


@pytest.mark.parametrize("said", ["他发了sos", "他发了 ＳＯＳ 求救", "SoS！"])
def test_they_are_found_however_wide_or_large_they_are_written(write, said):
    write("SOS 轻生")
    assert urgent_words.in_texts([said], urgent_words.folded()) == ("SOS",)


def test_no_word_is_made_of_the_end_of_one_text_and_the_beginning_of_the_next(app):
    assert urgent_words.in_texts(["他减轻", "生活困难"], urgent_words.folded()) == ()


def test_as_long_and_as_many_as_may_be_and_no_more(write):
    longest = "一" * urgent_words.LONGEST
    many = [f"词{n}" for n in range(urgent_words.MOST - 1)]
    assert write(" ".join([longest, *many])) == urgent_words.MOST
    for wrong in (longest + "一", " ".join([longest, *many, "多一个"])):
        with pytest.raises(Invalid):
            write(wrong)
    assert len(urgent_words.words()) == urgent_words.MOST


def test_the_trail_says_what_came_and_what_went(write):
    write("静坐 轻生")
    write("轻生、绝食")
    noted = db.session.scalars(
        select(AuditEvent).where(AuditEvent.kind == "set_urgent_words").order_by(AuditEvent.id)
    ).all()[-1]
    assert (noted.data["added"], noted.data["removed"]) == ("绝食", "静坐")
    assert urgent_words.last_change().set_by_id == noted.actor_id
