"""Send broadcasts to subscribers, show their progress, and recall them."""
