"""``python -m migrate`` is ``pickle-migrate``."""

from migrate.cli import main

if __name__ == "__main__":
    main()
