"""Name the things we point at, so that a customer's id is never passed for a subscription's."""

from typing import NewType

ConnectionId = NewType("ConnectionId", str)
CustomerId = NewType("CustomerId", str)
"""The customer's Entra tenant GUID, in lower case."""
OfferId = NewType("OfferId", str)
"""``product:sku`` of the new-commerce catalog; the stable half of a catalog item id."""
SkuId = NewType("SkuId", str)
"""The Entra SKU GUID that licences are counted by, in lower case."""
ServicePlanId = NewType("ServicePlanId", str)
SubscriptionId = NewType("SubscriptionId", str)
PlanId = NewType("PlanId", str)
BatchId = NewType("BatchId", str)
OperationId = NewType("OperationId", str)
RunId = NewType("RunId", str)
PoisonId = NewType("PoisonId", str)
"""Which message was put aside: a digest of its queue and its text."""
