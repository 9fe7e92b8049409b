"""A letter as its sender sees it: the review, its state, its copy, and sharing the campaign."""
