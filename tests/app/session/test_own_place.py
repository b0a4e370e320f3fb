"""Data are corrected in the own place; runs are of it, and of no other one anything is told."""

import shutil

import pytest
from flask import Flask, g

from app.desks.plans.run_manager import PlanRunManager
from app.session.plan_session import PlanSession
from app.store.access import Access
from app.store.errors import NotAllowedError

WEST, EAST = "150299001", "150299002"


@pytest.fixture
def session(town, tmp_path):
    return PlanSession(shutil.copytree(town[0], tmp_path / "town"), None, store_url="sqlite://")


@pytest.fixture
def signed():
    """A request of somebody of the western street."""
    with Flask(__name__).test_request_context():
        g.access = Access("street", WEST, name="孙丽")
        yield


def units(session, street):
    frame = session.data.bench.units
    return frame.loc[frame["street_code"].eq(street), "unit_id"].tolist()


def test_data_of_the_own_place_alone_are_corrected(session, signed):
    own, other = units(session, WEST), units(session, EAST)
    with session.lock_dataset(is_shared=False):
        session.require_own_units(own[:2])
    for asked in ([own[0], other[0]], [], ["nobody"]):
        with pytest.raises(NotAllowedError):
            session.require_own_units(asked)
    with pytest.raises(NotAllowedError), session.lock_dataset():
        pass


def test_who_views_writes_nothing(session):
    with Flask(__name__).test_request_context():
        g.access = Access("viewer", name="周看")
        assert {session.rights.data, session.rights.plans, session.rights.runs} != {None}
        assert None not in (session.rights.data, session.rights.plans, session.rights.runs)
    assert session.rights.data is None


def test_a_run_is_for_the_own_streets(session, signed):
    runs = PlanRunManager(session)
    assert runs._in_own_place({"streets": []})["streets"] == [WEST]
    with pytest.raises(NotAllowedError):
        runs._in_own_place({"streets": [EAST]})
