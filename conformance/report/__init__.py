"""The record of a run, the matrix made from it, and everything rendered from the two.

The engine writes a record (:mod:`conformance.record.file`), one line a verdict. All else is a
reader of it: :func:`conformance.report.matrix.build` makes pure data, the renderers make text.
"""
