// Mean and spread of a table's rows, lane by lane: what is expected of a row before its ratings.
import OsusumeData

/// Mean and standard deviation of some lanes over some rows of a table.
struct LaneMoments: Sendable {
  /// Mean of each lane.
  let means: [Float]
  /// Standard deviation of each lane.
  let deviations: [Float]

  /// Sums in double precision, in the order of rows.
  init(_ table: FloatMatrix, lanes: some Collection<Int>, where counts: (_ row: Int) -> Bool) {
    var sums = [Double](repeating: 0, count: lanes.count)
    var squares = sums
    var rows = 0.0
    for row in 0..<table.rows where counts(row) {
      let values = table[row]
      rows += 1
      for (place, lane) in lanes.enumerated() {
        sums[place] += Double(values[lane])
        squares[place] += Double(values[lane]) * Double(values[lane])
      }
    }
    let count = max(1, rows)
    means = sums.map { Float($0 / count) }
    deviations = zip(squares, sums).map { square, sum in
      Float(max(0, square / count - (sum / count) * (sum / count)).squareRoot())
    }
  }
}
