// The users of a synthesized set: how many rows each has, so that all sums come out exactly.
import CKernels
import Foundation

/// How many rated and unrated rows each user has; user number u has the id u + 1.
struct SynthesisUsers {
  /// Rated rows of each user, those of items missing from the catalog not included.
  private(set) var rated: [Int]
  /// Unrated rows of each user.
  private(set) var unrated: [Int]

  /// Plans the users of a set.
  init(sizes: SynthesisSizes, seed: UInt64) {
    let kept = Self.keptCounts(sizes)
    let nonraters = sizes.users - sizes.raters
    let unratedOfNonraters = CountDistribution.unratedOfNonraters.counts(
      nonraters, total: sizes.unratedOfNonraters, least: 1, most: sizes.mostUnrated)
    let withUnrated = Int(Double(sizes.raters) * CountDistribution.shareWithUnrated)
    let unratedOfRaters = CountDistribution.unratedOfRaters.counts(
      withUnrated, total: sizes.unrated - sizes.unratedOfNonraters, least: 1,
      most: sizes.mostUnrated)

    rated = [Int](repeating: 0, count: sizes.users)
    unrated = rated
    let roles = SynthesisStream.userRoles.key(seed: seed)
    let others = SynthesisStream.userUnrated.key(seed: seed)
    for user in 0..<sizes.users {
      // A random place in line: first those who rate nothing, then single raters, then the others.
      let place = Int(ck_random_permute(roles, UInt64(user), UInt64(sizes.users)))
      guard place >= nonraters else {
        unrated[user] = unratedOfNonraters[place]
        continue
      }
      let rater = place - nonraters
      rated[user] = rater < sizes.singleRaters ? 1 : kept[rater - sizes.singleRaters]
      let second = Int(ck_random_permute(others, UInt64(rater), UInt64(sizes.raters)))
      if second < withUnrated { unrated[user] = unratedOfRaters[second] }
    }
  }

  /// Ratings of each user with at least two.
  private static func keptCounts(_ sizes: SynthesisSizes) -> [Int] {
    var counts = CountDistribution.ratings.counts(
      sizes.keptUsers, total: sizes.joinedRatings - sizes.singleRaters, least: 2,
      most: sizes.mostRated)
    adjust(&counts, testRows: sizes.testRows, most: sizes.mostRated)
    return counts
  }

  /// Test rows of a user with `count` ratings under `per-user:0.1`: ⌈count / 10⌉.
  static func testRows(_ count: Int) -> Int { (count + 9) / 10 }

  /// Moves single ratings between users until ⌈count / 10⌉ adds up to `testRows`, as far as that goes;
  /// the sum of the counts stays.
  ///
  /// One more on a full ten costs a test row, one less on a count just above a full ten saves one; a
  /// partner whose own test rows stay the same makes up for it.
  private static func adjust(_ counts: inout [Int], testRows: Int, most: Int) {
    while true {
      let excess = counts.reduce(0) { $0 + Self.testRows($1) } - testRows
      guard excess != 0 else { return }
      let step = excess > 0 ? -1 : 1
      let movers = counts.indices.filter {
        counts[$0] > 10 && counts[$0] < most && counts[$0] % 10 == (step > 0 ? 0 : 1)
      }
      let partners = counts.indices.filter {
        let last = counts[$0] % 10
        return step > 0
          ? last >= 2 && counts[$0] > 2 : last >= 1 && last != 1 && counts[$0] < most
      }
      let moves = min(abs(excess), movers.count, partners.count)
      guard moves > 0 else { return }
      for (mover, partner) in zip(movers, partners).prefix(moves) {
        counts[mover] += step
        counts[partner] -= step
      }
    }
  }
}
