"""Names of districts, streets and neighbourhoods get one code each, in any order."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.admin.jurisdictions import impute_admin_codes
from tests.effort import examples

COLUMNS = ("district_code", "street_code", "neighbourhood_code", "district_name", "street_name", "neighbourhood_name")


NOTHING = pd.DataFrame()


def coded(*rows, **tables):
    """The three codes of rows given as the six texts of COLUMNS."""
    frame = pd.DataFrame(list(rows), columns=list(COLUMNS))
    found = impute_admin_codes(
        frame, tables.get("streets", NOTHING), tables.get("quarters", NOTHING), tables.get("boundary", NOTHING)
    )[0]
    return found[list(COLUMNS[:3])].astype(object).where(found.notna(), None).values.tolist()


def named(district=None, street=None, quarter=None, codes=(None, None, None)):
    return (*codes, district, street, quarter)


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        # one street, one code: a code in some rows, a name in others; 12 digits are 9
        (
            [
                named("昆都仑区", "前进道街道", codes=("150203", "150203001000", None)),
                named("昆都仑区", "前进道街道办事处"),
            ],
            ["150203001", "150203001"],
        ),
        # one name in two districts is two streets
        (
            [named("昆区", "前进街道"), named("青山区", "前进街道"), named(None, "前进街道")],
            ["N-昆区-前进", "N-青山-前进", "N--前进"],
        ),
        # a district named in some rows only
        ([named("昆区", "前进街道"), named(None, "前进街道办事处")], ["N-昆区-前进"] * 2),
        # the ending left out, and a town that is not the street of its name
        ([named("固阳县", "金山"), named("固阳县", "金山镇")], ["N-固阳县-金山镇"] * 2),
        ([named("沙河市", "沙河镇"), named("沙河市", "沙河街道")], ["N-沙河市-沙河镇", "N-沙河市-沙河"]),
        # the city and province before the district, width and blanks
        (
            [named("内蒙古自治区包头市昆都仑区", "前进道街道"), named("昆都仑 区", "前进道 街道")],
            ["N-昆都仑-前进道"] * 2,
        ),
        # only a neighbourhood is named
        ([named("昆区", "前进街道", "环西社区"), named(None, None, "环西社区居委会")], ["N-昆区-前进"] * 2),
        ([named(None, None, "环西社区")], [None]),
        # a code where the name should be, and the code of a neighbourhood alone
        ([named(None, "150203001"), named(codes=(None, None, "150203001004"))], ["150203001"] * 2),
    ],
)
def test_names_and_codes_of_one_street_are_one_code(rows, codes):
    assert [found[1] for found in coded(*rows)] == codes


def test_a_table_gives_names_their_codes_within_their_district():
    table = pd.DataFrame(
        {"street_code": ["150203001", "150204001"], "name": ["前进街道"] * 2, "district_name": ["昆都仑区", "青山区"]}
    )
    rows = [named("昆都仑区", "前进"), named("青山区", "前进街道"), named("九原区", "前进街道")]
    assert [found[:2] for found in coded(*rows, streets=table)] == [
        ["150203", "150203001"],
        ["150204", "150204001"],
        ["N-九原", "N-九原-前进"],
    ]


@settings(max_examples=examples(60))
@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "昆都仑区", "青山区", "包头市青山区"]),
            st.sampled_from([None, "前进街道", "前进街道办事处", "少先路", "少先路街道"]),
            st.booleans(),
        ),
        min_size=1,
        max_size=12,
    ),
    st.randoms(),
)
def test_codes_do_not_hang_on_the_order_of_rows_and_never_mix_streets(rows, random):
    """Two rows with different districts or streets never share a code, in whatever order they come."""
    real = {"昆都仑": "150203", "青山": "150204"}
    told = [
        named(d, s, codes=(real[d.removeprefix("包头市")[:-1]] if coded_ and d else None, None, None))
        for d, s, coded_ in rows
    ]
    found = coded(*told)
    order = list(range(len(told)))
    random.shuffle(order)
    assert coded(*(told[i] for i in order)) == [found[i] for i in order]
    core = [s and s.removesuffix("办事处").removesuffix("街道") for _, s, _ in rows]
    inside = [d and d.removeprefix("包头市") for d, _, _ in rows]
    for i in range(len(rows)):
        for j in range(i):
            if core[i] and core[j] and core[i] != core[j]:
                assert found[i][1] != found[j][1]
            if inside[i] and inside[j]:
                assert (found[i][0] == found[j][0]) == (inside[i] == inside[j])
                if core[i] and core[i] == core[j]:
                    assert (found[i][1] == found[j][1]) == (inside[i] == inside[j])
