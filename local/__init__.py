"""Run the function app on this machine, with no cloud."""
