"""Files of a bureau become one checked dataset, and its units a graph of neighbours."""
