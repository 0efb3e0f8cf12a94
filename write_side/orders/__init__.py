"""Orders: from placing to delivery, cancellation or refund."""
