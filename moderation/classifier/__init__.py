"""The learned half: linear heads over hashed n-grams, a small transformer for what they are unsure of, and how well all do.

Serving needs numpy, onnxruntime and tokenizers:
  hashing     n-grams of texts and their weighted sums     artefact    a model folder, and the model as it serves
  encoder     the second stage                             cascade     two stages as one scorer
  ledger      which models learned here are in force       gating      a candidate against the live models
  ranking     areas under the ROC curve                    bias        what naming a group does
Training, imported by nothing that serves (pyarrow, scikit-learn, Altair, torch):
  datasets    labelled rows, licences, duplicates          recipe      what a model is made of
  features    the n-grams for scikit-learn                 training    recipe and rows in, model folder out
  card        the model card                               vocabulary  the words of readable English
  base_weights, contrasts, encoder_rows, encoder_network, encoder_graph, encoder_training, encoder_evaluation
              the second stage's: what it starts from, our own sentences, rows, network, file, training, measuring
Measuring:
  measuring   areas, calibration, thresholds               evaluation  a card's figures, and whether they hold
  tables      figures as Markdown                          systems     models, the engine and peers alike
  slicing     which comments have what                     perturbing  words in disguise
  marking     which words are marked                       probing     the sections of these and of bias
  reporting   the report; document writes it
"""
