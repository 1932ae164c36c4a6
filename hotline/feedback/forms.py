"""The forms that end a ticket, with the proof that the caller was told, or reopen it."""

from datetime import datetime
from typing import Any

from hotline.errors import Invalid
from hotline.feedback import evidence
from hotline.feedback import service as feedback
from hotline.feedback.evidence import Evidence
from hotline.feedback.service import Verdict
from hotline.fields import YES_NO, Typed, one_of, one_of_or_none
from hotline.i18n import N_
from hotline.permissions import Permission, has
from hotline.tickets import queries
from hotline.tickets.forms import Verb
from hotline.tickets.lifecycle import Action
from models import (
    AT_THE_COUNTER,
    Call,
    How,
    NoMatterKind,
    Resolution,
    Satisfaction,
    Ticket,
    TicketStatus,
    User,
)

EXPLANATION = "sign_explanation"
# How the caller learnt it, as the form offers it; what is not possible now is not offered.
WAYS = {
    "in_call": N_("Told in a call"),
    "told_by_department": N_("The department told, we could not reach the caller"),
    "message_delivered": N_("A short message has arrived"),
    "not_wanted": N_("Did not want to be told"),
    "no_matter": N_("No matter"),
    EXPLANATION: N_("Sign the explanation: the caller is not satisfied, more cannot be done"),
    "unreachable": N_("Sign that the caller cannot be reached"),
    "no_way_to_reach": N_("Sign that there is no way to reach the caller"),
}


LIKELY = (EXPLANATION, How.MESSAGE_DELIVERED.value)  # what waits for nothing but this


def proofs_of(ticket: Ticket) -> list[tuple[str, Evidence]]:
    """The conversations about `ticket`, the latest first, each with its form value."""
    return [
        (f"{'call' if isinstance(proof, Call) else 'attempt'}:{proof.id}", proof)
        for proof in evidence.conversations_about(ticket)
    ]


def proofs_of_telling(ticket: Ticket) -> list[tuple[str, Evidence]]:
    """The conversations in which the caller may have heard what there is to tell now."""
    return [(k, one) for k, one in proofs_of(ticket) if evidence.is_recent_enough(ticket, one)]


def ways_for(ticket: Ticket, viewer: User) -> list[str]:
    """In which ways `viewer` may close `ticket` now."""
    signs = has(viewer, Permission.SUPERVISE)
    exhausted = evidence.exhausted_callback(ticket)
    told = evidence.told_by_department(ticket) is not None
    proofs = proofs_of_telling(ticket)
    is_new = ticket.status is TicketStatus.OPEN and not ticket.handoff_count
    possible = {
        "in_call": bool(proofs),
        "told_by_department": told and exhausted is not None,
        "message_delivered": evidence.delivered_message(ticket) is not None,
        "not_wanted": True,
        "no_matter": is_new and any(isinstance(proof, Call) for _key, proof in proofs),
        EXPLANATION: signs and feedback.unsigned_explanation(ticket) is not None,
        "unreachable": signs and exhausted is not None and not told,
        "no_way_to_reach": signs and not evidence.has_number(ticket),
    }
    return [way for way, is_possible in possible.items() if is_possible]


