"""What happens: the only room that talks to the world."""
