"""`maildesk timeline`: what happened to a mail, or to a whole conversation, step by step."""
