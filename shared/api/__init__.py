"""How we are called: endpoints, bodies, callers, problem documents and what documents them."""
