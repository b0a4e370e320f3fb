"""Ways out of islands are those of the data."""

from tests.analysis.bundling.verify.small_town import S1, S2, rules_broken


def test_islands_are_those_of_the_street(town):
    """R28: a joint tender names single buildings left over in the same street, ways in their order."""
    town.units.loc["alone", "kind"] = "single_building"
    custody = {"kind": "custody", "until": "2027-06-30"}

    def broken_by(*ways):
        def change(document):
            document["left_over"][0]["fallback"] = list(ways)

        return rules_broken(town, change)

    platform = {"kind": "platform", "street_code": S2}
    assert broken_by(platform, custody) == []
    assert broken_by(custody, platform) == ["R28"]
    assert broken_by({"kind": "joint_tender", "with_unit_ids": ["house"]}, custody) == ["R28"]
    assert broken_by({**platform, "street_code": S1}, custody) == ["R28"]
    assert broken_by(platform, {**custody, "until": "2028-06-30"}) == ["R28"]
    assert broken_by(platform) == ["R28"]
