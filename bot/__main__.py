"""`python -m bot` is `actionbot`."""

from bot.cli import main

main()
