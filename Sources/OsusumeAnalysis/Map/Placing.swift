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
    case .umap:
      let affinities = Affinities(
        try neighbourhoods(), neighbours: UMAP.neighbours, threads: options.threads)
      return UMAP(
        affinities, from: (axis(0), axis(1)), seed: options.seed, threads: options.threads
      ).run()
    }
  }

  /// Places along one principal axis.
  private func axis(_ number: Int) -> [Float] {
    (0..<vectors.count).map { Float(axes.places[$0, number]) }
  }

  /// As many of the nearest as any method asked for takes.
  private func neighbourhoods() throws -> Neighbourhoods {
    if let found { return found }
    var count = 1
    if options.methods.contains(.umap) { count = UMAP.neighbours }
    if options.methods.contains(.tsne) {
      let largest = try options.perplexities(points: vectors.count).max() ?? 30
      count = max(count, Int(3 * largest))
    }
    let near = Neighbourhoods(
      standardised, count: min(vectors.count - 1, count), threads: options.threads)
    found = near
    return near
  }
}
