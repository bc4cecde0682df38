"""What the staff see and do of a place's stock: levels and movements, counting, files in and out."""
