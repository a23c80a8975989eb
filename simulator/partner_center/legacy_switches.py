"""Declare what may be asked of the old commerce, which hardly sells any more."""

from simulator.switches import declare

for _name, _default, _about in (
    ("legacy.closed", True, "Base offers are sold no more (500600 in a cart, 800020 in an order)."),
    ("legacy.etagRequired", True, "A PATCH of a legacy subscription without its etag is 2055."),
    ("legacy.suspendedDays", 90, "Days that a suspended legacy subscription is kept."),
):
    declare(_name, _default, _about)
