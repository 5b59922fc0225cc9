"""What several model families are built from."""
