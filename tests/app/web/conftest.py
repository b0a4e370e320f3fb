"""A server with accounts: two districts that are not to see each other, a street, a company, a viewer, the city."""

import itertools
import json
import shutil

import argon2
import pytest

from app.store import passwords
from app.store.accounts import Accounts
from app.store.store import open_store
from app.web.main import create_app

PASSWORD = "五月槐花香满街2026"
SECRET = "青山机密方案"
"""Name of the plan of the other district, which nobody of this one may read."""
OWN = "东街道初稿"


class Office:
    """A server with accounts, and the clients that are signed in."""

    def __init__(self, folder, store, app, plans):
        self.folder, self.store, self.app, self.plans = folder, store, app, plans
        self.origin = {"Origin": "http://localhost"}
        self.machines = itertools.count(1)

    def client(self, name=None):
        client = self.app.server.test_client()
        client.environ_base["REMOTE_ADDR"] = f"127.0.1.{next(self.machines)}"  # sign-ins are counted by machine
        if name:
            answer = client.post("/sign-in", data={"name": name, "password": PASSWORD}, headers=self.origin)
            assert answer.status_code == 303, answer.text
        return client


@pytest.fixture(scope="session")
def cheap_passwords():
    patch = pytest.MonkeyPatch()
    patch.setattr(passwords, "HASHER", argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    yield
    patch.undo()


@pytest.fixture(scope="module")
def office(town, tmp_path_factory, cheap_passwords):
    """The town, whose streets are in two districts as far as accounts go: 150299001 and 150299002."""
    place = tmp_path_factory.mktemp("office")
    folder = shutil.copytree(town[0], place / "town")
    store = open_store(f"sqlite:///{place / 'town-plans.sqlite'}")
    accounts = Accounts(store)
    for name, role, code, company in (
        ("city", "city", "", ""),
        ("district", "district", "150299", ""),
        ("west", "street", "150299001", ""),
        ("east", "street", "150299002", ""),
        ("viewer", "viewer", "150299002", ""),
        ("company", "company", "", "K1"),
    ):
        accounts.add(name, PASSWORD, role, code=code, company=company, full_name=f"{name}同志")
    document = json.loads(town[1].read_text(encoding="utf-8"))
    plans = {}
    for name, street in ((SECRET, "150299001"), (OWN, "150299002")):
        plan = {**document, "rules": {**document["rules"], "streets": [street]}}
        plans[name] = store.create_plan(name, plan, "区里")
    app = create_app(folder, None, str(store.engine.url))
    yield Office(folder, store, app, plans)
    store.close()
