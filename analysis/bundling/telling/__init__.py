"""Why a plan is as it is: reasons, what binds, what would help, in words."""
