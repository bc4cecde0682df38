"""People who work in the halls: who they are, what they may do, and their sessions."""
