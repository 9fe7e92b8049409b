"""Words and text: the bot's catalogues, HTML, Markdown, countries and typed input."""
