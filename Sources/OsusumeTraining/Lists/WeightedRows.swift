// Who met what, and how much each meeting counts: the rows that a Gram matrix is made of.
import Foundation
import OsusumeData
import OsusumeModels

/// A sparse matrix of strengths, a row a user; renumbered, columns ascend within a row.
package struct WeightedRows {
  /// Columns by row.
  private(set) var rows: CompressedRows
  /// For each of the columns: what it counts, above 0.
  private(set) var strengths: [Float]

  /// Number of users.
  var count: Int { rows.count }

  /// What users have met, by item; what counts nothing is left out.
  init(_ met: ItemRelations) {
    var keys = CompressedRows(offsets: [0], columns: [])
    keys.offsets.reserveCapacity(met.rated.offsets.count)
    keys.columns.reserveCapacity(met.rated.items.count + met.unrated.items.count)
    for user in 0..<met.rated.offsets.count - 1 {
      for place in Int(met.rated.offsets[user])..<Int(met.rated.offsets[user + 1])
      where met.strengths[place] > 0 {
        keys.columns.append(Self.key(met.rated.items[place], met.strengths[place]))
      }
      for item in met.unrated[user] {
        keys.columns.append(Self.key(item, RatingStrength.unrated))
      }
      keys.offsets.append(Int32(keys.columns.count))
    }
    self.init(keys: keys)
  }

  /// Rows of columns and what each counts, in hundredths, from 1 to 127.
  init(_ rows: [[(column: Int32, hundredths: UInt8)]]) {
    var keys = CompressedRows(offsets: [0], columns: [])
    for row in rows {
      keys.columns += row.map { Self.key($0.column, $0.hundredths) }
      keys.offsets.append(Int32(keys.columns.count))
    }
    self.init(keys: keys)
  }

  /// The same rows with other numbers for columns; those without one, below 0, are left out.
  func renumbered(_ numbers: [Int32], columns: Int, threads: Int) -> WeightedRows {
    var keys = CompressedRows(offsets: [0], columns: [])
    keys.offsets.reserveCapacity(rows.offsets.count)
    keys.columns.reserveCapacity(rows.columns.count)
    for user in 0..<count {
      for place in Int(rows.offsets[user])..<Int(rows.offsets[user + 1]) {
        let number = numbers[Int(rows.columns[place])]
        guard number >= 0 else { continue }
        keys.columns.append(Self.key(number, UInt8((strengths[place] * 100).rounded())))
      }
      keys.offsets.append(Int32(keys.columns.count))
    }
    keys.sortRows(columns: columns << 7, threads: threads)
    return WeightedRows(keys: keys)
  }

  /// By row: the square root of its weight, its sum to the power of −`exponent`; rows together weigh as much as
  /// with 0, by which all weigh the same.
  func userWeights(exponent: Double) -> [Float] {
    guard exponent != 0 else { return [Float](repeating: 1, count: count) }
    let sums = (0..<count).map { row in
      strengths[Int(rows.offsets[row])..<Int(rows.offsets[row + 1])]
        .reduce(0.0) { $0 + Double($1) }
    }
    let weights = sums.map { $0 > 0 ? pow($0, -exponent) : 0 }
    let weighed = zip(sums, weights).reduce(0) { $0 + $1.0 * $1.1 }
    let scale = weighed > 0 ? sums.reduce(0, +) / weighed : 1
    return weights.map { Float(($0 * scale).squareRoot()) }
  }

  /// The same rows with strengths times a factor of each row's.
  func scaled(by factors: [Float]) -> WeightedRows {
    guard factors.contains(where: { $0 != 1 }) else { return self }
    var scaled = strengths
    for row in 0..<count {
      for place in Int(rows.offsets[row])..<Int(rows.offsets[row + 1]) {
        scaled[place] *= factors[row]
      }
    }
    return WeightedRows(rows: rows, strengths: scaled)
  }

  /// Adds a row for each label, of its items by their numbers (those without one, below 0, are left out), which count
  /// `weight` each.
  mutating func append(_ labels: SideInformation.Labels, weight: Float, numbers: [Int32]) {
    var byLabel = [Set<Int32>](repeating: [], count: labels.names.count)
    for (item, label) in zip(labels.items, labels.labels) where numbers[Int(item)] >= 0 {
      byLabel[Int(label)].insert(numbers[Int(item)])
    }
    for row in byLabel {
      rows.columns += row.sorted()
      rows.offsets.append(Int32(rows.columns.count))
    }
    strengths += repeatElement(weight, count: rows.columns.count - strengths.count)
  }

  private init(rows: CompressedRows, strengths: [Float]) {
    (self.rows, self.strengths) = (rows, strengths)
  }

  /// A column and its strength in one number, so that both are sorted at once.
  private static func key(_ column: Int32, _ hundredths: UInt8) -> Int32 {
    column << 7 | Int32(hundredths)
  }

  private init(keys: CompressedRows) {
    var keys = keys
    strengths = keys.columns.map { RatingStrength.value(UInt8($0 & 127)) }
    keys.columns = keys.columns.map { $0 >> 7 }
    rows = keys
  }
}
