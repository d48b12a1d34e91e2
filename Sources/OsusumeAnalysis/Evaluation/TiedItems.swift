// Items that a model scores alike for a user: which of them comes first is chance.
import CKernels
import OsusumeModels

/// A stretch of one user's ranking whose items have one score; most hold a single item.
struct TiedItems: Sendable, Equatable {
  /// Ascending: the items or, where those are fewer, all other items.
  let listed: [Int32]
  /// Whether `listed` are the others.
  let isInverted: Bool
  /// Number of items.
  let count: Int

  /// Some items, ascending.
  init(_ items: [Int32]) {
    listed = items
    isInverted = false
    count = items.count
  }

  /// All of so many items, but for those left out, ascending.
  init(allOf items: Int, excluding leftOut: ArraySlice<Int32>) {
    listed = Array(leftOut)
    isInverted = true
    count = items - leftOut.count
  }

  /// All items whose value is `value`, but for those left out, ascending.
  init(where values: [Float], are value: Float, excluding leftOut: ArraySlice<Int32>) {
    var (members, others) = ([Int32](), [Int32]())
    var next = leftOut.startIndex
    for item in 0..<Int32(values.count) {
      let isLeftOut = next < leftOut.endIndex && leftOut[next] == item
      if isLeftOut { next += 1 }
      let isMember = values[Int(item)] == value && !isLeftOut
      if isMember { members.append(item) } else { others.append(item) }
    }
    isInverted = others.count < members.count
    listed = isInverted ? others : members
    count = members.count
  }

  /// Whether an item is one of them.
  func holds(_ item: Int32) -> Bool { listed[...].holds(item) != isInverted }

  /// How many of an ascending list are among them, of `items` items in all.
  func count(of list: ArraySlice<Int32>, items: Int) -> Int {
    if !isInverted, listed.count == 1 { return list.holds(listed[0]) ? 1 : 0 }
    return list.count { $0 < items && holds($0) }
  }

  /// The sum of their weights, of which `total` is that of all items.
  func sum(_ weights: [Double], total: Double) -> Double {
    let own = listed.reduce(0) { $0 + weights[Int($1)] }
    return isInverted ? total - own : own
  }

  /// All of them, of `items` items in all, ascending.
  func members(of items: Int) -> [Int32] {
    isInverted ? (0..<Int32(items)).filter { holds($0) } : listed
  }

  /// Some of them, each as likely as any other: those that a random order puts first.
  func drawn(_ wanted: Int, of items: Int, key: UInt64) -> [Int32] {
    guard wanted < count else { return members(of: items) }
    // Floyd's algorithm: of the places up to each last one, a random one, or the last if that is taken.
    var places = Set<Int>()
    for last in (count - wanted)..<count {
      let place = Int(ck_random_bits(key, UInt64(last)) % UInt64(last + 1))
      places.insert(places.contains(place) ? last : place)
    }
    return places.sorted().map { member(at: $0) }
  }

  /// The one at a place, counted from 0.
  private func member(at place: Int) -> Int32 {
    guard isInverted else { return listed[place] }
    // The number of others in front of it: others[j] − j members come before the j-th other.
    return Int32(place + listed.indices.firstPlace { Int(listed[$0]) - $0 > place })
  }
}
