"""Rules that no mail can reach, found in the rules alone. Sound, not complete: what is reported is certain."""
