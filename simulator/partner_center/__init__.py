"""Partner Center in miniature: customers, catalogue, carts, orders and subscriptions."""

from simulator.partner_center import switches

__all__ = ["switches"]
