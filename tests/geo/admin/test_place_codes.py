"""Codes made from names are safe names of files and never digits."""

import pandas as pd

from geo.admin.jurisdictions import impute_admin_codes
from geo.admin.place_codes import is_from_name

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


def test_codes_from_names_are_safe_names_of_files_and_never_digits():
    code = coded(named('昆/区:*?"<>|.', "前-进\\道" + "长" * 60))[0]
    assert not set('\\/:*?"<>|.') & set("".join(code[:2]))
    assert all(is_from_name(one) and len(one) < 90 for one in code[:2])
