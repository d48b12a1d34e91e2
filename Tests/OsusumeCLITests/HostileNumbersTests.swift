// Model files whose numbers were made to do harm, with a right checksum, to every command: one line, exit 1.
import Foundation
import Osusume
import Testing

struct HostileNumbersTests {
  private let line: CommandLine
  private static let users = 30
  private static let items = 24

  init() throws { line = try CommandLine() }

  /// Models of every kind, and what a kind is asked besides.
  private static let kinds: [(model: String, further: [[String]])] = [
    ("mf", [["similar", "--item", "3"], ["similar", "--biases", "items"]]),
    ("mean", []),
    ("item-knn", [["similar", "--item", "3"]]),
    ("flax-dense", [["similar", "--pair", "3", "4"], ["similar", "--user", "3"]]),
    ("keras-nn-interaction", []),
    ("metadata-classes", [["predict", "--user", "3", "--item", "4", "--distribution"]]),
    ("svdpp", [["similar", "--item", "3", "--by", "euclid"]]),
    ("time-mf", [["predict", "--user", "3", "--item", "4", "--at", "1000"]]),
    ("bpmf", [["predict", "--user", "3", "--item", "4", "--interval", "0.9"]]),
    ("popularity", []), ("svd", [["similar", "--user", "3"]]),
    ("ease", [["similar", "--item", "3"], ["recommend", "--user", "3", "--explain"]]),
    ("ials", [["similar", "--item", "3"]]),
    ("bpr", [["similar", "--item", "3"], ["recommend", "--user", "3", "--diversity", "0.5"]]),
    (
      "lists",
      [
        ["recommend", "--user", "3", "--rank-by", "blend", "--explain", "--history", "2"],
        ["recommend", "--rated", "3=7", "--rank-by", "rating"], ["similar", "--item", "3"],
      ]
    ),
  ]

  private static let questions = [
    ["evaluate", "--ratings", "r.csv", "--resamples", "20", "--json"],
    ["predict", "--user", "3", "--item", "4"], ["predict", "--pairs", "pairs.csv"],
    ["predict", "--pairs", "pairs.csv", "--json"],
    ["predict", "--rated", "3=7,4=2", "--item", "5"],
    ["recommend", "--user", "3", "--top", "3"], ["recommend", "--rated", "3=7", "--json"],
    ["recommend", "--users", "all", "--output", "-"],
  ]

  private func train(_ model: String) throws -> Safetensors {
    var text = "user,item,rating,timestamp\n"
    for user in 1...Self.users {
      for item in 1...Self.items where (user * 7 + item * 13) % 10 < 6 {
        let rating = min(10, max(1, 5 + (user + item) % 2 * 3 + (user * 31 + item * 17) % 3))
        text += "\(user),\(item),\(rating),\(1_000_000_000 + 1000 * user + 77 * item)\n"
      }
    }
    try line.write(text, to: "r.csv")
    try line.write("user,item\n3,4\n5,6\n", to: "pairs.csv")
    let metadata = (1...Self.items).map { "\($0),T\($0),\"A, B\($0 % 3)\",TV,\($0)\n" }.joined()
    try line.write("item_id,title,genres,type,episodes\n" + metadata, to: "i.csv")
    try line.succeed([
      "train", "--ratings", "r.csv", "--items", "i.csv", "--model", model, "--factors", "4",
      "--epochs", "3", "--min-user-ratings", "1", "--output", "good.st", "--quiet",
    ])
    return try ModelFile(line.path("good.st")).contents
  }

  /// Writes a model with changed float tensors, and a checksum that is right.
  private func write(
    _ file: Safetensors, to name: String, changing change: (String, Int) -> Float?
  ) throws {
    func tensor<Element: TensorElement>(_ entry: Safetensors.Entry, as: Element.Type) throws
      -> Tensor
    {
      Tensor(
        entry.name, try #require(try file.elements(entry.name, as: Element.self)),
        shape: entry.shape)
    }
    let tensors = try file.tensors.map { entry in
      switch entry.dtype {
      case .uint8: return try tensor(entry, as: UInt8.self)
      case .int32: return try tensor(entry, as: Int32.self)
      case .int64: return try tensor(entry, as: Int64.self)
      case .float64: return try tensor(entry, as: Double.self)
      case .float32:
        let old = try #require(try file.elements(entry.name, as: Float.self))
        let new = old.indices.map { change(entry.name, $0) ?? old[$0] }
        return Tensor(entry.name, new, shape: entry.shape)
      }
    }
    var metadata = file.metadata
    metadata["checksum"] = nil
    _ = try Safetensors.write(tensors, metadata: metadata, to: line.path(name))
  }

  private func floats(_ file: Safetensors) -> [Safetensors.Entry] {
    file.tensors.filter { $0.dtype == .float32 && $0.count > 0 }
  }

