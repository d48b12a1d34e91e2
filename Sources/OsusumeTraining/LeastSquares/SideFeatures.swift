// Sparse features of users and items: who watched what, and the genres and types of items.
import OsusumeData
import OsusumeModels

/// Features of rows, each row's weighing 1/√(number of the row's features).
package struct SideFeatures: Sendable {
  /// What they are.
  package let kind: SideInformation.Kind
  /// Number of features.
  package let count: Int
  /// The features of each row.
  package let byRow: CompressedRows
  /// The rows that have each feature, of those that have ratings: the others say nothing of it.
  package let byFeature: CompressedRows
  /// 1/√(number of a row's features), row by row; 0 where it has none.
  package let scales: [Float]
  /// The scale of the row of each pair in `byRow`.
  package let values: [Float]

  /// Features of rows with ratings, over the number of those rows.
  var countPerRow: Double {
    let (offsets, rows) = (byFeature.offsets, Set(byFeature.columns).count)
    let known = (0..<count).count { offsets[$0] < offsets[$0 + 1] }
    return Double(known) / Double(max(1, rows))
  }

  /// Groups pairs of a row and a feature of it, no pair twice.
  ///
  /// `isRated`: whether each row has ratings.
  package init(
    _ kind: SideInformation.Kind, rows: [Int32], features: [Int32], count: Int, isRated: [Bool],
    threads: Int
  ) {
    self.kind = kind
    self.count = count
    byRow = CompressedRows(keys: rows, columns: features, count: isRated.count, threads: threads)
    let offsets = byRow.offsets
    let scales = isRated.indices.map { row -> Float in
      let features = offsets[row + 1] - offsets[row]
      return features > 0 ? 1 / Float(features).squareRoot() : 0
    }
    self.scales = scales
    values = isRated.indices.flatMap { row in
      repeatElement(scales[row], count: Int(offsets[row + 1] - offsets[row]))
    }
    let kept = rows.indices.filter { isRated[Int(rows[$0])] }
    byFeature = CompressedRows(
      keys: kept.map { features[$0] }, columns: kept.map { rows[$0] }, count: count,
      threads: threads)
  }
}

extension SideInformation {
  /// The features of users, or of items, that some settings ask for, given the training rows.
  func features(
    of entity: Entity, _ kinds: [Kind], train: IndexedRatings, users: Int, items: Int, threads: Int
  ) -> [SideFeatures] {
    guard !kinds.isEmpty else { return [] }
    var isRated = [Bool](repeating: false, count: entity == .user ? users : items)
    for row in entity == .user ? train.users : train.items { isRated[Int(row)] = true }
    func features(_ kind: Kind, _ rows: [Int32], _ features: [Int32], _ count: Int) -> SideFeatures
    {
      SideFeatures(
        kind, rows: rows, features: features, count: count, isRated: isRated, threads: threads)
    }
    let (watchers, watched) = (train.users + unrated.users, train.items + unrated.items)
    switch entity {
    case .user:
      return kinds.contains(.history) ? [features(.history, watchers, watched, items)] : []
    case .item:
      let audience =
        kinds.contains(.audience) ? [features(.audience, watched, watchers, users)] : []
      guard kinds.contains(.metadata), !labels.names.isEmpty else { return audience }
      return audience + [features(.metadata, labels.items, labels.labels, labels.names.count)]
    }
  }
}
