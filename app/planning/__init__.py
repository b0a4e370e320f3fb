"""Plans asked for, run in a process of their own, explained, repaired, compared."""
