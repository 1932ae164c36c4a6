"""`flask seed-demo`, as scripts/run calls it."""

from hotline.demo import service
from hotline.demo.staff import COLLEAGUES, PASSWORD
from hotline.unit_of_work import unit_of_work
from models import Mark, Role, Ticket, db
from tests.makers import make_user


def test_the_demo_is_loaded_once_and_its_logins_are_printed(app):
    run = app.test_cli_runner().invoke
    first, second = run(args=["seed-demo"]), run(args=["seed-demo"])
    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    assert "The demo is loaded." in first.output
    assert "nothing changed" in second.output
    for colleague in COLLEAGUES:
        assert f"{colleague.username:<15} {PASSWORD}" in second.output


def test_real_colleagues_get_no_demo_beside_them(app):
    make_user(Role.ADMINISTRATOR)
    result = app.test_cli_runner().invoke(args=["seed-demo"])
    assert result.exit_code == 0
    assert PASSWORD not in result.output
    assert db.session.query(Ticket).count() == 0


TWILIO = {
    "TELEPHONY": "twilio",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "a token of nobody",
    "TWILIO_NUMBER": "+15005550006",
}


def test_no_demo_beside_a_real_telephone_company(make_app):
    run = make_app(**TWILIO).test_cli_runner().invoke
    result = run(args=["seed-demo"])
    assert (result.exit_code, PASSWORD in result.output) == (0, False)
    assert "loaded" not in result.output


def test_printed_passwords_stop_the_start_beside_a_real_telephone_company(make_app, clock):
    with make_app().app_context(), unit_of_work():
        db.session.add(Mark(name=service.MARK, at=clock.time))
    result = make_app(**TWILIO).test_cli_runner().invoke(args=["seed-demo"])
    assert result.exit_code == 1
    assert "passwords everybody knows" in result.output
