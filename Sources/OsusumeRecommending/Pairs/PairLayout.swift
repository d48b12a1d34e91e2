// How a file of pairs is laid out, found from its first record.
import CKernels
import OsusumeData
import OsusumeModels

extension TableLayout {
  /// The layout of pairs: ids are text, a rating is not wanted, and a time only where scores depend on it.
  ///
  /// `ratings` is the same layout with the ratings, as they are written, in place of the items; nil where no header
  /// names a column of ratings. `delimiter` is what stands between the fields.
  ///
  /// The first record is a header if it names a column of users or items, or if the model's user ids are
  /// integers and the first field is none. Nil where a block holds nothing but blank lines.
  ///
  /// Errors: `PairError`.
  static func ofPairs(
    _ block: UnsafeRawBufferPointer, file: String, integerIDs: Bool, isTimed: Bool
  ) throws -> (pairs: TableLayout, ratings: TableLayout?, delimiter: Delimiter)? {
    let place = PairError.Place.line(file, 1)
    guard let first = try? FirstRecord(block) else { throw PairError.quote(place) }
    guard !first.fields.isEmpty else { return nil }
    let names = first.fields
    let user = ColumnNames.column(of: .user, in: names)
    let item = ColumnNames.column(of: .item, in: names)
    let hasHeader = user != nil || item != nil || integerIDs && Int64(id: names[0]) == nil
    if hasHeader && user == nil { throw PairError.noColumn(.user, file: file, columns: names) }
    if hasHeader && item == nil { throw PairError.noColumn(.item, file: file, columns: names) }
    guard names.count >= 2 else { throw PairError.columns(place) }
    var kernel = first.kernel
    let time = isTimed ? ColumnNames.column(of: .timestamp, in: names) : nil
    kernel.column = (Int32(user ?? 0), Int32(item ?? 1), -1, Int32(time ?? -1), -1)
    kernel.user_text = 1
    kernel.item_text = 1
    kernel.time_text = 1
    let pairs = TableLayout(kernel, behind: first, hasHeader: hasHeader)
    let rating = hasHeader ? ColumnNames.column(of: .rating, in: names) : nil
    kernel.column.1 = Int32(rating ?? 1)
    kernel.column.3 = -1
    let ratings = rating.map { _ in TableLayout(kernel, behind: first, hasHeader: hasHeader) }
    return (pairs, ratings, first.delimiter)
  }
}
