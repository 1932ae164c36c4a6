"""What every word of an enum is called on the screen, and the tone in which it is shown.

The sentences are English msgids, translated by the filter `label` (hotline/template_filters.py).
"""

from enum import StrEnum

from hotline.i18n import N_
from hotline.tickets.lifecycle import Action
from models.call import CallResult, CallState
from models.callback import CallbackEnd, CallbackKind, Outcome
from models.caller import CallerKind, NumberKind, WorkerGroup
from models.category import DemandKind, Level
from models.department import DepartmentKind
from models.feedback import How, NoMatterKind, Satisfaction
from models.handoff import HandoffEnd, HandoffRole, ReturnReason
from models.inspection import Decision, Population, Work
from models.saved_report import Schedule
from models.shift_sheet import SheetPart
from models.ticket import Resolution, Source, TicketStatus, Urgency
from models.user import Role, SeatState

LABELS: dict[type[StrEnum], dict[str, str]] = {
    TicketStatus: {
        "open": N_("To handle"),
        "queued": N_("To accept"),
        "accepted": N_("In progress"),
        "answered": N_("To call back"),
        "suspended": N_("Suspended"),
        "closed": N_("Closed"),
    },
    Urgency: {"normal": N_("Normal"), "urgent": N_("Urgent"), "critical": N_("Critical")},
    Source: {
        "phone": N_("Telephone"),
        "visit": N_("Visit"),
        "letter": N_("Letter"),
        "net": N_("Internet"),
        "12345": N_("12345 hotline"),
        "12351": N_("12351 from above"),
    },
    Schedule: {
        "never": N_("Not by itself"),
        "weekly": N_("Every week"),
        "monthly": N_("Every month"),
    },
    Resolution: {
        "answered_directly": N_("Answered directly"),
        "solved": N_("Solved"),
        "explained": N_("Explained"),
        "referred": N_("Referred to the right channel"),
        "declined": N_("Declined"),
        "closed_repeat": N_("Repeat, not handled again"),
        "unreachable": N_("Unreachable"),
        "withdrawn": N_("Withdrawn"),
        "no_matter": N_("No matter"),
        "merged": N_("Merged"),
    },
    CallerKind: {
        "worker": N_("Worker"),
        "employer": N_("Employer or HR"),
        "grassroots_union": N_("Grassroots union"),
        "family": N_("Family"),
        "other_body": N_("Other body"),
        "unknown": N_("Not said"),
    },
    WorkerGroup: {
        "none": N_("No special group"),
        "truck_driver": N_("Truck driver"),
        "courier": N_("Courier"),
        "care_worker": N_("Care worker"),
        "domestic_worker": N_("Domestic worker"),
        "mall_promoter": N_("Shop promoter"),
        "food_rider": N_("Food delivery rider"),
        "estate_agent": N_("Estate agent"),
        "security_guard": N_("Security guard"),
    },
    NumberKind: {
        "mobile": N_("Mobile number"),
        "landline": N_("Landline number"),
        "service": N_("Service number"),
        "short": N_("Short number"),
        "foreign": N_("Foreign number"),
        "sip": N_("Internet telephone"),
        "client": N_("Telephone in a browser"),
        "withheld": N_("Number withheld"),
        "unknown": N_("Unknown number"),
    },
    DemandKind: {
        "consultation": N_("Inquiry"),
        "service": N_("Help and services"),
        "complaint": N_("Complaint"),
        "legal_aid": N_("Legal aid"),
        "suggestion": N_("Suggestion"),
    },
    Level: {
        "consultation": N_("Consultation"),
        "ordinary": N_("Ordinary"),
        "difficult": N_("Difficult"),
        "complex": N_("Especially complex"),
    },
    DepartmentKind: {
        "union": N_("Federation"),
        "hotline": N_("Hotline"),
        "office": N_("Office"),
        "street": N_("Street or town union"),
        "enterprise": N_("Enterprise union"),
        "external": N_("Outside body"),
    },
    CallState: {
        "ringing": N_("Ringing"),
        "waiting": N_("Waiting for an operator"),
        "talking": N_("Talking"),
        "voicemail": N_("Leaving a message"),
        "ended": N_("Ended"),
    },
    CallResult: {
        "answered": N_("Picked up"),
        "missed": N_("Missed"),
        "abandoned": N_("Abandoned"),
        "hung_up_early": N_("Hung up early"),
        "voicemail": N_("Voicemail"),
        "failed": N_("Not connected"),
    },
    CallbackKind: {
        "return_call": N_("Return call"),
        "tell": N_("Tell the result"),
        "follow_up": N_("Follow-up"),
        "safety": N_("Safety callback"),
    },
    CallbackEnd: {
        "kept": N_("Kept"),
        "unreachable": N_("Unreachable"),
        "not_needed": N_("No longer needed"),
    },
    Outcome: {
        "reached": N_("Reached"),
        "no_answer": N_("No answer"),
        "busy": N_("Busy"),
        "somebody_else": N_("Somebody else answered"),
        "later": N_("Ring later, as agreed"),
        "dead_number": N_("Number not in service"),
        "refused_call": N_("Call refused"),
        "by_message": N_("Send me a message instead"),
        "declined_survey": N_("Reached, does not want to rate"),
        "voicemail": N_("Went to voicemail"),
    },
    How: {
        "in_call": N_("Told in a call"),
        "told_by_department": N_("Told by the department"),
        "message_delivered": N_("Message delivered"),
        "not_wanted": N_("Did not want to be told"),
        "unreachable": N_("Unreachable, signed"),
        "no_way_to_reach": N_("No way to reach, answer kept"),
        "no_matter": N_("No matter"),
        "moved": N_("Moved to another ticket"),
    },
    Satisfaction: {
        "satisfied": N_("Satisfied"),
        "basically": N_("Basically satisfied"),
        "not_satisfied": N_("Not satisfied"),
        "unrated": N_("Not rated"),
    },
    NoMatterKind: {
        "wrong_number": N_("Wrong number"),
        "silence": N_("Silence"),
        "advert": N_("Advertising"),
        "nuisance": N_("Nuisance"),
        "test": N_("Test call"),
    },
    HandoffRole: {"lead": N_("Lead"), "assist": N_("Assisting")},
    HandoffEnd: {
        "answered": N_("Answered"),
        "sent_back": N_("Returned"),
        "recalled": N_("Recalled"),
        "withdrawn": N_("Withdrawn"),
        "merged": N_("Merged"),
    },
    ReturnReason: {
        "not_our_duty": N_("Not our duty"),
        "not_our_area": N_("Not our area"),
    },
    Population: {
        "closed": N_("Closed tickets"),
        "answers": N_("Answers before their callback"),
    },
    Work: {
        "call": N_("Call taken"),
        "answer": N_("Answer given"),
        "callback": N_("Callback made"),
    },
    Decision: {"upheld": N_("Score upheld"), "changed": N_("Score changed")},
    Role: {
        "operator": N_("Operator"),
        "handler": N_("Handler"),
        "head": N_("Head of department"),
        "reviewer": N_("Quality reviewer"),
        "supervisor": N_("Supervisor"),
        "administrator": N_("Administrator"),
        "auditor": N_("Auditor"),
    },
    SheetPart: {
        "emergency": N_("Emergencies"),
        "callback": N_("To be rung back"),
        "ticket": N_("Open tickets"),
        "voicemail": N_("Messages nobody has heard"),
        "department": N_("Overdue at departments"),
    },
    SeatState: {
        "free": N_("Free"),
        "on_call": N_("On a call"),
        "after_call": N_("After-call work"),
        "resting": N_("Catching breath"),
        "away": N_("Away"),
    },
}

