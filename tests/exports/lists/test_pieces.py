"""A long list is read piece by piece, and each row comes once."""

from hotline.exports import pieces, ticket_pages
from hotline.tickets.filters import Asked, Filter
from hotline.unit_of_work import unit_of_work
from models import Ticket, User, db
from tests.exports.lists.house import english, taken


def test_more_rows_than_a_page_and_than_a_piece_come_once_each_in_order(
    house, sign_in, monkeypatch
):
    monkeypatch.setattr(pieces, "PIECE", 2)
    monkeypatch.setattr(pieces, "KEYS_AT_ONCE", 2)
    more = [house.ticket(f"第{n}件", f"138{n:08d}", "某人") for n in range(6)]
    rows = taken(sign_in(english(house.operator)), "/tickets/export", format="csv")
    titles = [row["What was asked"] for row in rows]
    assert titles[: len(more)] == [f"第{n}件" for n in reversed(range(6))]
    assert len(titles) == len(set(titles)) == 9


def test_what_changes_meanwhile_is_neither_lost_nor_doubled(house, app, monkeypatch):
    """The list is that of the moment it was asked for; nobody who writes waits for it."""
    monkeypatch.setattr(pieces, "PIECE", 1)
    viewer = db.session.get_one(User, house.operator.id)
    with app.test_request_context():
        table = ticket_pages.table(Filter(status="open"), Asked(viewer, house.clock.time))
        rows = iter(table.rows)
        read = [next(rows)]
        house.hand_off(house.plain)  # leaves the filter while the file is on its way
        house.ticket("新来的", "13700000000", "后来者")
        read += list(rows)
    assert table.count == 3
    assert [row[3] for row in read] == ["赵小红", "@李梅", "王建国"]


def test_what_somebody_may_no_longer_see_is_left_out(house, app, monkeypatch):
    monkeypatch.setattr(pieces, "PIECE", 1)
    viewer = db.session.get_one(User, house.operator.id)
    with app.test_request_context():
        rows = iter(ticket_pages.table(Filter(), Asked(viewer, house.clock.time)).rows)
        next(rows)
        with unit_of_work():
            db.session.get_one(Ticket, house.plain).about_user_id = house.operator.id
        assert [row[3] for row in rows] == ["@李梅"]
