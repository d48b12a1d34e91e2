// What `osusume similar` prints of genres: those near one, or all by bias.
import Foundation
import Osusume

/// A genre in an answer.
struct SimilarGenreEntry: Encodable {
  let genre: String
  let items: Int
  var similarity: Double?
  var distance: Double?
  var bias: Float?
  let rank: Int

  init(_ genres: GenreFactors, _ place: Int, rank: Int) {
    genre = genres.names[place]
    items = genres.itemCounts[place]
    self.rank = rank
  }

  /// Entries as a table whose second column holds the figure of each, by name.
  static func table(_ entries: [SimilarGenreEntry], _ figure: String) -> [String] {
    var table = TextTable(
      ["", figure, "genre", "items"], alignments: [.right, .right, .left, .right])
    for entry in entries {
      let value = entry.similarity ?? entry.distance ?? entry.bias.map { Double($0) } ?? .nan
      table.add(
        String(entry.rank), String(format: "%.3f", value), entry.genre, entry.items.grouped)
    }
    return table.lines
  }
}

/// The nearest of a genre.
struct SimilarGenres: Report {
  let command = "similar"
  let model: String
  let modelVersion: String
  let genre: String
  let by: SimilarityMeasure
  let genres: [SimilarGenreEntry]
  @NotEncoded var lines: [String]

  init(
    _ source: SimilarSource, _ genres: GenreFactors, to place: Int,
    _ nearest: [NeighbourSearch.Neighbour], by measure: SimilarityMeasure
  ) {
    model = source.model.spec.name
    modelVersion = source.version
    genre = genres.names[place]
    by = measure
    self.genres = nearest.enumerated().map { rank, neighbour in
      var entry = SimilarGenreEntry(genres, neighbour.row, rank: rank + 1)
      if measure == .euclid {
        entry.distance = neighbour.value
      } else {
        entry.similarity = neighbour.value
      }
      return entry
    }
    lines =
      ["genre \(genre): nearest by \(measure.rawValue)"]
      + SimilarGenreEntry.table(
        self.genres, measure == .euclid ? "distance" : measure.rawValue)
  }
}

/// Genres by bias.
struct SimilarGenreBiases: Report {
  let command = "similar"
  let model: String
  let biases = "genres"
  let count: Int
  let best: [SimilarGenreEntry]
  let worst: [SimilarGenreEntry]
  @NotEncoded var lines: [String]

  init(_ source: SimilarSource, _ genres: GenreFactors, _ ranking: RankedBiases) {
    func entries(_ ranked: [RankedBiases.Entry]) -> [SimilarGenreEntry] {
      ranked.map {
        var entry = SimilarGenreEntry(genres, $0.row, rank: $0.rank)
        entry.bias = $0.bias
        return entry
      }
    }
    model = source.model.spec.name
    count = ranking.count
    best = entries(ranking.best)
    worst = entries(ranking.worst)
    lines =
      ["\(count) genres by bias; highest"] + SimilarGenreEntry.table(best, "bias")
      + (worst.isEmpty ? [] : ["", "lowest"] + SimilarGenreEntry.table(worst, "bias"))
  }
}
