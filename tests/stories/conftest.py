"""Where many stories begin."""

from tests.firing import three
from tests.outside import customer, fate, staffed

__all__ = ["customer", "fate", "staffed", "three"]
