"""Mixed-integer models, column generation and Lagrangian bounds of one subproblem."""
