"""The pages: scoring by form, drafts that survive, addresses that mean nothing."""

import re

from hotline.drafts import service as drafts
from hotline.quality import forms, sheets
from hotline.unit_of_work import unit_of_work
from models import (
    Inspection,
    Notification,
    Sample,
    TicketStatus,
    User,
    Work,
    db,
)
from tests.quality.house import (
    closed,
    filled,
    score,
)


def row(inspection_id):
    db.session.expire_all()
    return db.session.get_one(Inspection, inspection_id)


def fields_of(inspection, **how):
    typed = forms.shown(filled(inspection, **how))
    return {name: value for name, value in typed.items() if value}


def test_an_inspector_scores_and_sends_back_on_one_page(house, answer, sign_in):
    browser = sign_in(row(answer).inspector)
    page = browser.get(f"/quality/inspections/{answer}").get_data(as_text=True)
    assert "公司本周补发工资" in page  # what was answered stands beside the sheet
    wrong = browser.post(f"/quality/inspections/{answer}/score", data={"remark": "看过了"})
    assert wrong.status_code == 422
    assert "看过了" in wrong.get_data(as_text=True)
    typed = fields_of(row(answer), lost=20)
    done = browser.post(f"/quality/inspections/{answer}/score", data=typed, follow_redirects=True)
    page = done.get_data(as_text=True)
    assert row(answer).total == 80
    assert "逐条回应诉求，没有答非所问、避重就轻：没有逐条答复" in page  # why, ready to be sent
    sent = {"version": row(answer).ticket.version, "reason": "逐条答复"}
    assert browser.post(f"/quality/inspections/{answer}/send_back", data=sent).status_code == 303
    assert row(answer).ticket.status is TicketStatus.ACCEPTED


def test_an_answer_that_was_told_meanwhile_does_not_go_back(house, answer, clock, sign_in):
    score(row(answer), clock(), lost=20)
    browser = sign_in(row(answer).inspector)
    page = browser.get(f"/quality/inspections/{answer}").get_data(as_text=True)
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    with unit_of_work():
        ticket = db.session.get_one(Inspection, answer).ticket
        ticket.callback_number = "13700000000"  # somebody works on it
    sent = {"version": version, "reason": "逐条答复"}
    assert browser.post(f"/quality/inspections/{answer}/send_back", data=sent).status_code == 409
    assert row(answer).ticket.status is TicketStatus.ANSWERED


def test_what_was_typed_is_there_again(house, answer, clock, sign_in):
    inspector = row(answer).inspector
    browser = sign_in(inspector)
    typed = {"points_1.1": "7", "words_1.1": "只答了一件"}
    key = f"score:{answer}"
    assert browser.post(f"/drafts/{key}", json=typed).status_code == 204
    page = browser.get(f"/quality/inspections/{answer}").get_data(as_text=True)
    assert 'value="7"' in page
    assert "只答了一件" in page
    browser.post(f"/quality/inspections/{answer}/score", data=fields_of(row(answer)))
    assert drafts.of(db.session.get_one(User, row(answer).inspector_id), key) == {}


def test_a_draft_holds_the_longest_sheet(house, answer):
    """Every field of a sheet with as many criteria as may be has room in a draft."""
    assert sheets.MOST_CRITERIA * 3 + 1 <= drafts.MOST_FIELDS


def test_the_inspected_reads_and_appeals(house, answer, clock, sign_in):
    score(row(answer), clock(), lost=20)
    handler = sign_in(house["handler"])
    page = handler.get("/quality/mine").get_data(as_text=True)
    assert f"/quality/inspections/{answer}" in page
    sheet = handler.get(f"/quality/inspections/{answer}").get_data(as_text=True)
    assert "没有逐条答复" in sheet
    assert "send_back" not in sheet
    for path in ("/quality", "/quality/inspections", "/quality/results", "/quality/samples/1"):
        assert handler.get(path).status_code == 403
    said = {"appeal": "两件都答了"}
    assert handler.post(f"/quality/inspections/{answer}/appeal", data=said).status_code == 303
    assert row(answer).appeal == "两件都答了"


def test_a_colleague_finds_nothing(house, answer, clock, sign_in):
    score(row(answer), clock())
    assert sign_in(house["colleague"]).get(f"/quality/inspections/{answer}").status_code == 404
    assert sign_in(house["assistant"]).get(f"/quality/inspections/{answer}").status_code == 404


