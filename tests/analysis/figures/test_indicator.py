"""Targets: by year, never interpolated; a district's own stands before the city's."""

import pytest

from analysis.figures.indicator import count_units_needed, find_target
from analysis.indicators.registry import REGISTRY
from analysis.policy import read_policy
from geo.errors import PolicyError

POLICY = read_policy()


def entry(key):
    return next(i for i in REGISTRY if i.key == key)


@pytest.mark.parametrize(
    ("key", "targets"),
    [
        ("management_coverage_rate", (1.0, 1.0, 1.0)),
        ("owners_body_formation_rate", (0.95, 0.96, 1.0)),
        ("professional_coverage_rate", (0.80, 0.82, 0.90)),
        ("old_community_service_rate", (None, None, 1.0)),
        ("aa_plus_firm_count", (10, 12, 14)),
        ("regional_demo_project_count", (36, None, None)),
        ("continuing_edu_rate", (0.70, 0.75, 0.80)),
        ("ebike_port_ratio", (3.0, 3.0, 3.0)),
        ("joint_meeting_rate", (0.30, 0.30, 0.30)),
    ],
)
def test_of_the_action_plan(key, targets):
    assert tuple(find_target(POLICY, entry(key), year) for year in (2025, 2026, 2027)) == targets


def test_a_number_of_things_is_asked_of_the_city_only_a_rate_of_all():
    demo, professional = entry("regional_demo_project_count"), entry("professional_coverage_rate")
    assert find_target(POLICY, demo, 2025, "district", "150203") is None
    assert find_target(POLICY, demo, 2025, "district", "150202") == 2
    assert find_target(POLICY, professional, 2025, "street", "150203001") == 0.80


def test_a_districts_own_rate_holds_inside_it(tmp_path):
    path = tmp_path / "p.toml"
    path.write_text(
        '[overlay.150203.G05]\nvalue = { 2026 = 0.85 }\nunit = "share"\nsource = "A"\n'
        'editable = true\nlabel_zh = "x"\nlabel_en = "x"\n',
        encoding="utf-8",
    )
    policy, professional = read_policy(path), entry("professional_coverage_rate")
    assert find_target(policy, professional, 2026, "street", "150203001") == 0.85
    assert find_target(policy, professional, 2026, "street", "150204001") is None
    path.write_text("[overlay.150203.G05]\nvalue = { 2026 = 0.85 }\n", encoding="utf-8")
    with pytest.raises(PolicyError, match=r"overlay\.150203\.G05"):
        read_policy(path)


@pytest.mark.parametrize(("target", "more"), [(0.80, 21), (0.82, 28), (0.90, 56)])
def test_kundulun_needs_21_28_56_more(target, more):
    assert count_units_needed(target, 351, 260) == more


def test_every_target_belongs_to_an_indicator():
    named = {key.rsplit(".", 1)[1] for key in POLICY.entries if key.startswith(("target.", "overlay."))}
    rules = {"auto_absorb_special", "exclude_unwilling"}  # of bundling: who is absorbed
    assert named - rules <= {i.id for i in REGISTRY} | {i.key for i in REGISTRY}
