"""The tests: one module per module of build_tools, and a few of the whole. Start reading in `conftest.py`."""
