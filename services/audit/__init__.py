"""The execution log: decisions and results from Kafka into Postgres, each once, by way of Faust."""
