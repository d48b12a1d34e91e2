// Maps as CSV and as JSON.
import Foundation
import OsusumeData

extension ModelMap {
  /// Writes a row for each point of each map: `item,title,x,y,method,perplexity`, with `user` or `genre` in
  /// the place of `item` where those are placed.
  ///
  /// Errors: `OutputError`.
  public func writeCSV(to output: ByteOutput) throws {
    try output.write("\(subject.kind.rawValue.dropLast()),title,x,y,method,perplexity\n")
    let names = subject.points.map { "\($0.id.csvField),\(($0.title ?? "").csvField)," }
    for layout in layouts {
      let end = ",\(layout.method.rawValue),\(layout.perplexity?.shortest ?? "")\n"
      for place in names.indices {
        try output.write("\(names[place])\(layout.x[place]),\(layout.y[place])\(end)")
      }
    }
  }

  /// Writes one JSON object: what is placed, what is known of each point, and the places by map.
  ///
  /// Errors: `OutputError`.
  public func writeJSON(model: String, version: String, seed: UInt64, to output: ByteOutput) throws
  {
    let file = MapFile(self, model: model, version: version, seed: seed)
    try output.write(try String(json: file, snakeCase: true) + "\n")
  }
}

/// The JSON file of maps.
private struct MapFile: Encodable {
  struct Point: Encodable {
    var item: String?
    var user: String?
    var genre: String?
    var title: String?
    var type: String?
    var genres: [String]?
    var episodes: Int?
    var averageRating: Double?
    var ratings: Int
  }

  struct Map: Encodable {
    var method: MapMethod
    var perplexity: Double?
    var divergence: Double?
    var varianceShares: [Double]?
    var neighboursKept: Double
    var x: [Float]
    var y: [Float]
  }

  var model: String
  var modelVersion: String
  var seed: UInt64
  var of: MapSubject.Kind
  var vectors: String
  var points: [Point]
  var maps: [Map]

  init(_ map: ModelMap, model: String, version: String, seed: UInt64) {
    self.model = model
    modelVersion = version
    self.seed = seed
    of = map.subject.kind
    vectors = map.subject.origin
    points = map.subject.points.map { point in
      Point(
        item: map.subject.kind == .items ? point.id : nil,
        user: map.subject.kind == .users ? point.id : nil,
        genre: map.subject.kind == .genres ? point.id : nil,
        title: map.subject.kind == .items ? point.title : nil, type: point.type,
        genres: map.subject.kind == .items ? point.genres : nil, episodes: point.episodes,
        averageRating: point.averageRating, ratings: point.ratings)
    }
    maps = map.layouts.map { layout in
      Map(
        method: layout.method, perplexity: layout.perplexity, divergence: layout.divergence,
        varianceShares: layout.shares, neighboursKept: layout.neighboursKept, x: layout.x,
        y: layout.y)
    }
  }
}
