"""The page of approval: a plan on its way, opinions on it, what was done with it; and the page of a company."""

import io
import re

import openpyxl
import pytest

from app.store.accounts import Accounts
from app.store.approvals import Approvals
from tests.app.web.conftest import PASSWORD, SECRET


@pytest.fixture
def plan(office):
    """The plan of the western street, back at drafting."""
    with office.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE plans SET stage = 'draft'")
    return office.plans[SECRET]


def move(office, who, plan, stage, to, note="文号3", number=None):
    newest = office.store.versions(plan.plan_id)[0].number
    asked = {"stage": stage, "number": number or newest, "to": to, "note": note}
    return office.client(who).post(f"/approval/{plan.plan_id}/move", data=asked, headers=office.origin)


@pytest.fixture
def unlimited(office):
    """Signing in often is what these tests are made of."""
    limiter = next(iter(office.app.server.extensions["limiter"]))
    limiter.enabled = False
    yield
    limiter.enabled = True


def test_a_plan_goes_its_way_and_a_late_decision_is_refused(office, plan, unlimited):
    page = office.client("west").get(f"/approval?plan={plan.plan_id}").text
    assert 'aria-current="step">拟定' in page
    assert "送出征求意见" in page
    assert move(office, "west", plan, "draft", "consultation").status_code == 303
    late = move(office, "district", plan, "draft", "consultation")
    assert late.status_code == 409
    assert "这一步没有执行" in late.text
    assert "文号3" in late.text  # what was written is still there
    assert move(office, "west", plan, "consultation", "publicity").status_code == 422
    assert move(office, "east", plan, "consultation", "publicity").status_code == 404
    assert move(office, "viewer", plan, "consultation", "publicity").status_code == 403
    assert move(office, "district", plan, "consultation", "publicity").status_code == 303
    assert move(office, "city", plan, "publicity", "approved").status_code == 303
    assert 'aria-current="step">批复' in office.client("west").get(f"/approval?plan={plan.plan_id}").text


def test_opinions_are_pinned_to_a_unit_by_its_name(office, plan, unlimited):
    document = office.store.document(plan.id)
    unit = document["areas"][0]["unit_ids"][0]
    client = office.client("district")
    address = f"/approval/{plan.plan_id}/comments"
    page = client.get(f"/approval?plan={plan.plan_id}&unit={unit}").text
    written = page.split('name="about"')[1].split('value="')[1].split('"')[0]
    assert written.endswith(unit)
    asked = {"about": written, "text": "<b>太远</b>"}
    assert client.post(address, data=asked, headers=office.origin).status_code == 303
    assert client.post(address, data={"about": "没有的小区", "text": "x"}, headers=office.origin).status_code == 422
    page = client.get(f"/approval?plan={plan.plan_id}").text
    assert "&lt;b&gt;太远&lt;/b&gt;" in page
    book = client.get(f"/approval/{plan.plan_id}/audit.xlsx")
    sheets = openpyxl.load_workbook(io.BytesIO(book.get_data()))
    cells = [str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row]
    assert {"提意见", "district同志", "<b>太远</b>", "单元 " + unit} <= set(cells)


def test_an_opinion_keeps_its_number_when_it_is_answered(office, plan, unlimited):
    address = f"/approval/{plan.plan_id}/comments"
    client = office.client("west")
    for text in ("先答复的", "后答复的"):
        client.post(address, data={"about": "", "text": text}, headers=office.origin)

    def numbered():
        page = client.get(f"/approval?plan={plan.plan_id}").text
        found = re.findall(r'opinion-number">(\d+)<.*?class="said">([^<]+)<', page, re.DOTALL)
        return {text: number for number, text in found}, [text for _, text in found]

    before, _ = numbered()
    first = next(one for one in Approvals(office.store).comments(plan.plan_id) if one.text == "先答复的")
    client.post(f"{address}/{first.id}", data={"text": "采纳"}, headers=office.origin)
    after, order = numbered()
    assert after == before
    assert order.index("先答复的") > order.index("后答复的")


def test_everything_that_was_done_is_for_the_city(office, unlimited):
    assert office.client("city").get("/audit.xlsx").status_code == 200
    assert office.client("district").get("/audit.xlsx").status_code == 403


def test_a_company_sees_its_areas_of_what_the_public_was_shown_and_nothing_else(office, plan, unlimited):
    client = office.client("company")
    assert SECRET not in client.get("/company").text
    move(office, "west", plan, "draft", "consultation")
    move(office, "district", plan, "consultation", "publicity")
    page = client.get("/company").text
    assert "晴川物业" in page
    assert SECRET in page
    assert client.get("/").status_code == 403
    Accounts(office.store).add("other", PASSWORD, "company", company="K2")
    assert SECRET not in office.client("other").get("/company").text
