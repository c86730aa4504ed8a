"""Grafana's dashboards as code: each a list of panels, built with Grafana's own SDK into deploy/grafana/*.json."""
