"""What is counted where outside systems are spoken to, in whichever service that happens."""

from runtime.metrics import counter, gauge, histogram

ODOO_CALLS = counter(
    "maildesk_connectors_odoo_calls_total",
    "Calls of Odoo, by method and outcome: `ok`, `cancelled`, or the code of the error (connectors/odoo/errors.py)",
    ("method", "outcome"),
)
ODOO_SECONDS = histogram(
    "maildesk_connectors_odoo_call_seconds",
    "Time of one call of Odoo, the wait for a free connection included, by method",
    ("method",),
)
CERTIFICATE_EXPIRY = gauge(
    "maildesk_connectors_certificate_expiry_timestamp_seconds",
    "When the certificate ends that a mail server showed at the last connection with TLS, since the epoch, by protocol",
    ("mailbox", "protocol"),
    unit="seconds",
)
OAUTH_RENEWALS = counter(
    "maildesk_connectors_oauth_renewals_total",
    "Access tokens that were asked for, by outcome: `ok`, or the code of the error",
    ("mailbox", "outcome"),
)
OAUTH_GRANTED = gauge(
    "maildesk_connectors_oauth_granted",
    "1 when the last request for an access token succeeded, 0 when the grant has ended or the application is refused",
    ("mailbox",),
)
OAUTH_TOKEN_EXPIRY = gauge(
    "maildesk_connectors_oauth_token_expiry_timestamp_seconds",
    "When the access token ends that is used, since the epoch",
    ("mailbox",),
    unit="seconds",
)
OAUTH_GRANT_EXPIRY = gauge(
    "maildesk_connectors_oauth_grant_expiry_timestamp_seconds",
    "When the grant itself ends, since the epoch, where the provider tells",
    ("mailbox",),
    unit="seconds",
)
