"""A policy is complete, has a source for every value, and hashes by its values."""

import ast
import re
from dataclasses import replace

import pytest

from analysis.policy import read_policy
from geo.errors import PolicyError, UnknownCodeError
from geo.names import read_names


def test_every_value_has_a_source_tag():
    for entry in read_policy().entries.values():
        assert entry.source.split()[0] in {"S", "K", "A"} or entry.source[0] == "X", entry.key
        assert entry.label_zh
        assert entry.label_en


def test_laws_and_assumptions_are_told_apart():
    entries = read_policy().entries
    assert entries["neighbour.gap_m"].source.startswith("A")
    assert not entries["ebike.bikes_per_port"].source.startswith("A ")


def test_a_choice_is_one_of_its_choices():
    for entry in read_policy().entries.values():
        if entry.choices:
            assert entry.value in entry.choices


def test_hash_follows_values():
    policy = read_policy()
    assert read_policy().sha256 == policy.sha256
    assert policy.replaced({"neighbour.gap_m": 80}).sha256 != policy.sha256
    assert policy.replaced({"neighbour.gap_m": 60}).sha256 == policy.sha256


def test_rules_for_geo_come_from_the_policy():
    policy = read_policy().replaced({"neighbour.gap_m": 80, "unit.m2_per_household": 90})
    assert policy.neighbour_rules().gap_m == 80
    assert policy.unit_rules().m2_per_household == 90


def test_a_policy_without_values_for_cells_leaves_points_as_they_are():
    policy = read_policy()
    assert policy.unit_rules().cell_reach_m == 250
    older = replace(policy, entries={k: e for k, e in policy.entries.items() if not k.startswith("unit.cell_")})
    assert older.unit_rules().cell_reach_m == 0
    assert older.sha256 == policy.sha256  # plans made before stay those of this policy


def test_unknown_entry_is_a_sentence():
    with pytest.raises(UnknownCodeError, match=r"no\.such"):
        read_policy().value("no.such")


@pytest.mark.parametrize("text", ["[", "[a.b]\nvalue = 1\n", "a = [1"])
def test_faulty_file_is_refused(tmp_path, text):
    path = tmp_path / "p.toml"
    path.write_text(text)
    with pytest.raises(PolicyError):
        read_policy(path)


def test_all_faults_are_named_together(tmp_path):
    path = tmp_path / "p.toml"
    path.write_text("[a.b]\nvalue = 1\n[a.c]\nunit = 'm'\n")
    with pytest.raises(PolicyError, match=r"a\.b.*a\.c"):
        read_policy(path)


def test_nothing_of_the_city_is_in_code(root):
    """Names and codes of its districts stand in its files alone; the code's own words are generic."""
    names = read_names(root / "policy" / "baotou_names.toml")
    told = [one for _, name, aliases in names.districts for one in (name, *aliases) if len(one) > 2]
    theirs = re.compile("|".join(map(re.escape, told)) + r"|(?<!\d)1502\d{2}(?!\d)|包头")
    found = []
    for room in ("geo", "analysis", "app"):
        for path in sorted((root / room).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            texts = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}  # docstrings
            found += [
                f"{path.relative_to(root)}: {node.value}"
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in texts
                and theirs.search(node.value)
                and "e.g." not in node.value
            ]
    assert found == []
