"""`python -m bot` is `actionbot`."""

from bot.cli.main import main

main()
