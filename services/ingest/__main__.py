"""`python -m services.ingest`"""

import sys

from runtime.service import run_service
from services.ingest.bootstrap import bootstrap
from services.ingest.settings import IngestSettings


def main() -> int:
    """Run until a signal; the exit code is 0, or 1 for an error."""
    settings = IngestSettings()
    return run_service(settings.service, settings, bootstrap(settings))


if __name__ == "__main__":
    sys.exit(main())