def test_names_in_the_words_stay_hidden_from_the_department(house, answer, clock, sign_in):
    with unit_of_work():
        ticket = db.session.get_one(Inspection, answer).ticket
        ticket.is_confidential, ticket.caller.name = True, "欧阳建国"
    inspector = row(answer).inspector
    with unit_of_work():
        inspection = db.session.get_one(Inspection, answer)
        marks = filled(inspection)
        inspection.scored_at = inspection.appeal_until_at = clock()
        inspection.scored_by_id, inspection.total = inspection.inspector_id, 100
        inspection.marks = {**marks.as_data(), "remark": "欧阳建国的事办得好"}
    assert inspector is not None
    page = sign_in(house["handler"]).get(f"/quality/inspections/{answer}").get_data(as_text=True)
    assert "欧阳建国" not in page
    assert "的事办得好" in page


def test_a_supervisor_draws_by_form_and_again(house, clock, sign_in):
    closed(house, clock(), 4)
    clock.advance(hours=1)
    browser = sign_in(house["supervisor"])
    typed = {
        "population": "closed",
        "since": "2026-11-01",
        "until": "2026-11-30",
        "percent": "50",
        "seed": "eleven",
        "reason": "",
    }
    made = browser.post("/quality/samples", data=typed)
    assert made.status_code == 303
    page = browser.get(f"{made.location}/again").get_data(as_text=True)
    assert "同样的2件" in page
    refused = browser.post("/quality/samples", data=typed)
    assert refused.status_code == 422
    assert "eleven" in refused.get_data(as_text=True)
    assert db.session.scalars(db.select(Sample)).one().until_at == clock()


def test_a_supervisor_edits_a_score_sheet(house, clock, sign_in):
    browser = sign_in(house["supervisor"])
    typed = {
        "sections": "2",
        "section_1_zh": "态度",
        "lines_1": "2",
        "name_1_1_zh": "礼貌",
        "worth_1_1": "10",
        "name_1_2_zh": "辱骂来电人",
        "out_1_2": "y",
        "lines_2": "1",
    }
    assert browser.post("/quality/score-sheets/call", data=typed).status_code == 303
    (section,) = sheets.sections_of(sheets.newest(Work.CALL))
    assert [(one.key, one.points) for one in section.criteria] == [("1.1", 10), ("1.2", 0)]
    typed["worth_1_1"] = ""
    assert browser.post("/quality/score-sheets/call", data=typed).status_code == 422
    assert sheets.newest(Work.CALL).version == 2


def test_a_score_sheet_is_no_longer_than_its_form(house, sign_in):
    """A number in a hidden field keeps no thread of ours busy for days."""
    browser = sign_in(house["supervisor"])
    typed = {"sections": "99999999", "section_1_zh": "礼貌", "lines_1": "99999999"}
    answer = browser.post("/quality/score-sheets/call", data=typed)
    assert answer.status_code == 422
    assert "99999999" not in answer.text
    assert answer.text.count('name="section_') <= 2 * (sheets.MOST_CRITERIA + forms.SPARE)


def test_the_notice_leads_to_the_sheet(house, answer, clock, sign_in):
    score(row(answer), clock())
    found = db.select(Notification.id).where(
        Notification.dedupe_key.startswith("inspection_scored:")
    )
    notice = db.session.scalars(found).one()
    opened = sign_in(house["handler"]).post(f"/notifications/{notice}/open")
    assert opened.location == f"/quality/inspections/{answer}"


def test_an_administrator_keeps_score_sheets_and_reads_none_filled_in(house, answer, sign_in):
    browser = sign_in(house["administrator"])
    assert "一票否决" in browser.get("/quality/score-sheets/answer").get_data(as_text=True)
    version = sheets.newest(Work.ANSWER).id
    page = browser.get(f"/quality/score-sheets/{version}").get_data(as_text=True)
    assert "逐条回应诉求" in page
    assert browser.get(f"/quality/inspections/{answer}").status_code == 403


def test_lists_take_any_address(house, sign_in):
    browser = sign_in(house["reviewer"])
    for query in ("work=x", "state=x", "month=x", "person=x", "total=x", "after=x", "sample=x"):
        assert browser.get(f"/quality/inspections?{query}").status_code == 200
    assert browser.get("/quality/results/x").status_code == 404
    assert browser.get("/quality/results?month=0000-99").status_code == 200


def test_whoever_had_a_part_meanwhile_is_offered_no_form(house, answer, clock, sign_in):
    """The inspector rang the caller about it: the sheet waits for a colleague."""
    browser = sign_in(row(answer).inspector)
    path = f"/quality/inspections/{answer}"
    assert f'action="{path}/score"' in browser.get(path).get_data(as_text=True)
    with unit_of_work():
        inspection = db.session.get_one(Inspection, answer)
        inspection.ticket.operator_id = inspection.inspector_id
    page = browser.get(path).get_data(as_text=True)
    assert "您经手过这件工单" in page
    assert f'action="{path}/score"' not in page
    assert f'action="{path}/take"' not in page
    assert browser.post(f"{path}/score", data=fields_of(row(answer))).status_code == 403
