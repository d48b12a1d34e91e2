// The tensors of a neighbourhood model, and what must hold of them.
import OsusumeData

extension NeighbourParameters {
  /// Everything but the biases and the seen lists, which all models have.
  var tensors: [Tensor] {
    [
      Tensor("neighbour_offsets", spokenFor.offsets),
      Tensor("neighbour_items", spokenFor.items),
      Tensor("neighbour_similarities", spokenFor.values),
      Tensor("seen_residuals", ratings.values),
      Tensor("neighbour_damping", [damping], shape: []),
    ]
  }

  /// Checks every index and number, for kernels do not.
  ///
  /// Errors: `ModelFileFault`.
  func check() throws {
    try checkRange([biases.mean], "mean")
    // Above 0: a sum of similarities is divided by it where there are none.
    try checkRange([damping], "neighbour_damping", .leastNormalMagnitude...NumberLimit.parameter)
    try Self.check(
      spokenFor, rows: biases.items.rows, items: biases.items.rows, "neighbour_offsets",
      "neighbour_items", "neighbour_similarities")
    try Self.check(
      ratings, rows: biases.users.rows, items: biases.items.rows, "seen_offsets", "seen_items",
      "seen_residuals")
    try checkRange(
      spokenFor.values, "neighbour_similarities", -NumberLimit.similarity...NumberLimit.similarity)
    try checkRange(ratings.values, "seen_residuals")
  }

  private static func check(
    _ lists: Lists, rows: Int, items: Int, _ offsets: String, _ entries: String, _ values: String
  ) throws {
    guard lists.offsets.count == rows + 1 else {
      throw ModelFileFault.tensorShape(offsets, [lists.offsets.count], expected: [rows + 1])
    }
    guard lists.offsets[0] == 0, lists.offsets[rows] == Int32(lists.items.count) else {
      throw ModelFileFault.offsets(offsets, at: 0)
    }
    if let row = (0..<rows).first(where: { lists.offsets[$0] > lists.offsets[$0 + 1] }) {
      throw ModelFileFault.offsets(offsets, at: row)
    }
    if let place = lists.items.firstIndex(where: { $0 < 0 || Int($0) >= items }) {
      throw ModelFileFault.index(entries, at: place)
    }
    guard lists.values.count == lists.items.count else {
      throw ModelFileFault.tensorShape(
        values, [lists.values.count], expected: [lists.items.count])
    }
  }
}
