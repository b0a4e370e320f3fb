"""The figures of the action plan, each with its numerator, denominator and basis."""
