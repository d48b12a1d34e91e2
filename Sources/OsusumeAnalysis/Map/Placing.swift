// Finds the places of vectors on a map, by each method; what methods share is found once.
import OsusumeData
import OsusumeModels

/// Vectors about to be placed.
final class Placing {
  private let vectors: FactorVectors
  private let standardised: FactorVectors
  private let options: MapOptions
  private var found: Neighbourhoods?
  private lazy var axes = PrincipalAxes(
    ColumnMatrix(vectors, rows: Array(0..<vectors.count)), count: 2)

  init(_ vectors: FactorVectors, standardised: FactorVectors, _ options: MapOptions) {
    self.vectors = vectors
    self.standardised = standardised
    self.options = options
  }

  /// The places by one method.
  ///
  /// Errors: `MapError.perplexity`.
  func layout(_ method: MapMethod, perplexity: Double?) throws -> MapLayout {
    switch method {
    case .pca:
      var layout = MapLayout(.pca, x: axis(0), y: axis(1))
      layout.shares = axes.shares
      return layout
    case .tsne:
      let perplexity = perplexity ?? 30
      let affinities = Affinities(
        try neighbourhoods(), perplexity: perplexity, threads: options.threads)
      var layout = TSNE(
        affinities, from: (axis(0), axis(1)), seed: options.seed, threads: options.threads
      ).run()
      layout.perplexity = perplexity
      return layout
    }
  }

  /// Places along one principal axis.
  private func axis(_ number: Int) -> [Float] {
    (0..<vectors.count).map { Float(axes.places[$0, number]) }
  }

  /// As many of the nearest as the largest perplexity takes, three times as many as it says.
  private func neighbourhoods() throws -> Neighbourhoods {
    if let found { return found }
    let largest = try options.perplexities(points: vectors.count).max() ?? 30
    let count = min(vectors.count - 1, max(1, Int(3 * largest)))
    let near = Neighbourhoods(standardised, count: count, threads: options.threads)
    found = near
    return near
  }
}
