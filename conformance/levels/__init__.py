"""What a level gives a scenario: the World's operations, modelled handlers, or the real runtime."""
