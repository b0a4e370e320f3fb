"""`python -m app.cli` is `pianqu`."""

from app.cli.main import main

if __name__ == "__main__":
    main()
