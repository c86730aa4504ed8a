"""`maildesk doctor`: looks at everything that MailDesk needs, and says what is wrong and what to do. It only reads."""
