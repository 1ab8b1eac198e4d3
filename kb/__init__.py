"""What the assistant knows: entries with their sources, places, lists of then and doors of today, and their search."""
