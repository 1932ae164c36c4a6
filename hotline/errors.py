"""Refusals a person can read. Edges show them; nobody catches them unless they can do better."""

from typing import Any

from hotline.i18n import N_


class HotlineError(Exception):
    """Something was refused: a marked sentence, its parameters, and an HTTP status.

    `field` names the form field the sentence belongs beside, or is empty.
    """

    status = 400

    def __init__(self, sentence: str, *, field: str = "", **params: Any) -> None:
        super().__init__(sentence % params if params else sentence)
        self.sentence = sentence
        self.params = params
        self.field = field


class Invalid(HotlineError):
    """What was typed cannot be taken as it is."""

    status = 422


class Forbidden(HotlineError):
    """This person may not do this."""

    status = 403

    def __init__(self, sentence: str = N_("You may not do this."), **params: Any) -> None:
        super().__init__(sentence, **params)


class NotFound(HotlineError):
    """There is no such thing, or this person may not know of it: both look alike."""

    status = 404

    def __init__(self, sentence: str = N_("There is no such page."), **params: Any) -> None:
        super().__init__(sentence, **params)


class TransitionRefused(HotlineError):
    """The ticket's present state does not allow this action."""

    status = 409


class Stale(HotlineError):
    """Somebody else was quicker: the form was rendered from an older version."""

    status = 409

    def __init__(self) -> None:
        super().__init__(
            N_(
                "Somebody else changed this ticket meanwhile. What you typed is still here: "
                "look at what is new, then send it again."
            )
        )


class OutOfTime(Exception):
    """The database did not get there in the time that was given: nothing was written."""
