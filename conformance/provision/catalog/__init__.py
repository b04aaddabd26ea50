"""The catalogue of worlds: what each is, where its code comes from, what it needs.

``descriptor`` reads ``world.toml``; ``target`` reads what the user asked for; ``install`` gets the
code; ``launch`` puts the three together into what the engine needs to open one world instance.
"""
