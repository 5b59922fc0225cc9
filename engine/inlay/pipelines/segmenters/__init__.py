"""Who finds things in pictures, a file each."""
