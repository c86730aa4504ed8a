"""`maildesk stats`: what the rules and actions of each mailbox do, how much of it fails, and how long it takes."""
