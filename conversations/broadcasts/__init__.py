"""How campaigners write, check, schedule and control broadcasts in the chat."""
