"""A policy file that can be read may still be wrong: every fault is told, none stops the others."""

import pytest

from analysis.policy import DEFAULT_POLICY, read_policy
from analysis.studies.policy_check import check_policy

TEXT = DEFAULT_POLICY.read_text(encoding="utf-8")


def faults(tmp_path, *changes):
    """What is wrong with the city's file after some changes of its text."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "p.toml"
    path.write_text(text, encoding="utf-8")
    return check_policy(read_policy(path))


def test_the_citys_own_file_is_sound():
    assert check_policy(read_policy()) == ()


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('choices = ["street", "neighbourhood", "none"]', 'choices = ["block"]', "jurisdiction.within"),
        ('value = ["professional", "standard_grade"]', 'value = ["profesional"]', "mode.professional"),
        ('"railway", "expressway", "river", "canal", "factory_wall"', '"rail"', "neighbour.hard_kinds"),
        ("value = [1000, 4000]", "value = [4000, 1000]", "size.households"),
        ("2025 = 0.80, 2026 = 0.82", "2025 = 80, 2026 = 82", "target.G05"),
        ("[target.G05]", "[target.G55]", "target.G55"),
        ("2025 = 3, 2026 = 5, 2027 = 10", "25 = 3", "target.G01"),
        ("[overlay.150202.G07]", "[overlay.150202.G77]", "overlay.150202.G77"),
        ('value = 12\nunit = "month"', 'value = "twelve"\nunit = "month"', "anchor.min_contract_months"),
        ('value = 60\nunit = "m"', 'value = -60\nunit = "m"', "neighbour.gap_m"),
        ('value = 0.82\nunit = "share"', 'value = 82\nunit = "share"', "economics.collection_professional"),
        ("[neighbour.gap_m]", "[neighbour.gap]", "neighbour.gap_m"),
    ],
)
def test_each_fault_is_told_by_its_entry(tmp_path, old, new, key):
    found = faults(tmp_path, (old, new))
    assert key in {fault.column for fault in found}
    assert all(fault.severity == "error" and fault.zh and fault.en for fault in found)


def test_what_is_professional_must_be_managed_at_all(tmp_path):
    without = ('"quasi", "basic", "community_custody", "owner_self"', '"basic", "community_custody", "owner_self"')
    (fault,) = faults(tmp_path, without)
    assert fault.column == "mode.old_community_service"


def test_several_faults_come_together(tmp_path):
    sizes, name = ("value = [1000, 4000]", "value = [4000, 1000]"), ("[target.G05]", "[target.G55]")
    found = faults(tmp_path, sizes, name)
    assert {fault.column for fault in found} >= {"size.households", "target.G55"}


def test_another_city_may_have_its_own_targets_and_agencies(tmp_path):
    start = TEXT.index("# Targets by year;")
    kept = TEXT[:start]
    path = tmp_path / "other.toml"
    path.write_text(kept.replace("包头市", "别的市"), encoding="utf-8")
    assert check_policy(read_policy(path)) == ()
