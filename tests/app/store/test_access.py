"""What somebody sees and changes of the plans: the own place, and what is put forward above it."""

import pytest
import sqlalchemy as sa

from app.store.access import EVERYTHING, Access
from app.store.errors import NotAllowedError, NotInStoreError
from app.store.tables import plans

WEST, EAST = "150299001", "150299002"
PLACES = {"全市": (), "全区": (WEST, EAST), "西": (WEST,), "东": (EAST,), "外区": ("150298001",)}


@pytest.fixture
def kept(store, document):
    """A plan of each place."""
    made = {}
    for name, streets in PLACES.items():
        made[name] = store.create_plan(name, of(document, streets), "王")
    return made


def of(document, streets):
    return {**document, "rules": {**document["rules"], "streets": list(streets)}}


def set_stage(store, version, stage):
    with store.engine.begin() as connection:
        connection.execute(sa.update(plans).where(plans.c.id == version.plan_id).values(stage=stage))


def names(store):
    return {one.name for one in store.plans()}


@pytest.mark.parametrize(
    ("access", "drafts", "put_forward"),
    [
        (EVERYTHING, set(PLACES), set(PLACES)),
        (Access("district", "150299"), {"全区", "西", "东"}, {"全市", "全区", "西", "东"}),
        (Access("street", WEST), {"西"}, {"全市", "全区", "西"}),
        (Access("viewer", EAST), {"东"}, {"全市", "全区", "东"}),
        (Access("viewer"), set(PLACES), set(PLACES)),
        (Access("company", company="K1"), set(), set()),
    ],
)
def test_drafts_are_seen_in_their_place_and_what_is_put_forward_also_below(store, kept, access, drafts, put_forward):
    seen = store.restrict(access)
    assert names(seen) == drafts
    for version in kept.values():
        set_stage(store, version, "consultation")
    assert names(seen) == put_forward
    for name in set(PLACES) - put_forward:
        version = kept[name]
        assert seen.versions(version.plan_id) == []
        for ask in (seen.version, seen.document):
            with pytest.raises(NotInStoreError):
                ask(version.id)
    for version in kept.values():
        set_stage(store, version, "approved")
    if access.role == "company":
        assert names(seen) == set(PLACES)


def test_the_current_plan_of_a_place_is_one_it_sees(store, kept):
    store.choose_current(kept["外区"].plan_id, "王")
    assert store.current_plan() == kept["外区"].plan_id
    assert store.restrict(Access("street", WEST)).current_plan() == kept["西"].plan_id


def test_plans_are_changed_in_the_own_place_alone(store, kept, document):
    street = store.restrict(Access("street", WEST))
    own, other = kept["西"], kept["东"]
    changed = {**of(document, [WEST]), "seed": 7}
    assert street.save(own.plan_id, 1, changed, "李").number == 2
    assert street.create_plan("新", {**changed, "seed": 8}, "李").code == WEST
    for refused in (
        lambda: street.save(own.plan_id, 2, {**changed, "rules": of(document, [EAST])["rules"]}, "李"),
        lambda: street.create_plan("全市方案", document, "李"),
        lambda: street.choose_current(own.plan_id, "李"),
        lambda: store.restrict(Access("viewer", WEST)).rename(own.plan_id, "x", "李"),
    ):
        with pytest.raises(NotAllowedError):
            refused()
    for refused in (
        lambda: street.save(other.plan_id, 1, changed, "李"),
        lambda: street.rename(other.plan_id, "x", "李"),
        lambda: street.archive(other.plan_id, "李"),
    ):
        with pytest.raises(NotInStoreError):
            refused()


def test_what_the_public_was_shown_is_not_saved_over(store, kept, document):
    set_stage(store, kept["西"], "publicity")
    with pytest.raises(NotAllowedError, match="公示"):
        store.save(kept["西"].plan_id, 1, {**document, "seed": 9}, "王")
