"""Read `actionbot.toml` and the environment, and report every mistake with its place."""
