"""What no plan can do better than, and models solved exactly."""
