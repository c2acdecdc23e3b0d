"""The learned half: linear heads over hashed n-grams, and how well everything that judges does.

Serving needs numpy alone:
  hashing     n-grams of texts and their weighted sums     artefact    a model folder, and the model as it serves
  ledger      which models learned here are in force       gating      a candidate against the live models
  ranking     areas under the ROC curve                    bias        what naming a group does
Training, imported by nothing that serves (pyarrow, scikit-learn, Altair):
  datasets    labelled rows, licences, duplicates          recipe      what a model is made of
  features    the n-grams for scikit-learn                 training    recipe and rows in, model folder out
  card        the model card                               vocabulary  the words of readable English
Measuring:
  measuring   areas, calibration, thresholds               evaluation  a card's figures, and whether they hold
  tables      figures as Markdown                          systems     models, the engine and peers alike
  slicing     which comments have what                     perturbing  words in disguise
  marking     which words are marked                       probing     the sections of these and of bias
  reporting   the report; document writes it
"""
