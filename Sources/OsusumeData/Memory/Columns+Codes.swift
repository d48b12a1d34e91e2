// Original ids to codes: the position of an id among the distinct ids of all given columns.
import CKernels

extension Columns {
  /// Columns of ids numbered together, in ascending order of id.
  struct Codes {
    /// For each column, the position of each row's id in `ids`.
    var columns: [[Int32]]
    /// The distinct ids.
    var ids: IDMap
  }

  /// Numbers the ids of several columns together.
  static func codes(_ columns: [IDColumn], threads: Int) -> Codes {
    let integers = columns.compactMap { column -> [Int64]? in
      if case .integers(let ids) = column { ids } else { nil }
    }
    if integers.count == columns.count { return codes(of: integers, threads: threads) }
    if columns.count == 1, case .strings(let codes, let names) = columns[0] {
      return .init(columns: [codes], ids: .strings(names))
    }
    return codesOfText(columns, threads: threads)
  }

  /// The rank of each marked place among the marked, −1 elsewhere, and how many are marked.
  static func ranks(_ marked: [UInt8]) -> (rank: [Int32], count: Int) {
    var count = 0
    let rank: [Int32] = array(marked.count) { count = ck_columns_rank(marked, marked.count, $0) }
    return (rank, count)
  }

  /// Integer ids: through a table over their range where it is modest, else by hashing.
  private static func codes(of columns: [[Int64]], threads: Int) -> Codes {
    let rows = columns.reduce(0) { $0 + $1.count }
    let bounds = columns.flatMap { ids in
      mapRanges(ids.count, threads: threads) { range in
        var low: Int64 = 0
        var high: Int64 = 0
        ck_columns_bounds(ids, range.lowerBound, range.upperBound, &low, &high)
        return (low: low, high: high)
      }
    }
    guard let low = bounds.map(\.low).min(), let high = bounds.map(\.high).max() else {
      return .init(columns: columns.map { _ in [] }, ids: .integers([]))
    }
    let (range, overflow) = high.subtractingReportingOverflow(low)
    // The table takes 5 bytes a place: up to about what the columns themselves take.
    return !overflow && range < 4 * rows + (1 << 20)
      ? denseCodes(of: columns, low: low, range: Int(range), threads: threads)
      : sparseCodes(of: columns, threads: threads)
  }

  private static func denseCodes(
    of columns: [[Int64]], low: Int64, range: Int, threads: Int
  ) -> Codes {
    var marked = [UInt8](repeating: 0, count: range + 1)
    marked.withUnsafeMutableBufferPointer { marked in
      for ids in columns {
        forEachRange(ids.count, threads: threads) {
          ck_columns_mark(ids, $0.lowerBound, $0.upperBound, low, marked.baseAddress)
        }
      }
    }
    let (rank, count) = ranks(marked)
    var distinct = [Int64]()
    distinct.reserveCapacity(count)
    for (place, mark) in marked.enumerated() where mark != 0 { distinct.append(low + Int64(place)) }
    let codes = columns.map { ids in
      array(ids.count) { codes in
        forEachRange(ids.count, threads: threads) {
          ck_columns_encode(ids, $0.lowerBound, $0.upperBound, low, rank, codes)
        }
      }
    }
    return .init(columns: codes, ids: .integers(distinct))
  }

  /// Numbers parts of the columns by hash tables, then sorts the distinct ids of all parts alone.
  private static func sparseCodes(of columns: [[Int64]], threads: Int) -> Codes {
    // Random, so that nobody can write a file whose ids collide; numbers are ranks and do not show it.
    let key = UInt64.random(in: 0 ... .max)
    var numbered = columns.map { numberParts($0, key: key, threads: threads) }
    let ids = distinct(numbered.flatMap { $0.ids.joined() })
    for column in numbered.indices {
      let parts = numbered[column].ids
      let rows = columns[column].count
      numbered[column].codes.withUnsafeMutableBufferPointer { codes in
        nonisolated(unsafe) let codes = codes
        forEachChunk(parts.count, threads: threads) { part in
          let range = evenRange(part, of: parts.count, count: rows)
          let rank: [Int32] = array(parts[part].count) {
            ck_columns_locate(parts[part], 0, parts[part].count, ids, ids.count, $0)
          }
          ck_columns_renumber(codes.baseAddress, range.lowerBound, range.upperBound, rank)
        }
      }
    }
    return .init(columns: numbered.map(\.codes), ids: .integers(ids))
  }

  /// The rows of each part numbered by themselves, and the id of each number.
  private static func numberParts(
    _ column: [Int64], key: UInt64, threads: Int
  ) -> (codes: [Int32], ids: [[Int64]]) {
    // Parts of a quarter of a million rows: few enough that their ids are quickly merged.
    let parts = max(1, min(64, column.count >> 18))
    var ids = [[Int64]]()
    let codes: [Int32] = array(column.count) { codes in
      ids = mapChunks(parts, threads: threads) { part in
        number(column, evenRange(part, of: parts, count: column.count), key: key, codes)
      }
    }
    return (codes, ids)
  }

  private static func number(
    _ column: [Int64], _ rows: Range<Int>, key: UInt64, _ codes: UnsafeMutablePointer<Int32>
  ) -> [Int64] {
    var capacity = 1 << 14
    while true {
      var table = [UInt32].unfilled(capacity)
      var ids = [Int64].unfilled(capacity / 2)
      let count = ck_columns_number(
        column, rows.lowerBound, rows.upperBound, key, &table, capacity, codes, &ids)
      if count <= capacity / 2 { return Array(ids.prefix(count)) }
      capacity *= 4
    }
  }

  /// The distinct values, ascending.
  private static func distinct(_ values: [Int64]) -> [Int64] {
    var sorted = values
    var scratch = [Int64].unfilled(values.count)
    ck_columns_sort(&sorted, sorted.count, &scratch)
    var distinct = [Int64]()
    for value in sorted where value != distinct.last { distinct.append(value) }
    return distinct
  }

  /// Columns of which at least one holds text: numbers are taken as text, too.
  private static func codesOfText(_ columns: [IDColumn], threads: Int) -> Codes {
    let texts = columns.map { column -> (codes: [Int32], names: [String]) in
      switch column {
      case .strings(let codes, let names): return (codes, names)
      case .integers(let ids):
        let codes = Self.codes(of: [ids], threads: threads)
        return (codes.columns[0], (0..<codes.ids.count).map { codes.ids[$0] })
      }
    }
    var names = [String]()
    for name in texts.flatMap(\.names).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    where !(names.last?.utf8.elementsEqual(name.utf8) ?? false) { names.append(name) }
    let map = IDMap.strings(names)
    let codes = texts.map { text in
      let ranks = text.names.map { Int32(map.index(of: $0) ?? 0) }
      return text.codes.map { ranks[Int($0)] }
    }
    return .init(columns: codes, ids: map)
  }
}
