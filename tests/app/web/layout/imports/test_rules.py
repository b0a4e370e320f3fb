"""The choice of policy and names in the wizard."""

import io

import openpyxl

from app.desks.imports.events import WizardEvent, apply_event
from app.i18n import load_words
from app.web.layout.imports.rules import rules_panel
from app.web.main import create_app
from tests.app.import_files import TOKEN, drop

WORDS = load_words("zh")


def panel(desk):
    return str(rules_panel(desk.view(TOKEN), WORDS).to_plotly_json())


def test_one_set_is_marked_and_the_template_asks_for_the_name_of_the_city(desk, ledger):
    drop(desk, ledger)
    assert "✓ 包头市示例" in panel(desk)
    assert "城市名称" not in panel(desk)
    apply_event(desk, TOKEN, WizardEvent("wizard-row", "rules", "template"))
    assert "✓ 通用模板" in panel(desk)
    assert "城市名称" in panel(desk)


def test_what_may_be_downloaded_is_there(tmp_path):
    client = create_app(tmp_path / "D", None).server.test_client()
    form = client.get("/import/blank.xlsx")
    assert "小区" in openpyxl.load_workbook(io.BytesIO(form.data)).sheetnames
    assert "city_zh" in client.get("/import/template.toml").get_data(as_text=True)
    assert "functional_zones" in client.get("/import/template_names.toml").get_data(as_text=True)
    assert client.get("/import/baotou.toml").status_code == 404
