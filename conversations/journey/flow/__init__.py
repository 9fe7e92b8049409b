"""How a journey goes on: the registry of questions, transitions, interruptions, and buttons."""
