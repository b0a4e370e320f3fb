"""Units become contiguous service areas: the problem, the search, and the independent check.

`solve.solve` makes a plan of a `model.problem` and proves how far from optimal it is. The packages:

- `model`: units, rules, objectives, adjacency, jurisdictions, and which plans are feasible
- `locks`: what planners have fixed, and the presolved problem it leaves
- `solver`: construction, annealing, large neighbourhood search; `exact` and compiled `kernels` below
- `solve`: a plan of the whole problem, its bounds and its certificate
- `reassign`: repair of a plan by a local assignment MIP
- `document`: PLAN.json; `editing`: plans changed by hand; `explain`: reasons and alternatives
- `verify`: the check that trusts none of the above
- `benchmark`: benchmark instances
"""
