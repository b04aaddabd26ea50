"""The engine: drivers that hold gates, strategies that choose an order, and the judge over them."""
