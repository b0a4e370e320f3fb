"""What a plan is worth, and whether it keeps the rules, computed from scratch."""
