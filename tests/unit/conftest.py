from hypothesis import settings

# No deadline on shared cores, no folder of examples in the tree, and the same examples on every run.
settings.register_profile("lab", deadline=None, database=None, derandomize=True, max_examples=50)
settings.load_profile("lab")
