"""Every sheet says which version of which plan it shows, who made it, and whether rules are broken."""

import shutil

import pytest

from analysis.bundling.verify.base.verification import Verification
from analysis.bundling.verify.verify import verify_plan
from app.desks.prints.imprint import make_imprint
from app.i18n import load_words
from app.session.address import version_address
from app.session.plan_session import PlanSession
from app.web.main import create_app
from app.workbench import workbench
from app.workbench.plans_on_disk import read_plan

ZH = load_words("zh")


@pytest.fixture
def folder(town, tmp_path):
    return shutil.copytree(town[0], tmp_path / "city")


@pytest.fixture
def checked(monkeypatch):
    """Plans of seed 7 break rules, others keep them all."""

    def verify(dataset, document, policy):
        return verify_plan(dataset, document, policy) if document["seed"] == 7 else Verification()

    monkeypatch.setattr(workbench, "verify_plan", verify)


def test_version_one_is_shown_and_printed_while_there_is_a_second(folder, town, checked):
    app = create_app(folder, town[1])
    session = PlanSession(folder, town[1])
    first = session.data.bench.version
    second = session.store.save(first.plan_id, 1, {**read_plan(town[1]), "seed": 7}, "王敏")
    client = app.server.test_client()
    for version, other, word in ((first, second, "符合规则"), (second, first, "不符合规则")):
        for path in ("story", "print", "print/single-buildings"):
            body = client.get("/" + version_address(version, path)).get_data(as_text=True)
            assert f"第 {version.number} 版" in body
            assert f"第 {other.number} 版" not in body
            assert f"· {word}" in body or f">{word}" in body
            assert version.created_text in body
            assert (version.author or "未署名") in body
        if path != "print/single-buildings":
            assert version_address(version).replace("&", "&amp;") in body
    assert client.get(f"/story?plan={first.plan_id}&version=9").status_code == 404
    assert client.get("/print?plan=nowhere").status_code == 404


def test_every_rule_is_met_is_said_only_with_the_rules(folder, town, checked):
    client = create_app(folder, town[1]).server.test_client()
    with_list = client.get("/print?table=areas").get_data(as_text=True)
    assert "全部规则均满足" in with_list
    for label, value, _ in make_imprint(PlanSession(folder, town[1]).data, ZH).rules:
        assert label in with_list
        assert value in with_list
    for address in ("/print?table=none", "/story", "/print/single-buildings"):
        assert "全部规则均满足" not in client.get(address).get_data(as_text=True)


def test_without_a_plan_there_is_no_verdict(folder):
    imprint = make_imprint(PlanSession(folder, None, store_url="sqlite://").data, ZH)
    assert (imprint.plan, imprint.is_met, imprint.rules) == (ZH("page.no_plan"), None, ())
