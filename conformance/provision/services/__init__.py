"""The databases that worlds need: found, started, shared, isolated, and gone at the end.

``start`` decides between a URL, Docker and an embedded server; ``kinds`` has one file per database;
``keeper`` is the small process that ends a server when the test run is gone, however it went.
"""
