"""Studies on a dataset and a plan: charging sites, phases, agencies, monitoring, single buildings."""
