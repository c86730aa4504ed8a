"""Which rules can match a mail at all, found without trying them one by one."""
