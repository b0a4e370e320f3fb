"""Units become contiguous service areas: the problem, the search, and the independent check.

`problem` and `rules` say what must be decided, `plan` what was decided and `objective` what it is
worth. `solve` makes a plan of a problem: `construct`, then `search` part by part, then `bound`.
`explain`, `repair` and `compare` work on plans at hand. Behind them stand the folders:

- `conditions`: who takes part, walls, companies, locks, and the check of it all
- `searching`, `proving`: better plans, and what no plan can do better than
- `kernels`: their compiled inner loops
- `editing`: plans changed by hand
- `telling`: reasons, what binds, what would help, in words
- `documents`: PLAN.json
- `verify`: the check that trusts none of the above
- `bare`: benchmark instances
"""
