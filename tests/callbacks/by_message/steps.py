"""What people do about a short message to a caller, and what comes back."""

from hotline.callbacks import service as callbacks
from hotline.outbox.senders import Envelope
from hotline.unit_of_work import unit_of_work
from models import Callback, MessageChoice, Notification, OutboxMessage, TicketStatus, db
from tests.stages import call_of, put
from tests.stories.paper import text_of
from tests.telephony.company import Company

WORDS = "公司本周补发工资"


class Carrier:
    """Takes short messages and gives each a reference; nothing more is heard until a receipt."""

    reaches_callers = True
    proves_delivery = True

    def __init__(self) -> None:
        self.sent: list[Envelope] = []
        self.failure: Exception | None = None

    def send(self, envelope: Envelope) -> str:
        if self.failure:
            raise self.failure
        self.sent.append(envelope)
        return f"SM{envelope.id:032x}"

    @property
    def to_callers(self) -> list[str]:
        return [one.body for one in self.sent if one.is_to_caller]


def answered(house, clock, phone: str = "13912345678") -> Callback:
    ticket = put(house, TicketStatus.ANSWERED, clock(), phone)
    callback = db.session.scalars(db.select(Callback).where(Callback.ticket_id == ticket.id)).one()
    with unit_of_work():
        callback.owner_id = house["operator"].id
    return callback


def choose(callback: Callback, house, clock) -> MessageChoice:
    with unit_of_work():
        ticket = callback.ticket
        call = call_of(ticket)
        return callbacks.choose(ticket, actor=house["operator"], at=clock(), call=call)


def press(client, callback: Callback, verb: str, **typed: object):
    typed.setdefault("version", callback.ticket.version)
    answer = client.post(f"/callbacks/{callback.id}/{verb}", data=typed)
    db.session.expire_all()
    return answer


def send(client, callback: Callback, words: str = WORDS):
    return press(client, callback, "send", words=words)


def message_of(callback: Callback) -> OutboxMessage:
    found = db.select(OutboxMessage).where(OutboxMessage.callback_id == callback.id)
    return db.session.scalars(found.order_by(OutboxMessage.id.desc())).first()


def receipt(company: Company, callback: Callback, status: str) -> None:
    """The telephone company says, and signs, how far the message has come."""
    fields = {
        "AccountSid": company.account,
        "MessageSid": message_of(callback).provider_ref,
        "MessageStatus": status,
        "To": callback.number,
    }
    assert company.post("sms", fields).status_code == 200
    db.session.expire_all()


def read(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return text_of(answer.text)


def notices() -> list[str]:
    return list(db.session.scalars(db.select(Notification.dedupe_key)))


def workspace_form(house, ticket, **more):
    return {
        "caller_kind": "worker",
        "category": house.wages.id,
        "question": "三个月没发工资",
        "number": "13912345678",
        "version": ticket.version,
        **more,
    }
