"""Rules in sentences, in eight languages. English stands in the code; the others are gettext catalogues beside it."""
