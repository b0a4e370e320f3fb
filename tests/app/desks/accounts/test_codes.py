"""Accounts are called by the names of their places."""

from app.desks.accounts.codes import describe_account, list_own_streets, name_place
from app.i18n import load_words
from app.store.access import Access

WORDS = load_words("zh")


def test_places_and_companies_have_names(bench):
    assert name_place(bench.dataset, Access("street", "150299001"), WORDS) == "西街道"
    assert name_place(bench.dataset, Access("company", company="K1"), WORDS) == "晴川物业"
    assert name_place(None, Access("street", "150299001"), WORDS) == "150299001"
    assert name_place(bench.dataset, Access(), WORDS) == "全市"


def test_who_is_not_signed_in_is_nobody(bench):
    assert describe_account(bench.dataset, Access(), WORDS) is None
    assert describe_account(bench.dataset, Access("city", name="王敏"), WORDS).role == "市级"


def test_the_streets_of_a_district_are_its_own(bench):
    assert list_own_streets(bench.dataset, Access("district", "150299")) == ["150299001", "150299002"]
    assert list_own_streets(bench.dataset, Access()) == []
