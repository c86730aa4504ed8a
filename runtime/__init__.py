"""What every service stands on: settings, Kafka, Postgres, telemetry, health, time. It knows no mail vocabulary."""
