"""What a plan is held to: who takes part, walls, companies, locks, and the check of it all."""
