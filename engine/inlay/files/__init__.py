"""Image files: `.png .tif .jpg .webp .ora` in, `.png .tif .ora` out, with depth and ICC profile kept."""
