// What the originals of the catalog's models published, and which of their faults are not repeated.

/// A model's original: what it reports of itself, and what is done otherwise here.
public struct Publication: Sendable, Hashable, Encodable {
  /// What it reports, on its own data.
  public let result: String
  /// The fault of the original that is not repeated; nil where there is none.
  public let notRepeated: String?

  /// Makes a publication from its parts.
  public init(result: String, notRepeated: String?) {
    self.result = result
    self.notRepeated = notRepeated
  }
}

extension ModelSpec {
  /// What the original of a catalog model published; nil for models without one.
  public var publication: Publication? { Self.publications[name] }

  private static let publications: [String: Publication] = {
    let flax =
      "raw ids indexed tables sized by distinct counts, so that all higher ids shared the last row; rows "
      + "by user made batches of few users: rows are shuffled once here (`shuffle none` repeats that)"
    let keras =
      "its user filter kept counts instead of ids"
    let explicit =
      "metadata was scaled by row of train instead of by item, and the classes of the test set were off by 1"
    let classy =
      "train and validation sets were numbered separately, so that its validation losses are noise"
    func entry(_ result: String, _ fault: String?) -> Publication {
      Publication(result: result, notRepeated: fault)
    }
    return [
      "flax-dot": entry("validation RMSE 1.459 after 10 epochs, 61 s each", flax),
      "flax-bias": entry("validation RMSE 1.412 after 10 epochs, 95 s each", flax),
      "flax-dense": entry("validation RMSE 1.339 after 10 epochs, 111 s each", flax),
      "flax-deep": entry("validation RMSE 1.386 (best 1.373) after 10 epochs, 135 s each", flax),
      "keras-mf": entry("RMSE 1.6861", keras + "; its biases sit inside the vectors, and do here"),
      "keras-nn": entry(
        "RMSE 1.4105", keras + "; the ReLU on its rating can die: here there is none"),
      "keras-mf-interaction": entry("accuracy 0.7678, precision 0.8969, recall 0.7621", keras),
      "keras-nn-interaction": entry("accuracy 0.8050, precision 0.8907, recall 0.8282", keras),
      "keras-hybrid": entry(
        "RMSE 1.4034; accuracy 0.8790, precision 0.8931, recall 0.9759",
        keras + "; the ReLU on its rating can die: here there is none"),
      "regression": entry("none", nil),
      "deep-regression": entry("none", nil),
      "metadata": entry("none", explicit),
      "metadata-classes": entry("none", explicit),
      "recommender-v1": entry(
        "test RMSE 1.104 (reproduced with torch: 1.097, and 0.900 without items that are not in train)",
        "items without training ratings kept their start, so that they scored 0: they get the mean row here"
      ),
      "recommender-v2": entry("test RMSE 0.852 (reproduced with torch)", nil),
      "recommender-net": entry("test RMSE 0.872 (reproduced with torch)", nil),
      "dot-product-bias": entry("train MSE 0.908 after epoch 1, 0.156 after 10", classy),
      "genre-dot": entry(
        "train MSE 0.824 after epoch 1, 0.123 after 10",
        classy + "; genres that pad a list counted as genre 0"),
      "nn-simple": entry("train MSE 0.905 after epoch 1, 0.382 after 10", classy),
      "nn-extended": entry(
        "train MSE 0.900 after epoch 1, 0.349 after 10",
        classy + "; genres that pad a list counted as genre 0"),
    ]
  }()
}
