"""Long work in processes of its own: a job is a folder that says what was asked and how far it is."""
