"""What the screens and commands ask for: each function one answer from dataset, policy and plan."""
