"""Buttons of campaigners: composing, approving and controlling a broadcast."""
