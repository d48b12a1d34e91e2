// From original ids in text to indices, many times over.
import CKernels

/// An `IDMap` turned round: constant time an id, at the price of a table.
public struct IDLookup: Sendable {
  private enum Table {
    /// position of id `lowest + n` at n; −1 where there is none.
    case dense(lowest: Int64, positions: [Int32])
    case sparse([Int64: Int32])
    /// By bytes: equal texts of different bytes are different ids.
    case strings([[UInt8]: Int32])
  }

  private let table: Table

  /// Makes a table for the ids of a map.
  package init(_ ids: IDMap) {
    switch ids {
    case .integers(let ids): table = Self.integers(ids)
    case .strings(let ids):
      var positions = [[UInt8]: Int32](minimumCapacity: ids.count)
      for (position, id) in ids.enumerated() { positions[Array(id.utf8)] = Int32(position) }
      table = .strings(positions)
    }
  }

  /// Whether ids are integers.
  public var holdsIntegers: Bool { if case .strings = table { false } else { true } }

  /// The index of an id that is an integer, and so its text; nil when it is not here.
  public func index(of id: Int64) -> Int32? {
    switch table {
    case .dense(let lowest, let positions):
      let (place, overflow) = id.subtractingReportingOverflow(lowest)
      guard !overflow, place >= 0, place < positions.count else { return nil }
      let position = positions[Int(place)]
      return position < 0 ? nil : position
    case .sparse(let positions): return positions[id]
    case .strings(let positions): return positions[Array(String(id).utf8)]
    }
  }

  /// The index of an id by its text; nil when it is not here.
  public func index(of id: ArraySlice<UInt8>) -> Int32? {
    if case .strings(let positions) = table { return positions[Array(id)] }
    return Int64(id: id).flatMap { index(of: $0) }
  }

  /// A dense table where it takes no more than a few dozen bytes an id.
  private static func integers(_ ids: [Int64]) -> Table {
    guard let lowest = ids.first, let highest = ids.last else { return .sparse([:]) }
    let (span, overflow) = highest.subtractingReportingOverflow(lowest)
    if !overflow && span < 16 * Int64(ids.count) + 65_536 {
      var positions = [Int32](repeating: -1, count: Int(span) + 1)
      for (position, id) in ids.enumerated() { positions[Int(id - lowest)] = Int32(position) }
      return .dense(lowest: lowest, positions: positions)
    }
    var positions = [Int64: Int32](minimumCapacity: ids.count)
    for (position, id) in ids.enumerated() { positions[id] = Int32(position) }
    return .sparse(positions)
  }
}

extension Int64 {
  /// The integer whose text an id is; nil for any other text: 007 and +7 are not 7.
  package init?(id text: ArraySlice<UInt8>) {
    var value: Int64 = 0
    let status = text.withUnsafeBytes { bytes in
      ck_ingest_id(bytes.bindMemory(to: CChar.self).baseAddress, bytes.count, &value)
    }
    guard status == CK_INGEST_OK else { return nil }
    self = value
  }

  /// The same of a string.
  package init?(id text: String) { self.init(id: Array(text.utf8)[...]) }
}
