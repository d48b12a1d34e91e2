// A map: where one method puts the points, and how well the places say what is near what.
import OsusumeData
import OsusumeModels

/// How points are placed.
public enum MapMethod: String, Sendable, Codable, CaseIterable {
  /// Principal components: a straight projection, which keeps the large distances.
  case pca
  /// t-distributed stochastic neighbour embedding, which keeps neighbours.
  case tsne
  /// Uniform manifold approximation and projection, which keeps neighbours.
  case umap

  /// As it is written in prose.
  public var title: String {
    switch self {
    case .pca: "PCA"
    case .tsne: "t-SNE"
    case .umap: "UMAP"
    }
  }
}

/// Places of points in two dimensions by one method.
public struct MapLayout: Sendable {
  /// How they were found.
  public var method: MapMethod
  /// Of t-SNE: the effective number of neighbours.
  public var perplexity: Double?
  /// The places, in order of point.
  public var x: [Float]
  /// The places, in order of point.
  public var y: [Float]
  /// Of PCA: the share of the variance along x and along y.
  public var shares: [Double]?
  /// Of t-SNE: the Kullback–Leibler divergence of the map's neighbourhoods from those of the vectors, in nats.
  public var divergence: Double?
  /// The share of the points' ten nearest vectors that are among the ten nearest on the map.
  public var neighboursKept = Double.nan
  /// Seconds that the places took, search for neighbours left out.
  public var seconds = 0.0

  /// Makes a layout from places.
  package init(_ method: MapMethod, x: [Float], y: [Float]) {
    self.method = method
    self.x = x
    self.y = y
  }

  /// Method and perplexity.
  public var title: String {
    method.title + (perplexity.map { ", perplexity \($0.shortest)" } ?? "")
  }

  /// The places as vectors.
  var vectors: FactorVectors {
    let table = FloatMatrix(rows: x.count, columns: 2)
    for row in x.indices { (table[row][0], table[row][1]) = (x[row], y[row]) }
    return FactorVectors(table, factors: 2)
  }
}
