// What the originals of the catalog's models published, and which of their faults are not repeated.

/// A model's original: what it reports of itself, and what is done otherwise here.
public struct Publication: Sendable, Hashable, Encodable {
  /// What it reports, on its own data; "none" where it reports nothing that can be compared.
  public let result: String
  /// What its model and settings come to where this project has tried them with torch; nil where it has not.
  public let reproduced: String?
  /// The fault of the original that is not repeated; nil where there is none.
  public let notRepeated: String?
  /// Which defaults are a choice made here, because the original does not say or does otherwise; nil: none.
  public let chosen: String?

  /// Makes a publication from its parts.
  public init(
    result: String, reproduced: String? = nil, notRepeated: String? = nil, chosen: String? = nil
  ) {
    self.result = result
    self.reproduced = reproduced
    self.notRepeated = notRepeated
    self.chosen = chosen
  }
}

extension ModelSpec {
  /// What the original of a catalog model published; nil for models without one.
  public var publication: Publication? { Self.publications[name] }

  private static let publications: [String: Publication] = {
    let shuffled =
      "raw ids indexed tables sized by distinct counts, so that all higher ids shared the last row; rows "
      + "by user made batches of few users: rows are shuffled once here (`shuffle none` repeats that)"
    let joined =
      "ratings of items that the item file lacks are kept (the original has `join inner`); rows are shuffled once"
    func flax(_ result: String) -> Publication {
      Publication(result: result, notRepeated: shuffled, chosen: joined)
    }
    func keras(_ result: String, _ fault: String = "") -> Publication {
      Publication(
        result: result, notRepeated: "its user filter kept counts instead of ids" + fault,
        chosen: "batches of 1024 and 10 epochs, which the original does not say")
    }
    let noReLU = "; the ReLU on its rating can die: here there is none"
    let whole =
      "all rows are used (the original's subset: `only_type TV`, `min_item_ratings 5000`, `max_user_id 9999`)"
    let explicit = Publication(result: "none", chosen: whole)
    let metadata = Publication(
      result: "none",
      notRepeated:
        "metadata was scaled by row of train instead of by item, and the classes of the test set were off by 1",
      chosen: whole + "; popularity counts training ratings, not all rows")
    func keras(afterFastAI reproduced: String, _ fault: String? = nil) -> Publication {
      Publication(
        result: "none", reproduced: "with torch: " + reproduced, notRepeated: fault)
    }
    let numbered =
      "train and validation sets were numbered separately, so that its validation losses are noise"
    func classy(_ result: String, _ reproduced: String, genres: Bool = false) -> Publication {
      Publication(
        result: result, reproduced: "with torch, 90:10: test RMSE " + reproduced,
        notRepeated: numbered + (genres ? "; genres that pad a list counted as genre 0" : ""),
        chosen: genres
          ? "\"(no genres listed)\" is no genre (`no_genres_as_genre` makes it one, as in the original)"
          : nil)
    }
    return [
      "flax-dot": flax("validation RMSE 1.459 after 10 epochs, 61 s each"),
      "flax-bias": flax("validation RMSE 1.412 after 10 epochs, 95 s each"),
      "flax-dense": flax("validation RMSE 1.339 after 10 epochs, 111 s each"),
      "flax-deep": flax("validation RMSE 1.386 (best 1.373) after 10 epochs, 135 s each"),
      "keras-mf": keras("RMSE 1.6861", "; its biases sit inside the vectors, and do here"),
      "keras-nn": keras("RMSE 1.4105", noReLU),
      "keras-mf-interaction": keras("accuracy 0.7678, precision 0.8969, recall 0.7621"),
      "keras-nn-interaction": keras("accuracy 0.8050, precision 0.8907, recall 0.8282"),
      "keras-hybrid": keras(
        "RMSE 1.4034; accuracy 0.8790, precision 0.8931, recall 0.9759", noReLU),
      "regression": explicit,
      "deep-regression": explicit,
      "metadata": metadata,
      "metadata-classes": metadata,
      "recommender-v1": keras(
        afterFastAI:
          "test RMSE 1.104 (once more: 1.097, and 0.900 without items that are not in train)",
        "items without training ratings kept their start, so that they scored 0: they get the mean row here"
      ),
      "recommender-v2": keras(afterFastAI: "test RMSE 0.852"),
      "recommender-net": keras(afterFastAI: "test RMSE 0.872"),
      "dot-product-bias": classy("train MSE 0.908 after epoch 1, 0.156 after 10", "0.990"),
      "genre-dot": classy(
        "train MSE 0.824 after epoch 1, 0.123 after 10", "0.991", genres: true),
      "nn-simple": classy("train MSE 0.905 after epoch 1, 0.382 after 10", "0.959"),
      "nn-extended": classy(
        "train MSE 0.900 after epoch 1, 0.349 after 10", "0.957", genres: true),
    ]
  }()
}
