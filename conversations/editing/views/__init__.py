"""What the editor of campaigns shows: its pages, a preview, and mistakes in words."""
