"""minhbach: the figures of public reports, checked and published. Start reading in `build.py`."""

__version__ = "0.1.0"
