"""The checks that look beyond the database: settings, disk, clocks, provider, our own address."""

import shutil
import stat
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests
import sqlalchemy as sa
from flask import current_app

from config import LOOPBACKS, ROOT, Config, is_guessable
from hotline import clock
from hotline.demo import service as demo
from hotline.i18n import N_
from hotline.operations.checkup import Reading, bad, ok, skew, warning
from hotline.telephony import adapter, spool
from hotline.telephony.provider import Permanent, ProviderError, SignedRequest
from models import db

FEW_BYTES, NO_BYTES = 2 * 1024**3, 256 * 1024**2
OTHERS = stat.S_IRWXG | stat.S_IRWXO
SECONDS_TO_ANSWER = 10
TARGET = "/fallback?step=1&said=%E5%9B%9E%E9%9F%B3"  # Chinese, where proxies like to rewrite


def settings(config: Config) -> Iterator[Reading]:
    """What starts, but should not stay as it is. What must not start is refused by config.py."""
    what = N_("Settings")
    found = list(_doubts(what, config))
    if not found:
        yield ok(what, N_("Nothing to object to."))
    yield from found


def disk(config: Config) -> Iterator[Reading]:
    """Whether DATA_DIR takes what we write, has room, and is ours alone; what waits in it."""
    what, folder = N_("Disk"), config.DATA_DIR
    try:
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            file.write(b"\0" * 4096)
            file.flush()
    except OSError as error:
        yield bad(
            what,
            N_("Nothing can be written to DATA_DIR (%(why)s): recordings and kept calls are lost."),
            N_("Let DATA_DIR belong to who runs the hotline, and have room."),
            why=error.strerror,
        )
        return
    yield _room(what, shutil.disk_usage(folder).free)
    if folder.stat().st_mode & OTHERS:
        yield warning(what, N_("Others on this machine can read DATA_DIR."), "chmod 700 DATA_DIR")
    yield from _spool()


def database_clock() -> Reading:
    """Whether the database's machine has the same time."""
    what = N_("Clock of the database")
    if db.engine.dialect.name == "sqlite":
        return ok(what, N_("The same machine."))
    theirs: datetime = db.session.scalars(sa.select(sa.func.clock_timestamp())).one()
    return skew(what, theirs.astimezone(UTC) - clock.now())


def demo_passwords(config: Config) -> Iterator[Reading]:
    """Whether callers, or people on other machines, are where everybody can sign in."""
    if not demo.is_loaded():
        return
    what = N_("Demo")
    said = N_("This database holds the demo, whose passwords everybody knows.")
    if config.TELEPHONY != "simulator":
        yield bad(what, said, N_("Use another database with a real telephone company."))
    elif config.HOST not in LOOPBACKS:
        yield warning(what, said, N_("Let HOST be 127.0.0.1, or use another database."))


def telephone(config: Config) -> Iterator[Reading]:
    """Whether the telephone company answers, knows us, and has the same time."""
    what = N_("Telephone company")
    exchange = adapter.exchange()
    if exchange is not None:
        if exchange.is_answered():
            yield ok(what, N_("The simulator reaches the hotline."))
        else:
            yield warning(what, N_("The simulator finds no hotline."), N_("Start the hotline."))
        return
    try:
        theirs = adapter.provider().clock()
    except Permanent:
        yield bad(what, N_("It refuses our account."), N_("See TWILIO_ACCOUNT_SID and its token."))
        return
    except ProviderError:
        yield bad(what, N_("It does not answer."), N_("See the network and TWILIO_API_BASE_URL."))
        return
    yield ok(what, N_("It knows our account."))
    yield skew(N_("Clock of the telephone company"), theirs - clock.now())


