"""An application whose own script is called migrate.py."""
