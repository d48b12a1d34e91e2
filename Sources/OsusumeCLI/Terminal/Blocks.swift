// A curve as one line of blocks, for terminals.

enum Blocks {
  private static let heights = Array("▁▂▃▄▅▆▇█")

  /// Figures as blocks, from the lowest figure to the highest.
  ///
  /// Of more than `width` an even choice, the first and the last included. What is no finite number is a blank.
  static func line(_ figures: [Double], width: Int = 60) -> String {
    let shown =
      figures.count <= width
      ? figures : (0..<width).map { figures[$0 * (figures.count - 1) / (width - 1)] }
    let known = shown.filter(\.isFinite)
    guard let low = known.min(), let high = known.max() else { return "" }
    return String(
      shown.map { figure -> Character in
        guard figure.isFinite else { return " " }
        guard high > low else { return heights[0] }
        // Halves first: the distance between two finite numbers need not be one.
        let part = (figure / 2 - low / 2) / (high / 2 - low / 2)
        return heights[min(heights.count - 1, Int(part * Double(heights.count)))]
      })
  }
}
