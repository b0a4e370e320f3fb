"""Plans are edited by hand: started, checked, saved."""
