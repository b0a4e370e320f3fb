"""What every part of the solver rests on: the subproblem, the evaluation of its labels, the budget and its progress."""
