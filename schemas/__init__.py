"""What crosses a process: one file per record family, the topics, the envelope. Stands on nothing of ours."""
