"""Build the function app from its three doors."""

from functions import build_app

app = build_app()
