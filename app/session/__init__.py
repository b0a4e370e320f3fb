"""What one open page shows: its plan, its data, its audit trail."""
