"""A letter as its sender sees it: review, sending, state, copy, and sharing the campaign."""
