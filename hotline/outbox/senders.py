"""Who carries a message out of the house. Each says for certain what it knows of its fate.

`send` returns the carrier's reference. It raises Retryable when the message was certainly not
taken, Permanent when it never will be, Unknown when it may have been.
"""

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol

import structlog

from hotline.phone_numbers import mask
from hotline.telephony.provider import Permanent, Provider, Retryable, Unknown
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


class Sender(Protocol):
    reaches_callers: bool  # whether somebody outside the house would really get it

    def send(self, envelope: Envelope) -> str: ...


class Console:
    """Writes messages to the log, for an installation that has no other way yet."""

    reaches_callers = False

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

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

    def send(self, envelope: Envelope) -> str:
        letter = self._letter(envelope)
        try:
            with smtplib.SMTP(self.host, self.port, timeout=SMTP_SECONDS) as server:
                self._hand_over(server, envelope.address, letter)
        except (OSError, smtplib.SMTPException) as error:  # before the letter was on its way
            raise Retryable(repr(error)) from error
        return str(letter["Message-ID"])

    def _hand_over(self, server: smtplib.SMTP, address: str, letter: EmailMessage) -> None:
        if self.starttls:
            server.starttls(context=ssl.create_default_context())
        if self.user:
            server.login(self.user, self.password)
        server.ehlo_or_helo_if_needed()
        _accepted(server.mail(self.sender))
        _accepted(server.rcpt(address))
        try:
            answer = server.data(letter.as_bytes())
        except smtplib.SMTPDataError as error:
            answer = (error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            raise Unknown(repr(error)) from error
        _accepted(answer)

    def _letter(self, envelope: Envelope) -> EmailMessage:
        letter = EmailMessage()
        letter["From"], letter["To"] = self.sender, envelope.address
        letter["Subject"] = envelope.subject
        # The same for every try, so that a mailbox can tell a second copy.
        letter["Message-ID"] = f"<huiyin-{envelope.id}@{self.sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(f"{envelope.body}\n\n{self.link}\n")
        return letter


@dataclass(frozen=True)
class ShortMessages:
    """Sends through the telephone company, under the union's name as carriers ask for it."""

    provider: Provider
    signature: str
    status_url: str

    reaches_callers = True

    def send(self, envelope: Envelope) -> str:
        text = f"【{self.signature}】{envelope.body}"
        return self.provider.send_sms(to=envelope.address, text=text, status_url=self.status_url)


Senders = Mapping[Channel, Sender]


def _accepted(answer: tuple[int, bytes]) -> None:
    code, words = answer
    if code in SMTP_OK:
        return
    kind = Permanent if code in SMTP_REFUSED else Retryable
    raise kind(f"{code} {words.decode(errors='replace')}")
