"""Who carries a message out of the house. Each says for certain what it knows of its fate.

`send` returns the carrier's reference. It raises Retryable when the message was certainly not
taken, Permanent when it never will be, Unknown when it may have been. Where a carrier can be asked,
`find` returns the references of what it was given in that time for this telephone in these words,
the newest first; those we know already (`besides`) do not end the search. Nothing where it cannot.
"""

import smtplib
import ssl
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Protocol

import structlog

from hotline.outbox.attachment import Attachment
from hotline.phone_numbers import mask
from hotline.telephony.provider import Permanent, Provider, ProviderError, Retryable, Unknown
from models import Channel

log = structlog.get_logger()
SMTP_SECONDS = 20
SMTP_OK = range(200, 300)
SMTP_REFUSED = range(500, 600)


@dataclass(frozen=True)
class Envelope:
    """What a sender needs to know of a message, free of the database."""

    id: int
    address: str
    subject: str
    body: str
    is_to_caller: bool = False
    attachments: tuple[Attachment, ...] = ()


class Sender(Protocol):
    reaches_callers: bool  # whether somebody outside the house would really get it
    proves_delivery: bool  # whether a receipt will say that it arrived

    def send(self, envelope: Envelope) -> str: ...

    def find(
        self, envelope: Envelope, *, since: datetime, until: datetime, besides: Collection[str]
    ) -> Sequence[str]: ...


class Console:
    """Writes messages to the log, for an installation that has no other way yet."""

    reaches_callers = False
    proves_delivery = False

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def find(
        self, envelope: Envelope, *, since: datetime, until: datetime, besides: Collection[str]
    ) -> Sequence[str]:
        return ()

    def send(self, envelope: Envelope) -> str:
        name, at, host = envelope.address.partition("@")
        to = f"{name[:1]}***@{host}" if at else mask(envelope.address)
        log.info("message", channel=self.channel.value, to=to, text=envelope.body)
        return ""


@dataclass(frozen=True)
class Mail:
    """Sends by SMTP, one connection a message."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    starttls: bool = True
    link: str = ""  # where the hotline is found; a letter may carry it

    reaches_callers = True
    proves_delivery = False

    def find(
        self, envelope: Envelope, *, since: datetime, until: datetime, besides: Collection[str]
    ) -> Sequence[str]:
        return ()

    def send(self, envelope: Envelope) -> str:
        letter = self._letter(envelope)
        try:
            server = smtplib.SMTP(self.host, self.port, timeout=SMTP_SECONDS)
        except (OSError, smtplib.SMTPException) as error:
            raise Retryable(repr(error)) from error
        try:
            self._introduce(server, envelope.address)
            _hand_over(server, letter)
        finally:
            server.close()
        return str(letter["Message-ID"])

    def _introduce(self, server: smtplib.SMTP, address: str) -> None:
        """Everything before the letter itself: whatever fails here, nothing was sent."""
        try:
            if self.starttls:
                server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password)
            server.ehlo_or_helo_if_needed()
            answers = [server.mail(self.sender), server.rcpt(address)]
        except (OSError, smtplib.SMTPException) as error:
            raise Retryable(repr(error)) from error
        for answer in answers:
            _accepted(*answer)

    def _letter(self, envelope: Envelope) -> EmailMessage:
        letter = EmailMessage()
        letter["From"], letter["To"] = self.sender, envelope.address
        letter["Subject"] = " ".join(envelope.subject.split())  # a header has one line
        # The same for every try, so that a mailbox can tell a second copy.
        letter["Message-ID"] = f"<huiyin-{envelope.id}@{self.sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(f"{envelope.body}\n\n{self.link}\n")
        for file in envelope.attachments:
            kind, _, subtype = file.content_type.partition("/")
            letter.add_attachment(file.content, maintype=kind, subtype=subtype, filename=file.name)
        return letter


@dataclass(frozen=True)
class ShortMessages:
    """Sends through the telephone company, under the union's name as carriers ask for it."""

    provider: Provider
    signature: str
    status_url: str

    reaches_callers = True
    proves_delivery = True

    def send(self, envelope: Envelope) -> str:
        text = self._signed(envelope)
        return self.provider.send_sms(to=envelope.address, text=text, status_url=self.status_url)

    def find(
        self, envelope: Envelope, *, since: datetime, until: datetime, besides: Collection[str]
    ) -> Sequence[str]:
        text, ask = self._signed(envelope), self.provider.list_messages
        passed_on = ask(to=envelope.address, since=since, until=until)
        found = [one.ref for one in passed_on if one.text == text]
        if set(found) <= set(besides):  # what still waits over there has no day of sending
            found = [one.ref for one in ask(to=envelope.address, since=since) if one.text == text]
        return found

    def _signed(self, envelope: Envelope) -> str:
        return f"【{self.signature}】{envelope.body}"


@dataclass(frozen=True)
class Simulated:
    """Beside the simulated company: all is written to the log, and its telephones get what callers
    are told, with receipts. Colleagues have no telephone there.
    """

    log: Console
    company: ShortMessages

    reaches_callers = True
    proves_delivery = True

    def find(
        self, envelope: Envelope, *, since: datetime, until: datetime, besides: Collection[str]
    ) -> Sequence[str]:
        return self.company.find(envelope, since=since, until=until, besides=besides)

    def send(self, envelope: Envelope) -> str:
        ref = self.company.send(envelope) if envelope.is_to_caller else ""
        self.log.send(envelope)
        return ref


Senders = Mapping[Channel, Sender]


def _hand_over(server: smtplib.SMTP, letter: EmailMessage) -> None:
    """The letter itself: no answer means that nobody knows."""
    try:
        code, words = server.data(letter.as_bytes())
    except smtplib.SMTPDataError as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unknown(repr(error)) from error
    _accepted(code, words)


def _accepted(code: int, words: bytes) -> None:
    if code not in SMTP_OK:
        raise _refusal(code, words)


def _refusal(code: int, words: bytes | str) -> ProviderError:
    kind = Permanent if code in SMTP_REFUSED else Retryable
    return kind(f"{code} {words!r}")
