"""Policy and names in the import wizard: chosen, checked when they come from a file, kept in the dataset."""

import io

import pytest
from shapely import Point

from analysis.policy import DEFAULT_POLICY, parse_policy
from app.desks.imports.events import WizardEvent, apply_event
from app.desks.imports.preview import FilePreview, LayerPreview
from app.desks.imports.rules_choice import save_rules_file, suggest_kind
from app.desks.imports.runs import AboutDataset
from app.workbench.policies import TEMPLATE_NAMES, TEMPLATE_POLICY, resolve_rules
from geo.errors import PlanningError
from geo.storage.dataset import open_dataset
from tests.app.import_files import TOKEN, drop, tried

OWN = TEMPLATE_POLICY.read_text(encoding="utf-8").replace('city_zh = ""', 'city_zh = "临江市"')


def stored(desk):
    """What the dataset is kept by after the import."""
    assert tried(desk).phase == "tried"
    desk.start_storing(TOKEN, AboutDataset()).join(60)
    assert desk.view(TOKEN).fault is None
    return resolve_rules(open_dataset(desk.session.folder))


def test_the_template_with_the_name_of_the_city_is_kept_in_the_dataset(desk, ledger):
    drop(desk, ledger)
    apply_event(desk, TOKEN, WizardEvent("wizard-row", "rules", "template"))
    apply_event(desk, TOKEN, WizardEvent("wizard-answer", "city", "rules", '临江"市\n'))
    kept = stored(desk)
    assert (kept.policy.city_zh, kept.policy.name) == ('临江"市', '临江"市片区规划参数')
    assert kept.policy.sha256 == parse_policy(OWN, TEMPLATE_POLICY).sha256
    assert kept.names.districts == ()
    assert desk.session.policy.city_zh == '临江"市'  # the page goes on with it
    desk.start_over(TOKEN)  # the next import goes on with it unless another is chosen
    view = drop(desk, ledger)
    assert (view.in_force, view.effective_rules.kind) == (kept.policy.name, "kept")


def test_nothing_chosen_leaves_the_default_and_says_that_nobody_chose(desk, outlines):
    drop(desk, outlines)
    desk.answer_all(TOKEN, "datum", "cgcs2000")
    assert desk.view(TOKEN).effective_rules.kind == "baotou"
    assert stored(desk).is_default


def test_a_file_of_ones_own_is_checked_chosen_and_kept(desk, ledger):
    drop(desk, ledger)
    desk.add(TOKEN, "../我市.toml", io.BytesIO(OWN.encode()))
    desk.add(TOKEN, "地名.toml", io.BytesIO(TEMPLATE_NAMES.read_bytes()))
    rules = desk.view(TOKEN).effective_rules
    assert (rules.kind, rules.policy.name, rules.names.name) == ("own", "own-我市.toml", "own-地名.toml")
    assert len(desk.view(TOKEN).files) == 1  # it is no layer
    kept = stored(desk)
    assert (kept.policy.city_zh, kept.is_default) == ("临江市", False)


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\xff\xfe",
        "名称 = ".encode("gbk"),
        b"[" * 5000,
        b"a = " + b"[" * 100_000,
        b"a." * 1000 + b"b = 1",
        b"[unit]\nold_until_year = 2000\n",
        b"x = 1",
        b"[districts]\n1 = 2\n",
        b"[meta]\nbounds = 'here'\n",
        b"#" * 500_000,
        OWN.replace("value = [1000, 4000]", "value = [4000, 1000]").encode(),
        OWN.replace("value = [1000, 4000]", "value = nan").encode(),
        OWN.replace("value = 2000", 'value = "<script>alert(1)</script>"').encode(),
        OWN.replace("[unit.m2_per_household]", "[unit.m2]").encode(),
    ],
)
def test_a_hostile_or_faulty_file_is_refused_with_a_sentence_and_not_kept(tmp_path, data):
    path = tmp_path / "rules" / "own-x.toml"
    with pytest.raises(PlanningError) as refused:
        save_rules_file(io.BytesIO(data), path)
    assert "x.toml" in refused.value.zh
    assert not path.exists()


def test_files_that_lie_elsewhere_suggest_the_template():
    def at(*points):
        return FilePreview((LayerPreview(None, "communities", 1, shapes=[Point(p) for p in points]),))

    assert suggest_kind([at((120.1, 30.2), (120.2, 30.3))]) == "template"
    assert suggest_kind([at((109.8, 40.6))]) is None
    assert suggest_kind([]) is None
    assert parse_policy(DEFAULT_POLICY.read_text(encoding="utf-8"), DEFAULT_POLICY).bounds is not None
