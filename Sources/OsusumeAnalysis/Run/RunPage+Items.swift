// What a model has learned of items: their biases, how alike they are, and which are nearest to the best known.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeRecommending

extension RunPage {
  /// Items at either end of a ranking.
  private static let ends = 10
  /// Training ratings that an item needs to be among them, where there are so many.
  private static let fewest = 20

  /// An item's title, or its id.
  func name(_ item: Int, _ length: Int = 48) -> String {
    let id = model.itemIDs[item]
    return (model.catalog[id]?.title ?? data.catalog[id]?.title ?? id).shown(length)
  }

  private func metadata(_ item: Int) -> Item? {
    let id = model.itemIDs[item]
    return model.catalog[id] ?? data.catalog[id]
  }

  /// The items with the highest and the lowest biases.
  var biasSection: ReportSection? {
    var filter = ItemFilter()
    filter.minRatings = Self.fewest
    if model.itemCounts.count(where: { Int($0) >= Self.fewest }) < 2 * Self.ends {
      filter.minRatings = 1
    }
    guard let items = try? model.items(passing: filter),
      let ranked = try? RankedBiases(model, of: .item, count: Self.ends, among: items)
    else { return nil }
    func table(_ entries: [RankedBiases.Entry], _ caption: String) -> ReportTable {
      ReportTable(
        ["item", "type", "bias", "training ratings"],
        entries.map { entry in
          [
            name(entry.row), metadata(entry.row)?.type?.shown(12) ?? "",
            String(format: "%+.3f", entry.bias), Int(model.itemCounts[entry.row]).grouped,
          ]
        }, textColumns: 2, caption: caption)
    }
    return ReportSection(
      "Items by bias",
      [
        "An item's bias is how much higher it is rated, in rating points, than everything else explains. Of "
          + "\(ranked.count.grouped) items with at least \(filter.minRatings) training ratings."
      ],
      tables: [table(ranked.best, "The highest"), table(ranked.worst, "The lowest")])
  }

  // MARK: Similarities

  /// Items whose pairs are compared.
  private static let compared = 800
  /// Ratings that an item needs to be compared: vectors of fewer say little.
  private static let fewestCompared = 5

