"""Commands that create and change settings and campaign folders, and the dialogue they share."""
