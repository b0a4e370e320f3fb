"""Files of others are parsed in child processes with limits of time, memory and size."""
