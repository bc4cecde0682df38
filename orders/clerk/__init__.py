"""The page on which a clerk sells what lies on the shelf, and hands over what was ordered."""
