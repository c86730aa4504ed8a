"""Rules that were switched on with a backlog are applied, once, to the mail that is there already."""
