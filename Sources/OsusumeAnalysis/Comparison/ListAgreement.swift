// How far ranked lists agree, and how far two columns of numbers rise together.
import OsusumeModels

/// Agreement of ranked lists of item indices, −1 where a list is shorter.
enum ListAgreement {
  /// The fraction of common entries of two sets of neighbours, row by row, over the longer of each two, on
  /// average; rows where both are empty are omitted.
  static func shared(_ a: [Int32], _ b: [Int32], width: Int) -> Double {
    average(a, b, width: width) { first, second in
      let longest = max(first.count, second.count)
      return longest == 0
        ? nil : Double(first.count { second.contains($0) }) / Double(longest)
    }
  }

  /// Rank-biased overlap of two sets of lists, row by row, extrapolated from what is there; on average.
  ///
  /// Each rank weighs `persistence` times the one before it: at 0.9 the first ten carry 86 %.
  /// Webber, Moffat and Zobel, TOIS 2010, equation 32 (30 where lists are equally long).
  static func rankBiasedOverlap(
    _ a: [Int32], _ b: [Int32], width: Int, persistence p: Double = 0.9
  ) -> Double {
    average(a, b, width: width) { first, second in
      let (short, long) = first.count < second.count ? (first, second) : (second, first)
      guard !short.isEmpty else { return long.isEmpty ? nil : 0 }
      // Lists are short: looking through one is quicker than hashing it.
      var common = 0
      var commonAtShort = 0
      var sum = 0.0
      var weight = 1.0
      for depth in 1...long.count {
        weight *= p
        let entry = long[long.startIndex + depth - 1]
        if short.prefix(depth - 1).contains(entry) { common += 1 }
        if depth <= short.count {
          let rival = short[short.startIndex + depth - 1]
          if long.prefix(depth).contains(rival) { common += 1 }
          commonAtShort = common
        } else {
          // Beyond the shorter list, as many of it are taken to agree as did at its end.
          sum +=
            Double(commonAtShort) * Double(depth - short.count)
            / Double(depth * short.count) * weight
        }
        sum += Double(common) / Double(depth) * weight
      }
      let tail =
        Double(common - commonAtShort) / Double(long.count)
        + Double(commonAtShort) / Double(short.count)
      return (1 - p) / p * sum + tail * weight
    }
  }

  private static func average(
    _ a: [Int32], _ b: [Int32], width: Int,
    _ agreement: (ArraySlice<Int32>, ArraySlice<Int32>) -> Double?
  ) -> Double {
    precondition(a.count == b.count && width > 0)
    let values = stride(from: 0, to: a.count, by: width).compactMap { start in
      agreement(
        a[start..<start + width].prefix { $0 >= 0 }, b[start..<start + width].prefix { $0 >= 0 })
    }
    return values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }
}

/// How far two columns of numbers rise together.
enum Correlation {
  /// Pearson's: −1 to 1; 0 where a column is constant.
  static func linear(_ x: [Double], _ y: [Double]) -> Double {
    precondition(x.count == y.count)
    let count = Double(max(1, x.count))
    let (meanX, meanY) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
    var (xx, yy, xy) = (0.0, 0.0, 0.0)
    for (a, b) in zip(x, y) {
      xx += (a - meanX) * (a - meanX)
      yy += (b - meanY) * (b - meanY)
      xy += (a - meanX) * (b - meanY)
    }
    return xx > 0 && yy > 0 ? xy / (xx * yy).squareRoot() : 0
  }

  /// Spearman's: Pearson's of the ranks, equal values sharing their mean rank.
  static func ranked(_ x: [Double], _ y: [Double]) -> Double { linear(ranks(x), ranks(y)) }

  /// The rank of each value, from 0 for the least; equal values share their mean rank.
  static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count && values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end { ranks[order[place]] = Double(start + end - 1) / 2 }
      start = end
    }
    return ranks
  }
}
