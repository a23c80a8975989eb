"""Declare what Microsoft leaves unsaid about users in Partner Center."""

from simulator.switches import declare

for _name, _default, _about in (
    ("people.createStatus", 200, "Status of a user that was created: or 201."),
    ("people.locationNeeded", True, "Licences need a usage location."),
    ("people.duplicateStatus", 409, "Status of a user whose name is taken."),
    ("people.duplicateCode", 3000, "Code of a user whose name is taken."),
):
    declare(_name, _default, _about)
