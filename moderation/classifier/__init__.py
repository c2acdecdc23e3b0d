"""The learned half: linear heads over hashed n-grams.

`hashing` and `artefact` serve, with numpy alone. `datasets`, `features`, `training`, `evaluation` and `card`
need the training environment (pyarrow, scikit-learn, Altair) and are imported by nothing that serves.
"""
