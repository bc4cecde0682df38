"""The outbox for staff: what people were told, or would have been, and what became of it."""
