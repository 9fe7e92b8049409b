"""Who gets a broadcast: subscribers in its audience, or everybody for a notice."""
