"""The problem of bundling: units, rules, objectives, and which plans are feasible."""
