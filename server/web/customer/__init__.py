"""The pages of a customer: what they earned, what they shared, who brought them."""
