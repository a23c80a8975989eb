"""Declare what Microsoft leaves unsaid about users in Partner Center."""

from simulator.switches import declare

declare("people.duplicateStatus", 409, "Status of a user whose name is taken.")
declare("people.duplicateCode", 3000, "Code of a user whose name is taken.")
