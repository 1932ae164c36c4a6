"""Everything that is wrong with a form at once: each wrong field has its own sentence."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import ParamSpec, Self, TypeVar, cast

from hotline.errors import HotlineError, Invalid, TransitionRefused

P = ParamSpec("P")
R = TypeVar("R")


class Several(Invalid):
    """More than one field was refused; to who knows of one only it speaks of the first."""

    def __init__(self, refusals: Sequence[HotlineError]) -> None:
        first = refusals[0]
        super().__init__(first.sentence, field=first.field, **first.params)
        self.refusals = tuple(refusals)


class Refusals:
    """Gathers what is refused inside its `with` block, and raises it at the end of the block.

    The first refusal of a field counts: what follows from it says nothing new.
    """

    def __init__(self) -> None:
        self._by_field: dict[str, HotlineError] = {}

    def read(self, reading: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What `reading` returns. Refused, it is None until the block ends, by raising."""
        try:
            return reading(*args, **kwargs)
        except (Invalid, TransitionRefused) as refusal:
            for one in each_of(refusal):
                self._by_field.setdefault(one.field, one)
            return cast("R", None)

    def refuse(self, sentence: str, *, field: str, **params: object) -> None:
        """Say what is wrong with `field`."""
        self._by_field.setdefault(field, Invalid(sentence, field=field, **params))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None and self._by_field:
            refusals = list(self._by_field.values())
            raise refusals[0] if len(refusals) == 1 else Several(refusals)


def given(value: R | None, sentence: str, field: str) -> R:
    """`value`, if there is any. Raises Invalid with `sentence` for `field`."""
    if not value:
        raise Invalid(sentence, field=field)
    return value


def each_of(error: HotlineError) -> Sequence[HotlineError]:
    """The refusals that `error` stands for: several, or itself."""
    return error.refusals if isinstance(error, Several) else (error,)
