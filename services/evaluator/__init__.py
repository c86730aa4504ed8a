"""Decides: every mail event, against the rules of its mailbox, becomes one decision and the commands that follow.

Stateless, and without any I/O besides Kafka: the rules come from the compacted topic `automation-rules`.
"""
