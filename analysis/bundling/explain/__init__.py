"""Why a plan is as it is: alternatives, binding rules, relaxations, infeasibility."""
