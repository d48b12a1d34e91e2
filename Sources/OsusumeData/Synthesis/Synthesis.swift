// Synthetic stand-ins for data sets that cannot be shipped: same schema, same size, same shape.
/// A stand-in for the Kaggle *Anime Recommendations Database*.
///
/// At scale 1 it has that set's exact numbers of rows, users and items, and the published part's
/// distributions: ratings a user, popularity, ratings 1 to 10, unrated rows. A rating is the sum of item
/// quality, user bias, taste (16 latent traits, half of them shared within genres) and noise, cut where
/// the histogram wants it. The bytes depend on scale, seed and drift alone.
public struct Synthesis: Sendable {
  /// How much of everything there is.
  public let sizes: SynthesisSizes
  /// Seed of every random choice.
  public let seed: UInt64

  /// How far biases move with time, a standard deviation in points; nil: rows have no times.
  public let drift: Double?

  /// Scales that can be made.
  public static let scales: ClosedRange<Double> = 0.001...10

  /// Drifts that can be made.
  public static let drifts: ClosedRange<Double> = 0...3

  /// Ratings 1 to 10 in the published part of the real set.
  static let histogram: [Double] = [
    1448, 2011, 3458, 8200, 22301, 49434, 107237, 128100, 98148, 73976,
  ]

  /// A set of a scale (see `scales`) and a seed, its rows with times where there is a drift (see `drifts`).
  ///
  /// Errors: `SynthesisError`.
  public init(scale: Double = 1, seed: UInt64 = 42, drift: Double? = nil) throws {
    guard Self.scales.contains(scale) else { throw SynthesisError.scale(scale) }
    if let drift, !Self.drifts.contains(drift) { throw SynthesisError.drift(drift) }
    self.drift = drift
    sizes = SynthesisSizes(scale: scale)
    self.seed = seed
  }

  /// Writes `rating.csv` and `anime.csv` into a directory, which is made when missing.
  ///
  /// Each file is there whole or not at all; a directory made in vain is removed. Errors: `OutputError`.
  public func write(to directory: String, threads: Int) throws {
    let items = SynthesisItems(sizes: sizes, seed: seed)
    let users = SynthesisUsers(sizes: sizes, seed: seed)
    let rows = SynthesisRows(
      SynthesisWorld(items: items, users: users, seed: seed),
      drift: drift.map { SynthesisDrift(deviation: $0, items: items.count, seed: seed) },
      threads: threads)
    let made = try DirectoryPath.make(directory)
    do {
      // The catalog is renamed last, so that a full disk leaves neither file.
      try WholeFile.write(to: directory + "/anime.csv") { catalog in
        try catalog.write(items.catalogText(sizes: sizes, seed: seed))
        try catalog.flush()
        try WholeFile.write(to: directory + "/rating.csv") { ratings in
          try ratings.write("user_id,anime_id,rating\(drift == nil ? "" : ",timestamp")\n")
          let cuts = rows.cuts(proportions: Self.histogram)
          try rows.withText(ids: items.ids, cuts: cuts) { try ratings.write($0) }
        }
      }
    } catch {
      DirectoryPath.remove(made)
      throw error
    }
  }
}

/// Why a set could not be synthesized.
public enum SynthesisError: OsusumeError, Equatable {
  /// The scale is out of range.
  case scale(Double)
  /// The drift is out of range.
  case drift(Double)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .scale(let scale):
      let range = Synthesis.scales
      return
        "scale \(scale) cannot be made: give one from \(range.lowerBound) to \(range.upperBound)"
    case .drift(let drift):
      let range = Synthesis.drifts
      return
        "a drift of \(drift) points cannot be made: give one from \(range.lowerBound) to \(range.upperBound)"
    }
  }
}
