"""``python -m conformance`` and ``world-conformance``."""

from conformance.cli._app import main

if __name__ == "__main__":
    main()
