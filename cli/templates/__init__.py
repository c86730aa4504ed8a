"""Rule templates: YAML files of this package from which `maildesk templates` makes rules."""
