"""Renderers: each turns the plan of the site into one kind of output, and none of them imports another."""
