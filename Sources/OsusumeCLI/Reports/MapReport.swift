// What `osusume map` prints: what was placed, and how well each map keeps what is near.
import Foundation
import Osusume

/// The maps that were written.
struct MapReport: Report {
  /// One map.
  struct Map: Encodable {
    var method: MapMethod
    var perplexity: Double?
    var klDivergence: Double?
    var varianceShares: [Double]?
    var neighboursKept: Double
    var seconds: Double
  }

  let command = "map"
  let model: String
  let modelVersion: String
  let of: MapSubject.Kind
  let points: Int
  let vectors: String
  let filtered: [String: Int]
  let maps: [Map]
  let seed: UInt64
  let threads: Int
  let output: String
  let seconds: Double
  @NotEncoded var lines: [String]

  init(
    _ map: ModelMap, model: String, version: String, options: GlobalOptions, output: String,
    seconds: Double
  ) {
    self.model = model
    modelVersion = version
    of = map.subject.kind
    points = map.subject.points.count
    vectors = map.subject.origin
    filtered = map.subject.leftOut.json
    maps = map.layouts.map { layout in
      Map(
        method: layout.method, perplexity: layout.perplexity, klDivergence: layout.divergence,
        varianceShares: layout.shares, neighboursKept: layout.neighboursKept,
        seconds: layout.seconds)
    }
    seed = options.seed
    threads = options.threads
    self.output = output
    self.seconds = seconds
    var table = TextTable(
      ["map", "nearest kept", "fit", "seconds"], alignments: [.left, .right, .right, .right])
    for layout in map.layouts {
      let fit =
        layout.divergence.map { String(format: "KL %.4f", $0) }
        ?? layout.shares.map { String(format: "%.1f %% of variance", 100 * $0.reduce(0, +)) } ?? ""
      table.add(
        layout.title, String(format: "%.1f %%", 100 * layout.neighboursKept), fit,
        String(format: "%.2f", layout.seconds))
    }
    lines =
      [
        "\(points.grouped) \(of.rawValue): \(vectors)" + map.subject.leftOut.clause
      ] + table.lines + ["\(output) written in \(String(format: "%.2f", seconds)) s"]
  }
}
