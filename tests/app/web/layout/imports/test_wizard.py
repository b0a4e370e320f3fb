"""Every step of the import wizard can be drawn."""

import json

import pandas as pd
import pytest

from app.desks.imports.events import WizardEvent, apply_event, draw_shown_file
from app.desks.imports.runs import AboutDataset
from app.desks.imports.session import ImportSession
from app.i18n import load_words
from app.session.plan_session import PlanSession
from app.web.layout.imports.wizard import wizard_body

TOKEN = "t" * 24


def square(x, y, side=0.002):
    ring = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
    return {"type": "Polygon", "coordinates": [ring]}


def geojson(names, x=110.3, y=40.6):
    features = [
        {
            "type": "Feature",
            "properties": {"小区名称": name, "户数": 300 + k, "联系电话": "13800000000"},
            "geometry": square(x + 0.003 * k, y),
        }
        for k, name in enumerate(names)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


@pytest.fixture
def outlines(tmp_path):
    path = tmp_path / "小区边界.geojson"
    path.write_text(geojson(["红星小区", "前进小区", "和平里"]), encoding="utf-8")
    return path


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "小区台账.xlsx"
    table = {
        "街道": ["东街道"] * 3,
        "小区名称": ["红星小区", "前进小区", "新华苑"],
        "户数": ["1，200户", "见附件", 410],
    }
    pd.DataFrame(table).to_excel(path, index=False)
    return path


@pytest.fixture
def desk(tmp_path):
    made = ImportSession(PlanSession(tmp_path / "city", None))
    yield made
    made.close()


def drop(desk, *paths):
    for path in paths:
        with path.open("rb") as stream:
            desk.add(TOKEN, path.name, stream)
    return desk.view(TOKEN)


def tried(desk):
    desk.start_trying(TOKEN).join(60)
    return desk.view(TOKEN)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_step_can_be_drawn(desk, outlines, ledger, language):
    words = load_words(language)

    def drawn():
        view = desk.view(TOKEN)
        return str(wizard_body(view, None, draw_shown_file(desk, TOKEN, None), TOKEN, words))

    assert "drop-zone large" in drawn()
    drop(desk, outlines, ledger)
    assert "datum-choices" in drawn()
    apply_event(desk, TOKEN, WizardEvent("wizard-row", "datum_all", "wgs84"))
    assert "datum-choices" not in drawn()
    tried(desk)
    assert "grid-findings" in drawn()
    desk.start_storing(TOKEN, AboutDataset()).join(60)
    assert "wizard-see-map" in drawn()
