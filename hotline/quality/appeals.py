"""Appeals (申诉): once, in words, decided by somebody who did not score."""

from datetime import datetime

from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.i18n import N_
from hotline.outbox import recipients
from hotline.outbox import service as outbox
from hotline.quality import conflicts, history, scoring
from hotline.quality.marks import Marks
from models import Decision, Inspection, User, db


def appeal(inspection: Inspection, words: str, *, actor: User, at: datetime) -> None:
    """Say why the score is wrong; only whose work it is, once, in time.

    Raises Forbidden, TransitionRefused, or Invalid without words.
    """
    if inspection.person_id != actor.id:
        raise Forbidden(N_("Only the person whose work it is may appeal."))
    if not inspection.may_be_appealed(at):
        raise TransitionRefused(N_("One may appeal once, and only in time."))
    if not words.strip():
        raise Invalid(N_("Write what is wrong with the score."), field="appeal")
    inspection.appealed_at, inspection.appeal = at, words.strip()
    history.add(inspection, "appeal", actor=actor, at=at, words=words)
    for person in _who_decide(inspection):
        outbox.notify(
            person,
            N_("An appeal waits for a decision: %(number)s."),
            at=at,
            dedupe_key=f"inspection_appealed:{inspection.id}",
            number=inspection.ticket.number,
        )


def may_decide(inspection: Inspection, user: User) -> bool:
    """Whether `user` may decide about the appeal that waits."""
    try:
        check_second(inspection, user)
    except Forbidden:
        return False
    return inspection.appeal_is_undecided


def uphold(inspection: Inspection, reason: str, *, actor: User, at: datetime) -> None:
    """Let the score stand (维持). Raises Forbidden, TransitionRefused or Invalid."""
    _check(inspection, reason, actor)
    _decide(inspection, Decision.UPHELD, reason, actor, at)
    history.add(inspection, "uphold", actor=actor, at=at, words=reason, total=inspection.total)
    _tell(inspection, at)


def change(inspection: Inspection, given: Marks, reason: str, *, actor: User, at: datetime) -> None:
    """Score anew (改判); the history keeps what stood before.

    Raises Forbidden, TransitionRefused, Invalid or Several; Invalid where nothing is changed.
    """
    _check(inspection, reason, actor)
    if given.as_data() == inspection.marks:
        raise Invalid(N_("Nothing is changed: let the score stand instead."), field="reason")
    before = inspection.total
    scoring.write(inspection, given)
    _decide(inspection, Decision.CHANGED, reason, actor, at)
    history.add(
        inspection,
        "change",
        actor=actor,
        at=at,
        words=reason,
        before=before,
        total=inspection.total,
        marks=inspection.marks,
    )
    _tell(inspection, at)


def check_second(inspection: Inspection, actor: User) -> None:
    """Refuse who scored, whose work it is, and whoever had a part in it. Raises Forbidden."""
    scoring.check_free(inspection, actor)
    if inspection.scored_by_id == actor.id:
        raise Forbidden(N_("Whoever scored does not decide about the appeal."))


def _check(inspection: Inspection, reason: str, actor: User) -> None:
    check_second(inspection, actor)
    if not inspection.appeal_is_undecided:
        raise TransitionRefused(N_("There is no appeal to decide about."))
    if not reason.strip():
        raise Invalid(N_("Say why."), field="reason")


def _decide(
    inspection: Inspection, decision: Decision, reason: str, actor: User, at: datetime
) -> None:
    inspection.decision, inspection.decision_reason = decision, reason.strip()
    inspection.decided_at, inspection.decided_by_id = at, actor.id
    db.session.flush()


def _tell(inspection: Inspection, at: datetime) -> None:
    sentence = {
        Decision.UPHELD: N_("Your appeal on %(number)s was decided: the score stands."),
        Decision.CHANGED: N_("Your appeal on %(number)s was decided: now %(total)s of 100."),
    }
    if inspection.decision is not None:
        scoring.tell(inspection, sentence[inspection.decision], at, "decided")
    if inspection.decision is Decision.CHANGED and inspection.scored_by is not None:
        outbox.notify(
            inspection.scored_by,
            N_("After an appeal your score on %(number)s was changed: now %(total)s of 100."),
            at=at,
            dedupe_key=f"inspection_decided:{inspection.id}",
            number=inspection.ticket.number,
            total=inspection.total,
        )


def _who_decide(inspection: Inspection) -> list[User]:
    """Supervisors and reviewers who may; neither who scored nor whom the ticket is about."""
    reviewers, _others = conflicts.inspectors()
    people = {user.id: user for user in [*recipients.supervisors(), *reviewers]}
    kept = conflicts.kept_from_deciding([inspection])[inspection.id]
    return [user for user_id, user in sorted(people.items()) if user_id not in kept]
