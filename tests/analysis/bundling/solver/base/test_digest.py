"""Parts that are solved alike have one digest, others another."""

from dataclasses import replace

from analysis.bundling.solver.base.digest import digest_parts
from analysis.bundling.solver.base.subproblem import split_lead, split_whole


def test_it_follows_what_a_solution_depends_on(random_town):
    town = random_town(1, n=12, mode="mixed", anchor_share=0.3)
    lead, whole = split_lead(town)[0], split_whole(town, town.is_target.nonzero()[0])[0]
    assert digest_parts([lead]) == digest_parts([replace(lead, units=lead.units + 5)])
    changed = [
        [replace(lead, cost=lead.cost + 1)],
        [replace(lead, capacity=lead.capacity + 1)],
        [replace(lead, k=lead.k + 1)],
        [whole],
        [replace(whole, metres=whole.metres + 1)],
        [lead, whole],
        [whole, lead],
    ]
    assert len({digest_parts([lead]), *map(digest_parts, changed)}) == len(changed) + 1
