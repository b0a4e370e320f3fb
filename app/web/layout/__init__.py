"""The page, panel by panel; functions from what is known to what is shown."""
