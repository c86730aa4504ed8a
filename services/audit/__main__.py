"""`python -m services.audit`"""

import sys

from runtime.service import run_service
from services.audit.bootstrap import bootstrap
from services.audit.settings import AuditSettings


def main() -> int:
    """Run until a signal; the exit code is 0, 1 for an error, 75 when a batch could not be finished."""
    settings = AuditSettings()
    return run_service(settings.service, settings, bootstrap(settings))


if __name__ == "__main__":
    sys.exit(main())
