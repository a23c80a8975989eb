"""Partner Center in miniature: customers, catalogue, carts, orders and subscriptions."""