# The verbs of the lifecycle, as their buttons say them.
ACTIONS: dict[Action, str] = {
    Action.DESCRIBE: N_("Write down"),
    Action.CLAIM: N_("Claim"),
    Action.ASSIGN: N_("Assign"),
    Action.RELEASE: N_("Back to the pool"),
    Action.NOTE: N_("Add a note"),
    Action.MARK: N_("Change the marks"),
    Action.SUPERVISE: N_("Supervise"),
    Action.LIFT: N_("Lift the supervision"),
    Action.CHASE: N_("Chase"),
    Action.LINK: N_("Link as collective"),
    Action.HAND_OFF: N_("Hand off"),
    Action.ASK_ASSIST: N_("Ask for assistance"),
    Action.ACCEPT: N_("Accept"),
    Action.ASK_RETURN: N_("Ask for return"),
    Action.REFUSE_RETURN: N_("Refuse the return"),
    Action.ASK_EXTENSION: N_("Ask for more time"),
    Action.ASK_LEVEL: N_("Ask for a higher level"),
    Action.GRANT_EXTENSION: N_("Grant more time"),
    Action.REFUSE_EXTENSION: N_("Refuse more time"),
    Action.TELL_DATE: N_("The caller knows the new date"),
    Action.SEND_BACK: N_("Agree to the return"),
    Action.RECALL: N_("Recall"),
    Action.ASK_HOTLINE: N_("Ask the hotline"),
    Action.CONSULT: N_("Consult a specialist"),
    Action.KEEP: N_("Keep for the next call"),
    Action.WAIT: N_("Wait for the caller"),
    Action.END_WAIT: N_("The caller has supplied it"),
    Action.ANSWER: N_("Give the answer"),
    Action.ASSIST_ANSWER: N_("Answer as assistant"),
    Action.REWORK: N_("Rework"),
    Action.SUSPEND: N_("Suspend"),
    Action.RESUME: N_("Resume"),
    Action.REPORT_BACK: N_("Report back to the sender"),
    Action.CLOSE: N_("Close the ticket"),
    Action.WITHDRAW: N_("Withdraw"),
    Action.MERGE: N_("Merge"),
    Action.REOPEN: N_("Reopen"),
    Action.EXCLUDE: N_("Leave out of the score"),
    Action.INCLUDE: N_("Count in the score again"),
}

TONES: dict[type[StrEnum], dict[str, str]] = {
    TicketStatus: {
        "open": "warn",
        "queued": "info",
        "accepted": "brandy",
        "answered": "calm",
        "suspended": "plain",
        "closed": "good",
    },
    Urgency: {"normal": "plain", "urgent": "warn", "critical": "loud"},
    CallState: {
        "ringing": "bad",
        "waiting": "bad",
        "talking": "good",
        "voicemail": "info",
        "ended": "plain",
    },
    CallResult: {
        "answered": "good",
        "missed": "bad",
        "abandoned": "bad",
        "hung_up_early": "warn",
        "voicemail": "info",
        "failed": "warn",
    },
    CallbackKind: {
        "return_call": "warn",
        "tell": "calm",
        "follow_up": "brandy",
        "safety": "bad",
    },
    Outcome: {"reached": "good", "declined_survey": "good", "later": "info"},
    Population: {"closed": "plain", "answers": "info"},
    Work: {"call": "brandy", "answer": "info", "callback": "calm"},
    Decision: {"upheld": "plain", "changed": "warn"},
    Satisfaction: {"satisfied": "good", "basically": "info", "not_satisfied": "bad"},
    SeatState: {
        "free": "good",
        "on_call": "bad",
        "after_call": "warn",
        "resting": "calm",
        "away": "plain",
    },
}
