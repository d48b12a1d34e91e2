// What the synthesis kernel works from: items, tables and one plan a user, at fixed addresses.
import CKernels
import Foundation

/// Everything the kernel reads, and the memory it lies in.
final class SynthesisWorld: @unchecked Sendable {
  /// First row of each user, and the number of rows at the end.
  let offsets: [Int]
  /// One plan a user.
  let users: Column<ck_synth_user>
  /// The kernel's view of the items; its pointers are valid as long as this object lives.
  private(set) var kernelWorld: ck_synth_world

  private let quality: Column<Float>
  private let traits: Column<Float>
  private let ranks: Column<Int32>
  private let centres: Column<Float>
  private let tables: [SynthesisTable]
  private let groupTables: Column<ck_synth_table>
  private let sureItems: Column<Int32>

  // Tuned so that a part of 5,500 users has the published part's spread of user and item means and its
  // errors of damped biases and of matrix factorisation.
  private static let preference: Float = 0.3
  private static let userBiasSD: Float = 0.76
  private static let noiseSD: Float = 0.92

  /// What light users expect above the rest, in points: they rate higher the fewer they rate.
  private static func leaning(ratings: Int) -> Float {
    Float(-0.18 * (log(Double(max(1, ratings))) - 4.5))
  }

  /// Share of draws in which a user takes the more popular of two: light users know what everyone
  /// knows, those with 300 ratings or more choose freely.
  private static func tilt(ratings: Int) -> Float {
    Float(min(1, max(0, (5.7 - log(Double(max(1, ratings)))) / 5)))
  }

  /// Lays out the plans of items and users.
  init(items: SynthesisItems, users plan: SynthesisUsers, seed: UInt64) {
    quality = Column(items.quality)
    traits = Column(items.traits)
    centres = Column(items.centres)
    ranks = Column(
      items.roles.map { if case .rated(let rank) = $0 { Int32(rank) } else { .max } })
    let drawn = items.popularity.indices.filter { items.popularity[$0] > 0 }
    func table(_ chosen: [Int]) -> SynthesisTable {
      SynthesisTable(items: chosen, weights: chosen.map { items.popularity[$0] })
    }
    let all = table(drawn)
    let groups = (0..<SynthesisGenre.groups).map { group in
      let chosen = drawn.filter { SynthesisGenre.all[items.genres[$0][0]].group == group }
      return chosen.isEmpty ? all : table(chosen)
    }
    tables = [all] + groups
    groupTables = Column(groups.map(\.kernelTable))
    kernelWorld = ck_synth_world(
      items: items.count, quality: quality.base, traits: traits.base, rank: ranks.base,
      all: all.kernelTable, groups: groups.count, group: groupTables.base, centre: centres.base,
      preference: Self.preference, user_bias_sd: Self.userBiasSD, noise_sd: Self.noiseSD,
      key: SynthesisStream.rows.key(seed: seed))

    let sure = SynthesisGuaranteedItems(items: items, users: plan, seed: seed)
    sureItems = Column(sure.items)
    var offsets = [0]
    offsets.reserveCapacity(plan.rated.count + 1)
    var users: [ck_synth_user] = []
    users.reserveCapacity(plan.rated.count)
    for user in plan.rated.indices {
      let rated = plan.rated[user] + sure.missing[user]
      users.append(
        ck_synth_user(
          number: UInt64(user), rated: rated, unrated: plan.unrated[user],
          sure_rated: sureItems.base + sure.offsets[2 * user],
          sure_rated_count: sure.offsets[2 * user + 1] - sure.offsets[2 * user],
          sure_seen: sureItems.base + sure.offsets[2 * user + 1],
          sure_seen_count: sure.offsets[2 * user + 2] - sure.offsets[2 * user + 1],
          leaning: Self.leaning(ratings: rated), tilt: Self.tilt(ratings: rated)))
      offsets.append(offsets[user] + rated + plan.unrated[user])
    }
    self.users = Column(users)
    self.offsets = offsets
  }
}
