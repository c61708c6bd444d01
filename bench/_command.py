"""`child-index`, run from this tree: ``python -m bench._command serve``."""

from api.cli import main

if __name__ == "__main__":
    main()
