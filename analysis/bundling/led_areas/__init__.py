"""Mode "area": areas with leaders inside, searched, led and bounded."""
