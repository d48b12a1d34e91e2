// Binary search: the place from which on a condition holds.

extension Range<Int> {
  /// The first place at which a condition holds that then holds at all further ones; the upper bound where it
  /// never does.
  @inlinable package func firstPlace(where holds: (Int) -> Bool) -> Int {
    var (low, high) = (lowerBound, upperBound)
    while low < high {
      let middle = (low + high) / 2
      if holds(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension ArraySlice<Int32> {
  /// The first place of an ascending list that holds a number or a greater one.
  @inlinable package func firstPlace(from wanted: Int32) -> Int {
    indices.firstPlace { self[$0] >= wanted }
  }

  /// Whether an ascending list holds a number.
  @inlinable package func holds(_ wanted: Int32) -> Bool {
    let place = firstPlace(from: wanted)
    return place < endIndex && self[place] == wanted
  }
}
