"""One file per kind of condition: how it is checked, how it explains itself, and how it reads as a sentence."""
