// What must hold of every model: checked before it is written and after it is read.
import OsusumeData

extension Model {
  /// Checks that all parts agree with each other, that every number is in its range, and that no score
  /// can overflow.
  ///
  /// Code that scores, ranks and explains relies on this and checks no index again. Cost: one pass over
  /// everything.
  ///
  /// Errors: `ModelFileFault`.
  package func check() throws {
    try Self.checkIDs(userIDs, "user_ids")
    try Self.checkIDs(itemIDs, "item_ids")
    try Self.expect(parameters.userCount, userIDs.count, "user_ids")
    try Self.expect(parameters.itemCount, itemIDs.count, "item_ids")
    try parameters.check()
    try checkSeen()
    try seenRatings?.check(entries: seen.items.count)
    try learned.check(
      users: userIDs.count, items: itemIDs.count, layout: parameters.factors?.layout)
    guard spec.needsTimestamps == (learned.timeBiases != nil) else {
      throw ModelFileFault.tensorMissing("drift_now")
    }
    try Self.expect(itemCounts.count, itemIDs.count, "item_counts")
    if let position = itemCounts.firstIndex(where: { $0 < 0 }) {
      throw ModelFileFault.index("item_counts", at: position)
    }
    try ModelMetadata(self).check()
    try checkScores()
  }

  private static func expect(_ count: Int, _ expected: Int, _ name: String) throws {
    guard count == expected else {
      throw ModelFileFault.tensorShape(name, [count], expected: [expected])
    }
  }

  private static func checkIDs(_ ids: IDMap, _ name: String) throws {
    guard ids.count > 0 else { throw ModelFileFault.empty(name) }
    // Indices are int32 everywhere.
    guard ids.count < Int32.max else { throw ModelFileFault.index(name, at: Int(Int32.max)) }
    if let disorder = ids.firstDisorder { throw ModelFileFault.idOrder(name, at: disorder) }
  }

  /// Checks every list of items that users have met, for kernels do not.
  private func checkSeen() throws {
    for (lists, name) in [(seen, "seen"), (seenInTest, "test"), (seenUnrated, "unrated")] {
      guard let lists else { continue }
      try Self.expect(lists.offsets.count, userIDs.count + 1, "\(name)_offsets")
      try lists.check(items: itemIDs.count, name)
    }
  }
}

extension SeenItems {
  /// Checks that lists lie one after the other and that each ascends within 0..<items.
  ///
  /// Errors: `ModelFileFault` with the names of the tensors, `name`_offsets and `name`_items.
  func check(items: Int, _ name: String) throws {
    guard offsets.first == 0, offsets.last.map(Int.init) == self.items.count else {
      throw ModelFileFault.offsets("\(name)_offsets", at: 0)
    }
    if let position = offsets.firstDisorder({ $0 <= $1 }) {
      throw ModelFileFault.offsets("\(name)_offsets", at: position)
    }
    // Buffers: this loop meets every rating of the training set.
    let wrong: Int? = self.items.withUnsafeBufferPointer { entries in
      offsets.withUnsafeBufferPointer { offsets in
        for row in 0..<offsets.count - 1 {
          var previous: Int32 = -1
          for position in Int(offsets[row])..<Int(offsets[row + 1]) {
            guard entries[position] > previous, entries[position] < Int32(items) else {
              return position
            }
            previous = entries[position]
          }
        }
        return nil
      }
    }
    if let wrong { throw ModelFileFault.index("\(name)_items", at: wrong) }
  }
}
