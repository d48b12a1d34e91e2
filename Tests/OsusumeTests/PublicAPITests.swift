// Every public function that takes numbers or columns throws where they are wrong, or stands here with why none is.
import Foundation
import Testing

struct PublicAPITests {
  /// What checks nothing and needs to: nobody outside the package can make, or get, what it is asked of.
  private static let outOfReach: Set = [
    "FactorParameters+Extended.swift", "FactorParameters+Scorer.swift", "FactorParameters.swift",
    "FactorSearch.swift", "ItemRelations.swift", "ItemSearch.swift", "ListSearch.swift",
    "NeighbourParameters+Scorer.swift", "NeighbourScorer.swift",
    "NetworkParameters+Scorer.swift", "NetworkScorer.swift", "Scorer+Defaults.swift",
    "SeenRatings.swift", "Fit.swift", "Column.swift", "CompressedRows.swift", "Grouping.swift",
  ]

  /// Subscripts that end the process for an index that there is not, as those of arrays do, and say so.
  private static let likeArrays: Set = [
    "FloatMatrix.swift subscript", "FactorVectors.swift subscript", "IDMap.swift subscript",
    "Model.swift subscript",
  ]

  /// What takes any values: looks them up, keeps them for others to check, or shows them.
  private static let takesAnything: Set = [
    // Looked up, compared or counted.
    "ComparedModel.swift seconds", "Contender.swift baselines", "Evaluation.swift names",
    "Evaluation.swift ndcg", "RankingWarning.swift rankingWarning",
    "SimilarityMeasure.swift between", "IDLookup.swift index", "RatingHistogram.swift init",
    "RatingHistogram.swift label", "RatingsSummary.swift init", "KeptEpoch.swift init",
    "InteractionLabels.swift labelWarning", "Model+Filter.swift unknownGenre",
    "ItemFilter.swift init", "DirectoryPath.swift remove", "TimeBiases.swift asOf",
    // Checked by whoever is given them: `Trainer`, `Ratings`, `Evaluation`, `Comparison`, `Recommender`.
    "Bootstrap.swift init", "Contender.swift init", "Evaluation+Model.swift init",
    "RatingTable.swift init", "Ratings+Memory.swift column", "Ratings+Memory.swift init",
    "Ratings.swift init", "Split.swift init", "ItemCatalog.swift init", "Formula.swift dense",
    "Formula.swift dropout", "ModelSpec.swift init", "ListLimits.swift init",
    "Newcomer.swift init", "Checkpoint.swift init", "Trainer.swift init",
    "Trainer.swift listsNeed", "ByteOutput.swift init",
    // Shown, or written as they are.
    "Comparison+Origin.swift init", "Comparison+Page.swift page", "HTML.swift init",
    "JudgedFit.swift init", "ReportChart.swift init", "ReportPage.swift init",
    "TrainingRecord.swift init",
    "LineFault.swift init", "Model.swift init", "ModelSpec+Description.swift text",
    "Recommendations.swift init", "FitResult.swift init", "Fit.swift init",
  ]

  /// A public initializer, function or subscript.
  private struct Declaration {
    let file: String
    let name: String
    let parameters: String
    let isThrowing: Bool

    /// Whether it takes numbers or columns.
    var takesNumbers: Bool {
      parameters.contains(/\b(U?Int\d*|Float|Double)\b|\[/)
    }
  }

  private static func declarations(in text: String, file: String) -> [Declaration] {
    let start =
      /(?m)^ *public (?:static |mutating |convenience |consuming )*(init|subscript|func +[^ (<]+)/
    return text.matches(of: start).compactMap { match in
      guard let open = text[match.range.upperBound...].firstIndex(of: "(") else { return nil }
      var depth = 0
      var close = open
      for place in text[open...].indices {
        depth += "([".contains(text[place]) ? 1 : ")]".contains(text[place]) ? -1 : 0
        close = place
        if depth == 0 { break }
      }
      let rest = text[close...]
      let body = rest.firstIndex(of: "{") ?? text.endIndex
      let name = match.1.split(separator: " ").last.map(String.init) ?? ""
      return Declaration(
        file: file, name: name, parameters: String(text[open...close]),
        isThrowing: text[close..<body].contains("throws"))
    }
  }

  private static func all() throws -> [Declaration] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources")
    return try ["Data", "Models", "Recommending", "Training", "Analysis"].flatMap { module in
      let folder = root.appending(path: "Osusume\(module)").path
      let files = try FileManager.default.subpathsOfDirectory(atPath: folder)
        .filter { $0.hasSuffix(".swift") }
      return try files.flatMap { file in
        declarations(
          in: try String(contentsOfFile: folder + "/" + file, encoding: .utf8),
          file: URL(filePath: file).lastPathComponent)
      }
    }
  }

  @Test func whatTakesNumbersThrowsOrSaysWhyNot() throws {
    let all = try Self.all()
    #expect(all.count > 200 && all.contains { $0.isThrowing && $0.takesNumbers })
    let silent = all.filter { $0.takesNumbers && !$0.isThrowing }
    let excused = Self.likeArrays.union(Self.takesAnything)
    for declaration in silent where !Self.outOfReach.contains(declaration.file) {
      let key = "\(declaration.file) \(declaration.name)"
      #expect(
        excused.contains(key), "\(key)\(declaration.parameters) takes numbers and cannot throw")
    }
    // What is listed is there.
    let keys = Set(silent.map { "\($0.file) \($0.name)" })
    #expect(excused.subtracting(keys).isEmpty)
    #expect(Self.outOfReach.subtracting(silent.map(\.file)).isEmpty)
  }
}
