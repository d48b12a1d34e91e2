// What stands between the fields of a text, found from its first records.
import CKernels

/// What stands between the fields of a text.
package enum Delimiter: String, Sendable, CaseIterable {
  /// `::`, as MovieLens has it.
  case doubleColon = "::"
  /// Two tabs, as Jester has it.
  case doubleTab = "\t\t"
  /// A tab.
  case tab = "\t"
  /// A comma.
  case comma = ","
  /// A semicolon.
  case semicolon = ";"
  /// `|`, as ML-100K's `u.item` has it.
  case bar = "|"
  /// Nothing: a line is one field.
  case none = ""

  /// As the kernels have it.
  package var kernel: ck_delimiter {
    ck_delimiter(byte: rawValue.utf8.first.map(CChar.init) ?? 0, width: UInt8(rawValue.utf8.count))
  }

  /// Whether a number may have a comma for its point: wherever commas do not part fields.
  package var allowsDecimalComma: Bool { self != .comma }

  /// The delimiter that cuts most of the first records of a text into as many fields as the first has.
  ///
  /// Two at least; of several, `::` before those that part what is in its fields, then the one that cuts
  /// into most. A comma where nothing cuts.
  init(of text: UnsafeRawBufferPointer) {
    var best = Candidate(delimiter: .comma, agreeing: 0, rank: 0)
    for delimiter in Self.allCases where delimiter != .none {
      let counts = delimiter.counts(in: text)
      guard let first = counts.first, first >= 2 else { continue }
      // Two tabs only where all come in twos.
      if delimiter == .doubleTab, Delimiter.tab.counts(in: text) != counts.map({ 2 * $0 - 1 }) {
        continue
      }
      let candidate = Candidate(
        delimiter: delimiter, agreeing: counts.count { $0 == first },
        rank: delimiter.rawValue.count == 2 && first >= 3 ? .max : first)
      if (candidate.agreeing, candidate.rank) > (best.agreeing, best.rank) { best = candidate }
    }
    self = best.delimiter
  }

  /// A delimiter, how many records have as many fields as the first by it, and what decides among equals.
  private struct Candidate {
    var delimiter: Delimiter
    var agreeing: Int
    var rank: Int
  }

  /// The numbers of fields of the first records: of sixteen, and within 64 KiB.
  private func counts(in text: UnsafeRawBufferPointer) -> [Int] {
    var records = Records(.init(rebasing: text.prefix(64 << 10)), self)
    var counts: [Int] = []
    while counts.count < 16, let fields = records.nextEvenOpen() { counts.append(fields.count) }
    // The last of a text that was cut is no whole record.
    if counts.count > 1 && records.isAtEnd && text.count > 64 << 10 { counts.removeLast() }
    return counts
  }
}
