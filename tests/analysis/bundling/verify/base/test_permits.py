"""Who a permit lets in is planned for."""

import pytest

from tests.analysis.bundling.verify.small_town import permit_for, violations_of


@pytest.mark.parametrize(
    ("unit", "change"),
    [
        ("given", permit_for("given")),
        ("nay", permit_for("nay", "owner_unwilling", reason="消防隐患整治", approved_by="王局长")),
    ],
)
def test_who_a_permit_lets_in_is_not_out_of_scope_for_the_want_of_one(town, unit, change):
    change(town)
    (violation,) = violations_of(*town.kept())
    assert (violation.rule, violation.units) == ("R03", (unit,))
