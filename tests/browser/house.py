"""The people of a small hotline, and a matter they can be asked about."""

from dataclasses import dataclass
from datetime import timedelta

from hotline.accounts import roster
from hotline.calls.opening import NOBODY, new_call
from hotline.live_updates import service as live_updates
from hotline.unit_of_work import unit_of_work
from models import Call, Category, Department, Role, Seat, SeatState, User, db
from tests.conftest import Clock
from tests.makers import make_category, make_department, make_ticket, make_user

HALF_A_DAY = timedelta(hours=12)


@dataclass(frozen=True)
class House:
    """Two operators, who leads them, and the department that answers for wages."""

    operator: User
    colleague: User
    supervisor: User
    handler: User
    legal: Department
    wages: Category


def make_house(locale: str, clock: Clock) -> House:
    """Everybody reads `locale` and is on duty; nobody's seat is taken yet."""
    legal = make_department("legal", name_zh="权益保障部", name_en="Rights Protection")
    pay = make_category("pay", legal, name_zh="劳动报酬", name_en="Pay for work", initials="ldbc")
    house = House(
        operator=make_user(Role.OPERATOR, display_name="林晓", locale=locale),
        colleague=make_user(Role.OPERATOR, display_name="何苗", locale=locale),
        supervisor=make_user(Role.SUPERVISOR, display_name="沈岚", locale=locale),
        handler=make_user(Role.HANDLER, department=legal, display_name="冯远", locale=locale),
        legal=legal,
        wages=make_category(lead=legal, parent_id=pay.id),
    )
    with unit_of_work():
        for user in (house.operator, house.colleague, house.supervisor):
            roster.add_shift(user, clock() - HALF_A_DAY, clock() + HALF_A_DAY)
    return house


def sit_down(user: User, clock: Clock, state: SeatState = SeatState.FREE) -> None:
    """`user` takes the seat before the story begins."""
    with unit_of_work():
        db.session.merge(Seat(user_id=user.id, state=state, since_at=clock()))


def ring(clock: Clock, seconds_ago: float = 0) -> Call:
    """Somebody waits on the line."""
    ticket = make_ticket()
    with unit_of_work():
        at = clock() - timedelta(seconds=seconds_ago)
        about = {"ticket_id": ticket.id, "caller_id": ticket.caller_id}
        call = new_call("simulator", f"CA{ticket.id}", NOBODY, at=at, **about)
        live_updates.post("hotline", "call", clock(), call=call.id)
    return call