def _close(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    way = typed.get("how", "")
    if way not in WAYS:
        raise Invalid(N_("Say how the caller learnt it."), field="how")
    CLOSE[way](ticket, typed, actor, at)


def _in_call(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    feedback.close_in_call(
        ticket,
        _proof(ticket, typed),
        actor=actor,
        at=at,
        told=typed.get("told", ""),
        resolution=_resolution(typed),
        verdict=_verdict(typed),
    )


def _not_wanted(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    feedback.close_not_wanted(
        ticket, actor=actor, at=at, words=typed.get("told", ""), resolution=_resolution(typed)
    )


def _no_matter(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    calls = [proof for _key, proof in proofs_of(ticket) if isinstance(proof, Call)]
    if not calls:
        raise Invalid(N_("Nobody spoke with the caller yet."), field="how")
    kind = one_of(NoMatterKind, typed, "no_matter", N_("Say what it was."))
    feedback.close_no_matter(ticket, calls[0], kind, actor=actor, at=at)


def _sign_explanation(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    row = feedback.unsigned_explanation(ticket)
    if row is None:
        raise Invalid(N_("There is nothing to sign here."), field="how")
    feedback.sign_explanation(row, actor=actor, at=at)


def _unreachable(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    callback = evidence.exhausted_callback(ticket)
    if callback is None:
        raise Invalid(N_("The attempts are not exhausted yet."), field="how")
    feedback.sign_unreachable(callback, actor=actor, at=at)


def _told_by_department(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    feedback.close_told_by_department(ticket, actor=actor, at=at)


def _message_delivered(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    message = evidence.delivered_message(ticket)
    if message is None:
        raise Invalid(N_("No receipt says that the message has arrived."), field="how")
    feedback.close_told_by_message(ticket, message, actor=actor, at=at)


def _no_way_to_reach(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    feedback.sign_no_way_to_reach(ticket, actor=actor, at=at)


CLOSE = {
    "in_call": _in_call,
    "told_by_department": _told_by_department,
    "message_delivered": _message_delivered,
    "not_wanted": _not_wanted,
    "no_matter": _no_matter,
    EXPLANATION: _sign_explanation,
    "unreachable": _unreachable,
    "no_way_to_reach": _no_way_to_reach,
}


def _close_choices(ticket: Ticket, viewer: User) -> dict[str, Any]:
    proofs = proofs_of_telling(ticket)
    in_person = bool(proofs) and all(_is_visit(proof) for _key, proof in proofs)
    words = WAYS | ({"in_call": N_("Told in person")} if in_person else {})
    return {
        "ways": [(way, words[way]) for way in ways_for(ticket, viewer)],
        "proofs": proofs,
        "resolutions": feedback.resolutions_for(ticket),
        "NoMatterKind": NoMatterKind,
        "Satisfaction": [one for one in Satisfaction if one is not Satisfaction.NOT_SATISFIED],
        "is_answered": ticket.status is TicketStatus.ANSWERED,
    }


def _is_visit(proof: Evidence) -> bool:
    return isinstance(proof, Call) and proof.provider == AT_THE_COUNTER


def _close_shown(ticket: Ticket, viewer: User) -> dict[str, Any]:
    ways, proofs = ways_for(ticket, viewer), proofs_of_telling(ticket)
    answer = evidence.last_answer(ticket)
    return {
        "how": next((way for way in LIKELY if way in ways), ways[0]),
        "proof": proofs[0][0] if proofs else "",
        "told": answer.answer if answer and "in_call" in ways else "",
    }


def _withdraw(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    words = typed.get("words", "")
    if not words.strip():
        raise Invalid(N_("Write the caller's own words."), field="words")
    feedback.withdraw(ticket, _proof(ticket, typed), actor=actor, at=at, words=words)


def _merge(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    into = queries.named(typed.get("into", ""), viewer=actor, field="into")
    feedback.merge(ticket, into, actor=actor, at=at)


def _merge_choices(ticket: Ticket, viewer: User) -> dict[str, Any]:
    others = queries.other_open_ones(ticket, viewer=viewer)
    return {"mergeable": [(one.number, f"{one.number} {one.subject}") for one in others]}


def _reopen(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    feedback.reopen(ticket, actor=actor, at=at, reason=typed.get("reason", ""))


def _exclude(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    feedback.exclude(ticket, actor=actor, at=at, reason=typed.get("reason", ""))


def _include(ticket: Ticket, typed: Typed, actor: User, at: datetime) -> None:
    feedback.include(ticket, actor=actor, at=at, reason=typed.get("reason", ""))


def _proof_choices(ticket: Ticket, viewer: User) -> dict[str, Any]:
    return {"proofs": proofs_of_telling(ticket)}


def _proof_shown(ticket: Ticket, viewer: User) -> dict[str, Any]:
    proofs = proofs_of_telling(ticket)
    return {"proof": proofs[0][0] if proofs else ""}


def _proof(ticket: Ticket, typed: Typed) -> Evidence:
    for key, proof in proofs_of(ticket):
        if key == typed.get("proof", ""):
            return proof
    raise Invalid(N_("Choose the call in which the caller said or heard it."), field="proof")


def _resolution(typed: Typed) -> Resolution:
    return one_of(Resolution, typed, "resolution", N_("Say how the matter ended."))


def _verdict(typed: Typed) -> Verdict:
    return Verdict(
        was_contacted=YES_NO.get(typed.get("was_contacted", "")),
        is_solved=YES_NO.get(typed.get("is_solved", "")),
        satisfaction=one_of_or_none(Satisfaction, typed, "satisfaction"),
    )


VERBS = {
    Action.KEEP: Verb(
        lambda t, _, who, at: feedback.keep(t, actor=who, at=at),
        N_("Kept for the caller's next call; after the time set, a second person signs."),
    ),
    Action.CLOSE: Verb(
        _close, N_("Closed: the caller has an answer."), "close", _close_choices, _close_shown
    ),
    Action.WITHDRAW: Verb(
        _withdraw,
        N_("Withdrawn, in the caller's own words."),
        "withdraw",
        _proof_choices,
        _proof_shown,
    ),
    Action.MERGE: Verb(_merge, N_("Merged: its promises went along."), "merge", _merge_choices),
    Action.REOPEN: Verb(_reopen, N_("It is open again."), "reason"),
    Action.EXCLUDE: Verb(
        _exclude, N_("Left out of the score; it is shown with and without."), "reason"
    ),
    Action.INCLUDE: Verb(_include, N_("It counts in the score again."), "reason"),
}
