// The nearest vectors of many, by any measure: each is the search for the largest inner product.
import OsusumeData
import OsusumeModels

/// Vectors ready to be searched for the nearest of any of them.
///
/// The nearest by cosine have the largest inner product of unit vectors; those by Euclid
/// the largest x·y − ½‖y‖², which is ½‖x‖² − ½‖x − y‖².
public struct NeighbourSearch: Sendable {
  /// A neighbour and how near it is.
  public struct Neighbour: Sendable, Equatable, Codable {
    /// Its row.
    public var row: Int
    /// The measure between it and the vector asked about.
    public var value: Double
  }

  private let vectors: FactorVectors
  private let measure: SimilarityMeasure
  private let lengths: [Double]
  private let search: FactorSearch

  /// Prepares all vectors, or those of `candidates` (distinct rows), to be found.
  package init(
    _ vectors: FactorVectors, by measure: SimilarityMeasure, candidates: [Int32]? = nil
  ) {
    self.vectors = vectors
    self.measure = measure
    lengths = vectors.norms()
    let layout = FactorLayout(factors: vectors.factors, biased: measure == .euclid)
    let tables = FactorParameters(layout: layout, users: 0, items: vectors.count)
    for row in 0..<vectors.count {
      Self.copy(row, of: vectors, to: tables.items[row], scale: measure.scale(lengths[row]))
      if layout.biased {
        tables.items[row][layout.itemBiasLane] = Float(-lengths[row] * lengths[row] / 2)
      }
    }
    search = FactorSearch(tables, candidates: candidates)
  }

  /// The rows of the `count` nearest of each of some rows, nearest first, without the row itself.
  ///
  /// Ties, up to the precision of float32, are ordered by row. −1 where there are fewer.
  package func nearest(_ count: Int, to rows: [Int32], threads: Int) -> [Int32] {
    let layout = search.parameters.layout
    let queries = FactorParameters(layout: layout, users: rows.count, items: 0).users
    for (place, row) in rows.enumerated() {
      Self.copy(
        Int(row), of: vectors, to: queries[place], scale: measure.scale(lengths[Int(row)]))
    }
    let own = SeenItems(offsets: (0...Int32(rows.count)).map { $0 }, items: rows)
    return search.top(
      count, for: (0..<Int32(rows.count)).map { $0 }, in: queries, excluding: own, threads: threads
    ).items
  }

  /// The `count` nearest of one row, nearest first, without the row itself.
  package func nearest(_ count: Int, to row: Int) -> [Neighbour] {
    let own = vectors[row]
    return nearest(count, to: [Int32(row)], threads: 1).filter { $0 >= 0 }
      .map { Neighbour(row: Int($0), value: measure.between(own, vectors[Int($0)])) }
      .sorted { measure == .euclid ? $0.value < $1.value : $0.value > $1.value }
  }

  private static func copy(
    _ row: Int, of vectors: FactorVectors, to lanes: UnsafeMutableBufferPointer<Float>,
    scale: Float
  ) {
    for (lane, value) in vectors[row].enumerated() { lanes[lane] = value * scale }
  }
}

extension SimilarityMeasure {
  /// What a vector of some length is multiplied with before it is searched.
  fileprivate func scale(_ length: Double) -> Float {
    self == .cosine && length > 0 ? Float(1 / length) : 1
  }
}
