"""86 real charging stations of electric bicycles in Hangzhou: their devices are never ports."""

import pytest

from analysis.indicators.registry import classify_units, compute_indicators, facts_by_roster
from analysis.policy import read_policy
from analysis.studies.charging import build_charging_table, find_sites_without_ports
from geo.importing import ImportOptions, import_paths

POLICY = read_policy()


@pytest.fixture(scope="module")
def hangzhou(shared, tmp_path_factory):
    folder, into = shared / "data" / "hangzhou", tmp_path_factory.mktemp("hangzhou") / "D"
    rules = POLICY.unit_rules()
    outlines = ImportOptions(layer="communities", datum="wgs84")
    import_paths([folder / "hangzhou_residential.geojson"], into, options=outlines, unit_rules=rules)
    stations = ImportOptions(layer="ebike_sites", datum="bd09")
    files = sorted((folder / "ebike").glob("*.csv"))
    return import_paths(files, into, options=stations, unit_rules=rules).dataset


def test_there_is_no_ratio_no_gap_and_no_claim(hangzhou):
    figures = {f.id: f for f in compute_indicators(hangzhou, POLICY) if f.id in ("T25a", "T25b", "T25c")}
    assert {f.value for f in figures.values()} == {None}
    assert all("ebike_sites.ports" in f.missing_columns for f in figures.values())
    assert set(classify_units(hangzhou, POLICY, "ebike_ports")["band"]) == {"no_data"}
    assert build_charging_table(facts_by_roster(hangzhou, POLICY)[0])["gap"].isna().all()


def test_it_is_said_that_devices_are_no_ports(hangzhou):
    (finding,) = find_sites_without_ports(facts_by_roster(hangzhou, POLICY)[0])
    assert finding.value == "86"
    assert "桩和设备不是端口" in finding.zh
    assert "no ports" in finding.en
