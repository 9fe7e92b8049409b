"""The services of the bot: what runs in the background, and the frame that they share."""
