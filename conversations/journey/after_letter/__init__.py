"""What follows a letter: whether it was answered, a reminder letter, and messages asked for."""
