"""What is sold: products, where one is to be had now, and orders."""
