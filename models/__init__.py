"""The tables of the hotline, in plain SQLAlchemy; `db` is the one handle on the session."""

from flask_sqlalchemy import SQLAlchemy

from models.audit_event import AuditEvent
from models.base import Base, UtcDateTime
from models.calendar import (
    CalendarKind,
    ListedDay,
    OfficialList,
    OpeningHours,
    PolicySetting,
    SpecialDay,
)
from models.call import (
    AT_THE_COUNTER,
    BY_HAND,
    BY_TELEPHONE,
    Call,
    CallLeg,
    CallResult,
    CallState,
    Direction,
    Recording,
    RecordingKind,
)
from models.call_intent import CallIntent, IntentStatus
from models.callback import Callback, CallbackAttempt, CallbackEnd, CallbackKind, Ground, Outcome
from models.caller import Caller, CallerKind, CallerNumber, NumberKind, WorkerGroup
from models.category import Category, DemandKind, Level
from models.counter import Counter, Mark
from models.department import Department, DepartmentKind
from models.draft import Draft
from models.extension import Extension
from models.feedback import Feedback, How, NoMatterKind, Satisfaction
from models.figure_day import FigureDay, FigureTouch
from models.finding import Finding, FindingKind, FindingReason, Reconciliation
from models.handoff import Handoff, HandoffEnd, HandoffRole, ReturnReason
from models.hold import Hold, Holder
from models.inspection import (
    Decision,
    Inspection,
    InspectionEvent,
    Population,
    Sample,
    SampleStratum,
    ScoreSheet,
    Work,
)
from models.live_update import LiveUpdate
from models.message_choice import MessageChoice
from models.notification import Notification
from models.outbox_message import (
    Channel,
    MessageStatus,
    OutboxAttachment,
    OutboxDoubt,
    OutboxMessage,
)
from models.saved_report import SavedReport, Schedule
from models.search_document import SearchDocument
from models.shift_sheet import SheetLine, SheetPart, ShiftSheet
from models.thanks import Thanks
from models.ticket import Collective, Resolution, Source, Ticket, TicketStatus, Urgency
from models.ticket_event import TicketEvent
from models.user import (
    DutyShift,
    LoginAttempt,
    LoginSession,
    Role,
    Seat,
    SeatState,
    User,
    UserRole,
)
from models.wall import Wall
from models.webhook import Webhook
from models.word_list import WordList

db = SQLAlchemy(metadata=Base.metadata)

__all__ = [
    "AT_THE_COUNTER",
    "BY_HAND",
    "BY_TELEPHONE",
    "AuditEvent",
    "Base",
    "CalendarKind",
    "Call",
    "CallIntent",
    "CallLeg",
    "CallResult",
    "CallState",
    "Callback",
    "CallbackAttempt",
    "CallbackEnd",
    "CallbackKind",
    "Caller",
    "CallerKind",
    "CallerNumber",
    "Category",
    "Channel",
    "Collective",
    "Counter",
    "Decision",
    "DemandKind",
    "Department",
    "DepartmentKind",
    "Direction",
    "Draft",
    "DutyShift",
    "Extension",
    "Feedback",
    "FigureDay",
    "FigureTouch",
    "Finding",
    "FindingKind",
    "FindingReason",
    "Ground",
    "Handoff",
    "HandoffEnd",
    "HandoffRole",
    "Hold",
    "Holder",
    "How",
    "Inspection",
    "InspectionEvent",
    "IntentStatus",
    "Level",
    "ListedDay",
    "LiveUpdate",
    "LoginAttempt",
    "LoginSession",
    "Mark",
    "MessageChoice",
    "MessageStatus",
    "NoMatterKind",
    "Notification",
    "NumberKind",
    "OfficialList",
    "OpeningHours",
    "Outcome",
    "OutboxAttachment",
    "OutboxDoubt",
    "OutboxMessage",
    "PolicySetting",
    "Population",
    "Reconciliation",
    "Recording",
    "RecordingKind",
    "Resolution",
    "ReturnReason",
    "Role",
    "Sample",
    "SampleStratum",
    "Satisfaction",
    "SavedReport",
    "Schedule",
    "ScoreSheet",
    "SearchDocument",
    "Seat",
    "SeatState",
    "SheetLine",
    "SheetPart",
    "ShiftSheet",
    "Source",
    "SpecialDay",
    "Thanks",
    "Ticket",
    "TicketEvent",
    "TicketStatus",
    "Urgency",
    "User",
    "UserRole",
    "UtcDateTime",
    "Wall",
    "Webhook",
    "WordList",
    "Work",
    "WorkerGroup",
    "db",
]
