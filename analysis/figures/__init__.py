"""What an indicator is made of: facts of a dataset, tallies, targets, figures and how they are shown."""
