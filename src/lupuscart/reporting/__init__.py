"""What a finding is made of: its sentences, its table, its drawing, and how a page shows it."""
