"""`python3 installer`: sets Inlay up. Standard library only; what needs more runs inside the venv that this makes."""
