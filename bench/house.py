"""The house of the benchmark: the seeds of every installation, 30 departments, 60 operators."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import insert, select

from bench import seconds
from bench.seconds import DAY, HOUR
from hotline.accounts import service as accounts
from hotline.demo import people
from hotline.demo.staff import PASSWORD as PASSWORD  # of every login
from hotline.seeds import service as seeds
from models import Category, Department, DepartmentKind, DutyShift, Role, User, db

OPERATORS, BY_DAY, BY_NIGHT = 60, 24, 6
MORE_STREETS = (
    ("lanting", "澜庭街道总工会", "Lanting Street Union"),
    ("binhe", "滨河街道总工会", "Binhe Street Union"),
    ("gaotie", "高铁新城总工会", "Gaotie New Town Union"),
    ("nanqiao", "南桥街道总工会", "Nanqiao Street Union"),
    ("dongshan", "东山镇总工会", "Dongshan Town Union"),
    ("xihu", "西湖街道总工会", "Xihu Street Union"),
    ("beiyuan", "北苑街道总工会", "Beiyuan Street Union"),
    ("shatan", "沙滩镇总工会", "Shatan Town Union"),
    ("park", "青澜开发区总工会", "Qinglan Development Zone Union"),
)
OF_THE_HOTLINE = {
    "lead": Role.OPERATOR,
    "sup": Role.SUPERVISOR,
    "sup2": Role.SUPERVISOR,
    "qa": Role.REVIEWER,
    "qa2": Role.REVIEWER,
}
LOCAL = (DepartmentKind.STREET, DepartmentKind.ENTERPRISE)
WITH_USERS = (DepartmentKind.OFFICE, DepartmentKind.STREET)
WORKERS_EACH = 4


@dataclass
class House:
    """Who works here, by ids; `leads` has each leaf category with the department that leads it."""

    operators: list[int] = field(default_factory=list)
    supervisors: list[int] = field(default_factory=list)
    handlers: dict[int, list[int]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)  # of departments
    local: list[int] = field(default_factory=list)  # streets and enterprise unions
    external: list[int] = field(default_factory=list)
    leads: dict[str, tuple[Category, int]] = field(default_factory=dict)

    def crew(self, at: int) -> list[int]:
        """Who is on duty: days from eight to eight, then a night."""
        shift = (at + seconds.OFFSET - 8 * HOUR) // (DAY // 2)
        day, is_night = divmod(shift, 2)
        first, size = (day * 7 + is_night * BY_DAY) % OPERATORS, BY_NIGHT if is_night else BY_DAY
        return [self.operators[(first + place) % OPERATORS] for place in range(size)]

    def handler_of(self, department: int, at: int) -> int:
        """Who works on what the department gets today."""
        handlers = self.handlers[department]
        return handlers[at // 7 % len(handlers)]


def build(at: datetime, rng: Random, password_hash: str) -> None:
    """Plant the seeds, add departments up to 30, hire everybody. Inside a unit of work."""
    seeds.plant(at)
    _more_streets()
    _hire(at, rng, password_hash)
    db.session.flush()


def read() -> House:
    """The house as it stands in the database."""
    house = House()
    departments = list(db.session.scalars(select(Department).order_by(Department.id)))
    users = list(db.session.scalars(select(User).order_by(User.id)))
    for user in users:
        if Role.OPERATOR in user.roles:
            house.operators.append(user.id)
        if Role.SUPERVISOR in user.roles:
            house.supervisors.append(user.id)
    for one in departments:
        own = [user.id for user in users if user.department_id == one.id]
        house.handlers[one.id] = own or [one.keeper_id or house.supervisors[0]]
        house.names[one.id] = one.name_zh
    house.local = [one.id for one in departments if one.kind in LOCAL]
    house.external = [one.id for one in departments if one.kind is DepartmentKind.EXTERNAL]
    leaves = select(Category).where(Category.parent_id.is_not(None)).order_by(Category.id)
    for leaf in db.session.scalars(leaves):
        house.leads[leaf.code] = (leaf, leaf.lead_department_id or departments[0].id)
    return house


def _more_streets() -> None:
    district = db.session.scalars(select(Department).where(Department.code == "district")).one()
    for position, (code, name, english) in enumerate(MORE_STREETS, start=50):
        street = Department(
            code=code,
            name_zh=name,
            name_en=english,
            kind=DepartmentKind.STREET,
            parent=district,
            position=position,
        )
        db.session.add(street)
    db.session.flush()


def _hire(at: datetime, rng: Random, password_hash: str) -> None:
    departments = {one.code: one for one in db.session.scalars(select(Department))}

    def hire(username: str, role: Role, department: Department | None) -> User:
        name = people.a_name(rng, (people.MALE, people.FEMALE))
        person = accounts.Person(display_name=name, roles=frozenset({role}), department=department)
        return accounts.create_user(
            username, person, password_hash=password_hash, at=at, is_one_time=False
        )

    hotline = departments["hotline"]
    of_the_hotline = {name: hire(name, role, hotline) for name, role in OF_THE_HOTLINE.items()}
    for number in range(1, OPERATORS):  # "lead" is one, too
        hire(f"op{number}", Role.OPERATOR, hotline)
    hire("admin", Role.ADMINISTRATOR, None)
    hire("auditor", Role.AUDITOR, None)
    for code, department in departments.items():
        if department.kind in WITH_USERS:
            department.keeper = hire(f"{code}.head", Role.HEAD, department)
            for number in range(1, WORKERS_EACH):
                hire(f"{code}{number if number > 1 else ''}", Role.HANDLER, department)
    for department in departments.values():
        if department.kind not in WITH_USERS:
            department.keeper = of_the_hotline["sup"]


def put_on_duty(house: House, first: date, last: date) -> None:
    """The roster from one date to another; what is over was handed over."""
    rows = []
    for number in range((last - first).days + 1):
        for hour in (8, 20):
            starts_at = seconds.midnight(first + timedelta(number)) + hour * HOUR
            for place, user in enumerate(house.crew(starts_at)):
                rows.append((user, starts_at, starts_at + DAY // 2, place == 0))
    values = [
        {
            "user_id": user,
            "starts_at": datetime.fromisoformat(seconds.iso(starts_at)),
            "ends_at": datetime.fromisoformat(seconds.iso(ends_at)),
            "is_leader": is_leader,
        }
        for user, starts_at, ends_at, is_leader in rows
    ]
    db.session.execute(insert(DutyShift), values)