def signature(config: Config) -> Reading:
    """Whether our own code takes what the company signs for our address, and nothing forged."""
    what, request = N_("Signature"), _request()
    client = current_app.test_client()
    answers = [
        client.post(request.target, data=request.fields, headers=headers).status_code
        for headers in (request.headers, {"X-Twilio-Signature": "forged"})
    ]
    if answers == [requests.codes.ok, requests.codes.forbidden]:
        return ok(what, N_("A signed webhook is taken, a forged one refused."))
    return bad(
        what,
        N_("A signed webhook got %(signed)d, a forged one %(forged)d."),
        N_("Take no calls with this release: put back the one before."),
        signed=answers[0],
        forged=answers[1],
    )


def address(config: Config) -> Reading:
    """Whether a signed webhook arrives unchanged when it is sent to the public address."""
    what, base, request = N_("Public address"), config.PUBLIC_BASE_URL, _request()
    try:
        with requests.Session() as session:
            session.trust_env = False
            status = session.post(
                base + request.target,
                data=request.fields,
                headers=dict(request.headers),
                timeout=SECONDS_TO_ANSWER,
                allow_redirects=False,
            ).status_code
    except requests.RequestException:
        return warning(
            what,
            N_("Nobody answers at %(base)s from this machine."),
            N_("Start the hotline; see PUBLIC_BASE_URL, the proxy and its certificate."),
            base=base,
        )
    if status == requests.codes.ok:
        return ok(what, N_("A signed webhook arrives at %(base)s."), base=base)
    return bad(
        what,
        N_("A signed webhook sent to %(base)s got %(status)d: calls would be lost."),
        N_("PUBLIC_BASE_URL must be what the company calls, and the proxy must pass on the request"
           " target unchanged."),
        base=base,
        status=status,
    )  # fmt: skip


def _doubts(what: str, config: Config) -> Iterator[Reading]:
    base = urlsplit(config.PUBLIC_BASE_URL)
    is_local = base.hostname in LOOPBACKS and config.HOST in LOOPBACKS
    if is_guessable(config.SECRET_KEY):
        yield warning(
            what,
            N_("SECRET_KEY is too regular to be a secret: sessions could be forged."),
            N_("Remove it from .env and run scripts/secret."),
        )
    if base.scheme == "http" and not is_local:
        yield warning(
            what,
            N_("Passwords and calls go through the network in clear: %(base)s"),
            N_("Put a proxy with https before it and set PUBLIC_BASE_URL."),
            base=config.PUBLIC_BASE_URL,
        )
    if config.MAIL_PASSWORD and not config.MAIL_STARTTLS:
        yield warning(
            what,
            N_("The password of the mail account goes through the network in clear."),
            "MAIL_STARTTLS=on",
        )
    env = ROOT / ".env"
    if env.exists() and env.stat().st_mode & OTHERS:
        yield warning(what, N_("Others on this machine can read .env."), "chmod 600 .env")


def _room(what: str, free: int) -> Reading:
    gigabytes = round(free / 1024**3, 1)
    if free >= FEW_BYTES:
        return ok(what, N_("%(gigabytes)s GB free"), gigabytes=gigabytes)
    return (bad if free < NO_BYTES else warning)(
        what,
        N_("Only %(gigabytes)s GB free: without room nothing is written down."),
        N_("Make room, or move DATA_DIR to a larger disk."),
        gigabytes=gigabytes,
    )


def _spool() -> Iterator[Reading]:
    what, folder = N_("Kept on the disk"), adapter.spool_folder()
    waiting, put_aside = spool.count_waiting(folder), spool.count_put_aside(folder)
    if waiting:
        yield warning(
            what,
            N_("%(count)d webhooks wait on the disk."),
            N_("They are taken in when the database answers and the ticker runs."),
            count=waiting,
        )
    if put_aside:
        yield warning(
            what,
            N_("%(count)d webhooks on the disk cannot be read."),
            N_("Look into DATA_DIR/spool/*.bad; the calls are asked for at the company anyway."),
            count=put_aside,
        )
    if not waiting and not put_aside:
        yield ok(what, N_("No webhook waits."))


def _request() -> SignedRequest:
    provider = adapter.provider()
    return provider.signed(f"/hooks/{provider.name}{TARGET}")
