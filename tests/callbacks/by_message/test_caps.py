"""How many short messages, from whom and to whom."""

from hotline.callbacks import service as callbacks
from hotline.sla import policies
from hotline.unit_of_work import unit_of_work
from models import AuditEvent, Callback, OutboxMessage, User, db
from tests.callbacks.by_message.steps import WORDS, answered, choose, message_of, press, send
from tests.stories.paper import text_of


class TestCaps:
    """Short messages cost money and reach strangers: so many a day, by whom the trail says."""

    def another(self, house, clock, phone: str) -> Callback:
        callback = answered(house, clock, phone)
        choose(callback, house, clock)
        return callback

    def allow(self, house, clock, **most: int) -> None:
        with unit_of_work():
            policies.set_values(most, actor=house["administrator"], at=clock())

    def test_one_person_sends_so_many_a_day(self, client, house, clock, sign_in):
        self.allow(house, clock, messages_per_person=2)
        for number in ("13912345671", "13912345672"):
            assert send(client, self.another(house, clock, number)).status_code == 303
        third = self.another(house, clock, "13912345673")
        refused = send(client, third)
        assert refused.status_code == 409
        assert "您今天" in text_of(refused.text)
        assert message_of(third) is None
        colleague = sign_in(house["colleague"])
        assert send(colleague, third).status_code == 303, "a colleague still may"
        fourth = self.another(house, clock, "13912345674")
        clock.advance(days=1)
        assert send(sign_in(house["operator"]), fourth).status_code == 303

    def test_one_telephone_gets_so_many_a_day(self, client, house, clock, carrier):
        self.allow(house, clock, messages_per_number=2)
        for _ in range(2):
            assert send(client, self.another(house, clock, "13912345678")).status_code == 303
        third = self.another(house, clock, "13912345678")
        refused = send(client, third)
        assert refused.status_code == 409
        assert "该号码今天" in text_of(refused.text)
        assert message_of(third) is None
        assert send(client, self.another(house, clock, "13912345679")).status_code == 303

    def test_at_a_departments_own_desk_nobody_sends(self, owed, house, clock, carrier, sign_in):
        choose(owed, house, clock)
        with unit_of_work():
            owed.owner_id = house["handler"].id
        desk = sign_in(house["handler"])
        card = desk.get(f"/callbacks/{owed.id}").text
        assert "只有热线发送短信" in text_of(card)
        assert f"/callbacks/{owed.id}/send" not in card
        assert send(desk, owed).status_code == 403
        assert message_of(owed) is None
        press(desk, owed, "ring_instead")
        assert 'value="by_message"' not in desk.get(f"/callbacks/{owed.id}").text

    def test_the_trail_says_who_sent_to_which_telephone(self, client, owed, house, clock):
        choose(owed, house, clock)
        send(client, owed)
        row = db.session.scalars(
            db.select(AuditEvent).where(AuditEvent.kind == "send_message")
        ).one()
        assert (row.actor_id, row.ticket_id) == (house["operator"].id, owed.ticket_id)
        assert row.subject == "139****5678"
        assert WORDS not in str(row.data)

    def test_sent_by_two_at_once_it_is_one(self, both, owed, house, clock):
        choose(owed, house, clock)
        owed_id, at = owed.id, clock()

        def press_of(name: str):
            actor_id = house[name].id

            def press() -> None:
                callback = db.session.get_one(Callback, owed_id)
                callbacks.send(callback, WORDS, actor=db.session.get_one(User, actor_id), at=at)

            return press

        refusal = both(press_of("operator"), press_of("colleague"))
        assert refusal.status == 409
        sent = db.select(OutboxMessage).where(OutboxMessage.callback_id == owed_id)
        assert len(db.session.scalars(sent).all()) == 1
