"""Heuristic search for good plans, one subproblem at a time, within a budget."""
