"""Roads, barriers and crossings as a network to walk on (R20-R26)."""
