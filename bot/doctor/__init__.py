"""`actionbot doctor`: test the whole setup and report what was found, what it means and a fix."""
