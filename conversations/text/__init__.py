"""Text: catalogues, HTML, Markdown, country names, and reading typed input."""
