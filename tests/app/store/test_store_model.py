"""The store against a simple model: versions, parents, conflicts, approval, opinions, in any order of deeds."""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from app.store.access import PUBLISHED, STAGES, Access
from app.store.approvals import Approvals
from app.store.errors import ConflictError, NotAllowedError, NotInStoreError, StageConflictError
from app.store.store import open_store
from geo.errors import UsageError

CITY, VIEWER = Access("city", name="王"), Access("viewer", name="周")
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=90)


def make_machine(document):
    """A machine that saves copies of a plan."""

    class StoreModel(RuleBasedStateMachine):
        plans = Bundle("plans")

        @initialize()
        def open(self):
            self.store = open_store("sqlite://")
            self.model = {}  # plan → list of (id, seed); "stage", "comments"
            self.stage, self.opinions, self.writes, self.revisions = {}, {}, 0, {}

        def has_newer(self, behind, newer):
            assert behind != 0
            assert newer.id == self.model[newer.plan_id][-1][0]

        def content(self, seed):
            return {**document, "seed": seed}

        @rule(target=plans, name=NAMES, seed=st.integers(0, 9))
        def create(self, name, seed):
            try:
                version = self.store.create_plan(name, self.content(seed), "王")
            except UsageError:
                assert not 1 <= len(" ".join(name.split())) <= 80
                return ""
            self.model[version.plan_id] = [(version.id, seed)]
            self.stage[version.plan_id], self.opinions[version.plan_id] = "draft", 0
            self.writes += 1
            assert (version.number, version.stage) == (1, "draft")
            return version.plan_id

        @rule(plan=plans, behind=st.integers(-1, 2), seed=st.integers(0, 9))
        def save(self, plan, behind, seed):
            numbers = len(self.model.get(plan, ()))
            try:
                version = self.store.save(plan, numbers - behind, self.content(seed), "李")
            except NotInStoreError:
                assert plan not in self.model
            except NotAllowedError:
                assert self.stage[plan] in PUBLISHED
            except ConflictError as error:
                self.has_newer(behind, error.newer)
            else:
                assert behind == 0
                assert (version.number, version.parent_id) == (numbers + 1, self.model[plan][-1][0])
                self.model[plan].append((version.id, seed))
                self.writes += 1

        @rule(plan=plans, seen=st.sampled_from(STAGES), to=st.sampled_from(STAGES), behind=st.integers(0, 1))
        def move(self, plan, seen, to, behind):
            numbers = len(self.model.get(plan, ()))
            approvals = Approvals(self.store.restrict(CITY))
            try:
                version = approvals.move(plan, (numbers - behind, seen), to, "因为")
            except NotInStoreError:
                assert plan not in self.model
            except StageConflictError:
                assert (behind, seen) != (0, self.stage[plan])
            except (NotAllowedError, UsageError):
                at, wanted = STAGES.index(self.stage[plan]), STAGES.index(to)
                assert wanted != at + 1
                assert (wanted, at) != (0, 1)
            else:
                assert (behind, seen) == (0, self.stage[plan])
                assert STAGES.index(to) in (STAGES.index(seen) + 1, 0)
                assert version.stage == to
                self.stage[plan] = to
                self.writes += 1

        @rule(plan=plans, text=NAMES)
        def opine(self, plan, text):
            versions = self.model.get(plan)
            if versions is None:
                return
            try:
                Approvals(self.store.restrict(CITY)).comment(versions[-1][0], "plan", "", text)
            except (UsageError, NotAllowedError):
                assert not text.strip() or self.stage[plan] == "draft"
            else:
                self.opinions[plan] += 1
                self.writes += 1

        @rule(plan=plans)
        def watch(self, plan):
            """Who only looks writes nothing."""
            if plan in self.model:
                try:
                    self.store.restrict(VIEWER).save(plan, len(self.model[plan]), self.content(1), "周")
                except NotAllowedError:
                    return
                raise AssertionError("a viewer saved")

        @invariant()
        def is_as_the_model(self):
            assert {plan.id for plan in self.store.plans(archived=True)} == set(self.model)
            for plan, expected in self.model.items():
                versions = self.store.versions(plan)[::-1]
                assert [version.id for version in versions] == [version_id for version_id, _ in expected]
                assert [version.number for version in versions] == list(range(1, len(expected) + 1))
                assert {version.stage for version in versions} == {self.stage[plan]}
                assert self.store.document(versions[-1].id)["seed"] == expected[-1][1]
                assert len(Approvals(self.store).comments(plan)) == self.opinions[plan]
            assert self.store.count_audit_rows() == self.writes
            assert self.revisions.setdefault(self.store.revision(), self.writes) == self.writes

        def teardown(self):
            self.store.close()

    return StoreModel


def test_the_store_does_as_the_model(document):
    examples = int(os.environ.get("PIANQU_FUZZ_EXAMPLES", "2"))
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    how = settings(max_examples=examples, stateful_step_count=15, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(make_machine(document), settings=how)
