"""A rule is applied, once, to the mail that is there already: when it is switched on with a backlog, or on demand."""
