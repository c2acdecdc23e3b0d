"""The learned half: linear heads over hashed n-grams, and a small transformer for what they are unsure of.

`hashing`, `artefact`, `encoder` and `cascade` serve, with numpy, onnxruntime and tokenizers. The others need the training
environment (pyarrow, scikit-learn, Altair, torch) and are imported by nothing that serves: `datasets` reads the rows;
`features`, `training`, `evaluation` and `card` are the first stage's; `base_weights`, `contrasts`, `encoder_rows`,
`encoder_network`, `encoder_graph`, `encoder_training` and `encoder_evaluation` the second's.
"""
