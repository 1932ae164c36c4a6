"""People who ring us, known by their numbers; one number may belong to several people."""

from enum import StrEnum

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    func,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant, enum_column


class CallerKind(StrEnum):
    WORKER = "worker"  # 职工
    EMPLOYER = "employer"  # 企业负责人、人事
    GRASSROOTS_UNION = "grassroots_union"  # 基层工会
    FAMILY = "family"  # 家属
    OTHER_BODY = "other_body"  # 其他单位、兄弟热线
    UNKNOWN = "unknown"  # 未说明


class WorkerGroup(StrEnum):
    """The eight groups (八大群体) whose way into the union differs; NONE for everybody else."""

    NONE = "none"
    TRUCK_DRIVER = "truck_driver"  # 货车司机
    COURIER = "courier"  # 快递员
    CARE_WORKER = "care_worker"  # 护工护理员
    DOMESTIC_WORKER = "domestic_worker"  # 家政服务员
    MALL_PROMOTER = "mall_promoter"  # 商场信息员
    FOOD_RIDER = "food_rider"  # 网约送餐员
    ESTATE_AGENT = "estate_agent"  # 房产中介员
    SECURITY_GUARD = "security_guard"  # 保安员


class NumberKind(StrEnum):
    """What a telephone number is, as hotline.phone_numbers tells."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    SERVICE = "service"  # 400, 800
    SHORT = "short"  # 12345
    FOREIGN = "foreign"
    SIP = "sip"
    CLIENT = "client"  # a softphone in a browser
    WITHHELD = "withheld"  # nobody can be rung back
    UNKNOWN = "unknown"


class Caller(Base):
    __tablename__ = "callers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), default="")
    # What else the name was: older texts still say it, and it is hidden like the present one.
    former_names: Mapped[list[str]] = mapped_column(JSON, default=list)
    kind: Mapped[CallerKind] = mapped_column(enum_column(CallerKind))
    group: Mapped[WorkerGroup] = mapped_column(
        "worker_group", enum_column(WorkerGroup), default=WorkerGroup.NONE
    )
    employer: Mapped[str] = mapped_column(String(128), default="", index=True)
    is_member: Mapped[bool | None] = mapped_column()  # None: not asked
    # When to ring: a word of hotline.callbacks.windows (noon, evening, …) or empty.
    preferred_window: Mapped[str] = mapped_column(String(32), default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[Instant] = mapped_column()

    numbers: Mapped[list["CallerNumber"]] = relationship(
        back_populates="caller", cascade="all, delete-orphan", order_by="CallerNumber.id"
    )


class CallerNumber(Base):
    __tablename__ = "caller_numbers"

    id: Mapped[int] = mapped_column(primary_key=True)
    caller_id: Mapped[int] = mapped_column(ForeignKey("callers.id"))
    # E.164, a short code, or what the provider said; never a withheld sentinel.
    number: Mapped[str] = mapped_column(String(64))
    kind: Mapped[NumberKind] = mapped_column(enum_column(NumberKind))

    caller: Mapped[Caller] = relationship(back_populates="numbers")

    @classmethod
    def ends_in(cls, digits: str) -> ColumnElement[bool]:
        """The condition that the number ends in `digits`, four of them or more."""
        # As in its index, which finds the few that end in the same four.
        last_four = func.substr(cls.number, func.length(cls.number) - literal_column("3"))
        return and_(last_four == digits[-4:], cls.number.endswith(digits, autoescape=True))

    __table_args__ = (
        UniqueConstraint("caller_id", "number"),
        Index("ix_caller_numbers_number", "number"),
        Index("ix_caller_numbers_last_four", text("substr(number, length(number) - 3)")),
    )