  /// How alike items are, all pairs of them and each with its nearest.
  var similaritySection: ReportSection? {
    var text: [String] = []
    var charts: [ReportChart] = []
    var candidates = model.itemCounts.indices
      .filter { Int(model.itemCounts[$0]) >= Self.fewestCompared }.map { Int32($0) }
    if candidates.count < 20 {
      candidates = model.itemCounts.indices.filter { model.itemCounts[$0] > 0 }.map { Int32($0) }
    }
    let count = min(Self.compared, candidates.count)
    guard count > 2 else { return nil }
    let rows = (0..<count).map { candidates[$0 * candidates.count / count] }
    if let vectors = model.parameters.vectors(of: .item) {
      let (pairs, nearest) = cosines(vectors, rows, candidates)
      let mean = pairs.reduce(0, +) / Double(max(1, pairs.count))
      let variance =
        pairs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, pairs.count))
      let width = 1 / Double(vectors.factors).squareRoot()
      let mostAlike = nearest.reduce(0, +) / Double(max(1, nearest.count))
      text.append(
        "Cosines of item vectors, \(vectors.factors) wide: all pairs of \(rows.count.grouped) items average "
          + "\(mean.thousandths), with a standard deviation of \(variance.squareRoot().thousandths), where vectors "
          + "that point anywhere would have \(width.thousandths). With its nearest of all "
          + "\(candidates.count.grouped) items, an item's cosine is \(mostAlike.thousandths) on average."
      )
      charts.append(
        histogram(
          [(Self.pairsLabel, pairs), (Self.nearestLabel, nearest)], in: -1...1, "cosine",
          "Cosines between items"))
    }
    let own = rows.flatMap { row in
      (model.ranker.neighbours(ofItem: Int(row)) ?? []).map { Double($0.similarity) }
    }.filter { $0.isFinite }
    if let low = own.min(), let high = own.max(), low < high {
      let words = model.ranker.neighbourMeasure.words
      text.append(
        "Similarities that the model itself keeps between \(rows.count.grouped) items and their neighbours "
          + "(\(words)s): \(own.count.grouped), \(String(format: "%.4f to %.4f", low, high)).")
      charts.append(
        histogram(
          [(Self.pairsLabel, own)], in: low...high, words,
          "\(words.prefix(1).uppercased() + words.dropFirst())s the model keeps"))
    }
    guard !charts.isEmpty else { return nil }
    return ReportSection("How alike items are", text, charts: charts)
  }

  /// The cosines of all pairs of some items, and of each with the nearest of all candidates.
  private func cosines(_ vectors: FactorVectors, _ rows: [Int32], _ candidates: [Int32]) -> (
    pairs: [Double], nearest: [Double]
  ) {
    let units = rows.map { row -> [Float] in
      let vector = vectors[Int(row)]
      let length = vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      return length > 0 ? vector.map { Float(Double($0) / length) } : vector
    }
    let pairs = mapChunks(units.count, threads: threads) { first in
      (0..<first).map { SimilarityMeasure.dot.between(units[first], units[$0]) }
    }.flatMap { $0 }
    let found = NeighbourSearch(vectors, by: .cosine, candidates: candidates)
      .nearest(1, to: rows, threads: threads)
    let nearest = zip(rows, found).filter { $1 >= 0 }.map {
      SimilarityMeasure.cosine.between(vectors[Int($0)], vectors[Int($1)])
    }
    return (pairs, nearest)
  }

  /// Shares of figures by 50 intervals of equal width.
  private func histogram(
    _ series: [(label: String, figures: [Double])], in range: ClosedRange<Double>, _ title: String,
    _ caption: String
  ) -> ReportChart {
    let bins = 50
    let width = (range.upperBound - range.lowerBound) / Double(bins)
    func rows(_ label: String, _ figures: [Double]) -> [[String: ChartValue]] {
      var counts = [Int](repeating: 0, count: bins)
      for figure in figures {
        counts[min(bins - 1, max(0, Int((figure - range.lowerBound) / width)))] += 1
      }
      return counts.enumerated().map { bin, count in
        let middle = range.lowerBound + (Double(bin) + 0.5) * width
        return [
          "label": .text(label), "x": .number(middle),
          "y": .number(Double(count) / Double(max(1, figures.count))),
        ]
      }
    }
    return ReportChart(
      VegaSpecifications.curves(
        .init(title: title, domain: range), .init(title: "share", startsAtZero: true, format: "%"),
        legend: series.count > 1),
      rows: series.flatMap { rows($0.label, $0.figures) }, caption: caption)
  }

  // MARK: Neighbours

  /// The most rated items, and neighbours of each.
  private static let (known, neighbours) = (10, 4)

  /// The nearest of the most rated items.
  func neighbourSection() throws -> ReportSection? {
    let order = model.itemCounts.indices.filter { model.itemCounts[$0] > 0 }
      .sorted { (model.itemCounts[$1], $0) < (model.itemCounts[$0], $1) }
    var filter = ItemFilter()
    filter.minRatings = Self.fewestCompared
    guard let items = try? model.items(passing: filter) else { return nil }
    let similarity = try? Similarity(model, of: .item)
    var byOwn = false
    let rows = try order.prefix(Self.known).compactMap { row -> [String]? in
      let own = try Similarity.Neighbours(Self.neighbours, toItem: row, in: model, among: items)
      byOwn = byOwn || own != nil
      let found =
        try own
        ?? similarity?.nearest(
          Self.neighbours, toItem: row, among: items, shrunkBy: CommonRaters(model, item: row))
      return found.map { found in
        [name(row, 26), Int(model.itemCounts[row]).grouped]
          + (0..<Self.neighbours).map { place in
            guard place < found.nearest.count else { return "" }
            let near = found.nearest[place]
            return "\(name(near.row, 24)) (\(near.value.short))"
          }
      }
    }
    guard !rows.isEmpty else { return nil }
    return ReportSection(
      "Neighbours of the most rated items",
      [
        (byOwn
          ? "As the model itself relates items: \(model.ranker.neighbourMeasure.words)s."
          : "Cosines of item vectors times n/(n + \(Int(CommonRaters.halving))) for n people who rated both.")
          + " Items with at least \(Self.fewestCompared) training ratings. Who knows these items can judge the model "
          + "by them at a glance."
      ],
      table: ReportTable(
        ["item", "ratings"]
          + (1...Self.neighbours).map {
            ["nearest", "second", "third", "fourth"][$0 - 1]
          }, rows, textColumns: 6))
  }
}
