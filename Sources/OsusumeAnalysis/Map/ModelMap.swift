// Maps of one model's items, users or genres, by one method or several.
import OsusumeData
import OsusumeModels

/// What is asked of a map.
public struct MapOptions: Sendable {
  /// The methods, each of which gives a map.
  public var methods: [MapMethod] = [.tsne]
  /// Perplexities of t-SNE, a map each; nil: those of `defaultPerplexities` that there are points for.
  public var perplexities: [Double]?
  /// Seed of every random choice.
  public var seed: UInt64 = 42
  /// Threads to use; places do not depend on their number.
  public var threads = allCores

  /// The defaults.
  public init() {}

  /// Fails where a number is out of range.
  ///
  /// Errors: `SettingError`.
  func check() throws {
    try SettingError.check("threads", threads, in: 1...1024)
    for perplexity in perplexities ?? [] where !(1...10_000).contains(perplexity) {
      throw SettingError.outOfRange(
        setting: "perplexity", value: "\(perplexity)", range: "numbers from 1 to 10000")
    }
  }

  /// From small groups to large ones.
  public static let defaultPerplexities: [Double] = [5, 30, 50, 100]

  /// The perplexities to use for so many points: each takes three times as many neighbours.
  ///
  /// Errors: `MapError.perplexity` where one that was asked for is too large.
  func perplexities(points: Int) throws -> [Double] {
    if let perplexities {
      if let wrong = perplexities.first(where: { Int(3 * $0) + 2 > points }) {
        throw MapError.perplexity(wrong, points: points)
      }
      return perplexities
    }
    let fitting = Self.defaultPerplexities.filter { Int(3 * $0) + 2 <= points }
    return fitting.isEmpty ? [max(1, Double(points - 1) / 3)] : fitting
  }
}

/// Points and where each method puts them.
public struct ModelMap: Sendable {
  /// The points.
  public let subject: MapSubject
  /// The maps, in the order asked for.
  public let layouts: [MapLayout]

  /// How many of a point's nearest the maps are judged by.
  public static let judgedNeighbours = 10
  /// At most so many points are judged, evenly among all.
  private static let judgedPoints = 2000

  /// Places the points by every method asked for.
  ///
  /// - Parameter progress: Told of each map that is finished, from 1.
  ///
  /// Errors: `MapError`, `SettingError` for a number out of range.
  public init(
    _ subject: MapSubject, _ options: MapOptions = .init(),
    progress: (_ layout: MapLayout) -> Void = { _ in }
  ) throws {
    try options.check()
    let vectors = subject.vectors.standardised
    let places = Placing(subject.vectors, standardised: vectors, options)
    var layouts: [MapLayout] = []
    for method in options.methods {
      for perplexity in method == .tsne
        ? try options.perplexities(points: subject.points.count) as [Double?] : [nil]
      {
        let start = ContinuousClock.now
        var layout = try places.layout(method, perplexity: perplexity)
        layout.seconds = start.duration(to: .now) / .seconds(1)
        layouts.append(layout)
        progress(layout)
      }
    }
    self.subject = subject
    self.layouts = Self.judged(layouts, vectors, threads: options.threads)
  }

  /// The layouts with the share of nearest vectors that each keeps.
  private static func judged(_ layouts: [MapLayout], _ vectors: FactorVectors, threads: Int)
    -> [MapLayout]
  {
    let count = min(judgedNeighbours, vectors.count - 1)
    let asked = min(judgedPoints, vectors.count)
    let rows = (0..<asked).map { Int32($0 * vectors.count / asked) }
    func nearest(_ vectors: FactorVectors) -> [Int32] {
      NeighbourSearch(vectors, by: .euclid).nearest(count, to: rows, threads: threads)
    }
    let right = nearest(vectors)
    return layouts.map { layout in
      let found = nearest(layout.vectors.standardised)
      var kept = 0
      for place in 0..<asked {
        let range = place * count..<(place + 1) * count
        kept += Set(right[range]).intersection(found[range]).count
      }
      var judged = layout
      judged.neighboursKept = Double(kept) / Double(asked * count)
      return judged
    }
  }
}

extension FactorVectors {
  /// The same vectors with their mean taken away, in units of the root of their mean squared element:
  /// distances keep their order, and no square overflows.
  var standardised: FactorVectors {
    let copy = FloatMatrix(rows: count, columns: factors)
    var means = [Double](repeating: 0, count: factors)
    for row in 0..<count {
      for lane in 0..<factors { means[lane] += Double(table[row][lane]) }
    }
    for lane in 0..<factors { means[lane] /= Double(max(1, count)) }
    var squares = 0.0
    for row in 0..<count {
      for lane in 0..<factors {
        let value = Double(table[row][lane]) - means[lane]
        squares += value * value
      }
    }
    let size = (squares / Double(max(1, count * factors))).squareRoot()
    let scale = size > 0 ? 1 / size : 0
    for row in 0..<count {
      for lane in 0..<factors {
        copy[row][lane] = Float((Double(table[row][lane]) - means[lane]) * scale)
      }
    }
    return FactorVectors(copy, factors: factors)
  }
}
