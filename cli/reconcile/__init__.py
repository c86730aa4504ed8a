"""`maildesk reconcile`: every mail of the servers is recorded, published, decided, and acted on, or it is named."""
