"""Questions about the letter: the review, and what the supporter can change in it."""
