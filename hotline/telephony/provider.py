"""What we ask of whoever connects our calls, in our own words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hotline.telephony.form_fields import Fields
from hotline.telephony.inbound import Event, Kind


class ProviderError(Exception):
    """The provider could not do it."""


class Retryable(ProviderError):
    """It was certainly not done: ask again later."""


class Permanent(ProviderError):
    """It was refused and will be refused again."""


class Unknown(ProviderError):
    """No answer came: it may have been done. Look before asking again."""


class NotPossible(Exception):
    """The call is not where this could happen to it."""


@dataclass(frozen=True)
class Sound:
    """A fetched recording."""

    content_type: str
    content: bytes


@dataclass(frozen=True)
class SignedRequest:
    """What a signature covers, free of any web framework."""

    target: str  # path and query exactly as they were sent
    fields: Fields
    content_type: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Refusal:
    """A request of the provider to us that we did not answer well, as the provider tells it."""

    ref: str  # the provider's name for it
    call_ref: str  # "" where it was about no call
    route: str  # which of our webhooks: "voice", "status", …
    code: str  # the provider's number of the error
    at: datetime


@dataclass(frozen=True)
class Exchanged:
    """One request of the provider to us about a call; `status` is 0 where no answer came."""

    route: str
    status: int


@dataclass(frozen=True)
class Posted:
    """A short message as the provider knows it."""

    ref: str
    text: str
    status: str


class Provider(Protocol):
    """One telephone company. Adapters construct it, app.py chooses it."""

    name: str  # the word in /hooks/<name>/

    def verify(self, request: SignedRequest) -> bool:
        """Whether this provider, for our account, signed exactly this request."""

    def signed(self, target: str) -> SignedRequest:
        """A request to `target` as this provider would sign it, that `verify` takes."""

    def clock(self) -> datetime:
        """What time it is at the provider, which knows our account.

        Raises Permanent when it refuses our credentials, Retryable when it does not answer.
        """

    def parse(self, kind: Kind, fields: Fields, query: Fields) -> Event:
        """The typed value of a webhook. Raises Malformed."""

    def line_of_seat(self, user_id: int, line: str) -> str:
        """What to ring for a seat, or "" when it cannot be rung."""

    def seat_of_line(self, line: str) -> int | None:
        """The user id behind a line that this provider made itself."""

    def reaches(self, number: str) -> bool:
        """Whether calls to this number are placed at all."""

    def place_call(self, *, to: str, connect_url: str, status_url: str) -> str:
        """Ring a seat; `connect_url` is asked what to do when it is picked up. Returns the call's
        reference.

        There is no key against placing twice: after Unknown, look before asking again.
        """

    def list_placed(self, *, to: str, since: datetime) -> Iterator[str]:
        """The references of the calls that we let be placed to a line since then."""

    def send_sms(self, *, to: str, text: str, status_url: str) -> str:
        """Send `text`; returns the message's reference.

        There is no key against sending twice: after Unknown, look before asking again.
        """

    def list_calls(self, *, since: datetime) -> Iterator[Fields]:
        """Every call begun since then, as the fields of its last status webhook."""

    def list_recordings(self, *, since: datetime) -> Iterator[Fields]:
        """Every recording made since then, as the fields of its webhook."""

    def list_refusals(self, *, since: datetime) -> Iterator[Refusal]:
        """What we did not answer well since then. Empty where the company keeps no such list."""

    def list_exchanges(self, call_ref: str) -> list[Exchanged]:
        """What we were asked about one call; known some while after its end."""

    def list_messages(
        self, *, to: str, since: datetime, until: datetime | None = None
    ) -> Iterator[Posted]:
        """The short messages for a telephone that we gave since then, the newest first; with
        `until` those that were passed on in between.
        """

    def fetch_recording(self, recording_ref: str) -> Sound:
        """The sound itself. Raises Permanent when there is none."""

    def delete_recording(self, recording_ref: str) -> None:
        """Remove it at the provider; quiet when it is gone already."""


class Leg(Protocol):
    """What rings or talks at a seat."""

    sid: str
    parent_sid: str  # the reference of the call it belongs to


class Handsets(Protocol):
    """The telephones in our own pages: what only a company has whose lines end there.

    Whatever happens to one of them is posted to us, so nothing of it is done in a unit of work.
    """

    def seat_leg(self, user_id: int) -> Leg | None:
        """The leg that rings or talks at the seat of a user."""

    def answer(self, leg_sid: str, at: datetime) -> object:
        """Pick up. Raises NotPossible when it no longer rings."""

    def hang_up_seat(self, leg_sid: str, at: datetime) -> object:
        """Put down, or refuse what rings. Raises NotPossible when it is over already."""
