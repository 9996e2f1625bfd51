"""What reports say, and what they leave out: facts that a reader needs, and the follow-up."""