  @Test(arguments: kinds.indices)
  func everyCommandRefusesThem(number: Int) throws {
    let kind = Self.kinds[number]
    let good = try train(kind.model)
    let poisons: [(String, (Int) -> Float)] = [
      ("NaN", { _ in .nan }), ("1e38", { _ in 1e38 }), ("-1e38", { _ in -1e38 }),
      ("±1e38", { $0 % 2 == 0 ? 1e38 : -1e38 }), ("3.4e38", { _ in .greatestFiniteMagnitude }),
    ]
    for (_, poison) in poisons {
      try write(good, to: "bad.st") { poison($1) }
      for question in Self.questions + kind.further {
        try line.fail(question + ["--model", "bad.st"], saying: "is damaged or not a model file")
      }
      try line.fail(["inspect", "bad.st"], saying: "is damaged or not a model file")
    }
  }

  @Test(arguments: kinds.indices)
  func oneNumberOfAnyTensorIsEnough(number: Int) throws {
    let good = try train(Self.kinds[number].model)
    for entry in floats(good) {
      for poison in [.nan, -.infinity, 1e38] as [Float] {
        try write(good, to: "bad.st") { name, place in
          name == entry.name && place == entry.count - 1 ? poison : nil
        }
        #expect(throws: ModelFileError.self, "\(entry.name) \(poison)") {
          try Model.read(line.path("bad.st"))
        }
      }
    }
  }

  /// Numbers each in its range: a model of them is refused, or every answer of it is a number.
  @Test(arguments: kinds.indices)
  func numbersInTheirRangesLeadToNumbers(number: Int) throws {
    let kind = Self.kinds[number]
    let good = try train(kind.model)
    for size in [1e-30, 1, 1e3, 1e7, 9e11] as [Float] {
      try write(good, to: "odd.st") { name, place in
        if name.hasSuffix("similarities") || name.hasSuffix("memory") { return nil }
        let isSpread =
          name.hasSuffix("noise") || name.hasSuffix("damping") || name == "singular_values"
        return place % 2 == 0 || isSpread ? size : -size
      }
      for question in Self.questions + kind.further {
        let outcome = try line.run(question + ["--model", "odd.st"])
        let what = Comment(rawValue: "\(size) \(question): \(outcome.output) \(outcome.errors)")
        #expect(outcome.code == 0 || outcome.code == 1, what)
        let said = outcome.output.replacing("relevant", with: "").lowercased()
        #expect(!said.contains("nan") && !said.contains("inf"), what)
        #expect((outcome.code == 0) == outcome.errors.isEmpty || outcome.code == 0, what)
      }
    }
  }

  @Test(arguments: [("2e38", "3e38"), ("-1000000100", "5")])
  func ratingsTooLargeAreRefused(first: String, second: String) throws {
    try line.write("good", to: "kept.st")
    try line.write("user,item,rating\n1,1,5\n1,2,\(first)\n2,1,\(second)\n2,2,3\n", to: "r.csv")
    let words = "r.csv:3: column 3: '\(first)' is too large for a rating"
    try line.fail(["train", "--ratings", "r.csv", "--output", "kept.st"], saying: words)
    try line.write("user,item,rating\n1,1,5\n1,2,4\n2,1,1\n2,2,3\n", to: "good.csv")
    try line.fail(
      ["train", "--ratings", "good.csv", "--split", "file:r.csv", "--output", "kept.st"],
      saying: words)
    try line.fail(["compare", "--ratings", "r.csv", "--models", "mean,bias"], saying: words)
    try line.succeed([
      "train", "--ratings", "good.csv", "--model", "popularity", "--split", "none",
      "--min-user-ratings", "1", "--output", "m.st", "--quiet",
    ])
    try line.write("1,5\n2,\(first)\n", to: "mine.csv")
    try line.fail(["evaluate", "--model", "m.st", "--ratings", "r.csv"], saying: words)
    try line.fail(
      ["recommend", "--model", "m.st", "--rated", "1=\(first)"], saying: "the largest there is")
    try line.fail(
      ["recommend", "--model", "m.st", "--ratings-of", "mine.csv"], saying: "mine.csv:2")
  }

  /// The largest ratings that there are: whatever is learned of them is a number.
  @Test(arguments: ["mf", "als", "svdpp", "bpmf", "svd", "item-knn", "bias", "flax-bias"])
  func theLargestRatingsAreLearned(model: String) throws {
    var text = "user,item,rating\n"
    for user in 1...Self.users {
      for item in 1...Self.items where (user * 7 + item * 13) % 10 < 6 {
        text += "\(user),\(item),\((user + item) % 3 == 0 ? "" : "-")1000000000\n"
      }
    }
    try line.write(text, to: "r.csv")
    let train = try line.succeed([
      "train", "--ratings", "r.csv", "--model", model, "--factors", "4", "--min-user-ratings", "1",
      "--output", "m.st", "--json",
    ]).json()
    let final = try #require(train["final"] as? [String: Any])
    let error = try #require(final["valid_rmse"] as? Double)
    #expect(error.isFinite && error < 1.2e9)
    let judged = try line.succeed([
      "evaluate", "--model", "m.st", "--ratings", "r.csv", "--min-user-ratings", "1", "--json",
    ]).json()
    #expect((judged["rmse_ci95"] as? [Double])?.count == 2)
    if model == "item-knn" {
      // Pairs of items agree or differ: without similarities the error is that of biases.
      let similar = try line.succeed(["similar", "--model", "m.st", "--item", "3", "--json"]).json()
      #expect((similar["items"] as? [Any])?.isEmpty == false)
    }
  }
}
