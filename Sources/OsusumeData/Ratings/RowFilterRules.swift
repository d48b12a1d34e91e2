// What decides over a row on its own: its rating, its item, its user.
import CKernels

/// `RatingsOptions` bound to the ids of a table.
struct RowFilterRules {
  /// The rating that is none; NaN: there is none such.
  let sentinel: Float
  /// The highest code of a user that is wanted.
  let maxUser: Int32
  /// For each item code, what becomes of its rated rows (`ck_columns_sift`).
  let itemDropReasons: [UInt8]

  /// Looks up every item once.
  init(
    users: IDMap, items: IDMap, itemCodes: [Int32], catalog: ItemCatalog,
    options: RatingsOptions, sentinel: Float?
  ) throws {
    if catalog.isEmpty {
      if options.join == .inner { throw RatingsError.needsItems("join inner") }
      if options.onlyType != nil { throw RatingsError.needsItems("only_type") }
    }
    self.sentinel = sentinel ?? .nan
    maxUser = try Self.highest(of: users, upTo: options.maxUserID)
    let counts = options.minItemRatings > 0 ? Grouping.counts(itemCodes, keys: items.count) : []
    let type = options.onlyType?.lowercased()
    itemDropReasons = (0..<items.count).map { code in
      let item = catalog.isEmpty ? nil : catalog[items[code]]
      let unlisted = !catalog.isEmpty && item == nil
      let unwanted =
        options.minItemRatings > 0 && Int(counts[code]) < options.minItemRatings
        || type.map { item?.type?.lowercased() != $0 } ?? false
      let fate =
        unlisted && options.join == .inner
        ? CK_ROW_NOT_IN_ITEMS : unwanted ? CK_ROW_SUBSET : CK_ROW_KEPT
      return UInt8(fate) | (unlisted ? UInt8(CK_ITEM_UNLISTED) : 0)
    }
  }

  private static func highest(of users: IDMap, upTo limit: Int64?) throws -> Int32 {
    guard let limit else { return .max }
    guard case .integers(let ids) = users else { throw RatingsError.maxUserIDNeedsIntegers }
    return Int32(ids.prefix { $0 <= limit }.count) - 1
  }
}
