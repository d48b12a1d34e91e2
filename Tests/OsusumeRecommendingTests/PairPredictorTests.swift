// Pairs in, scores out.
import Foundation
import ModelFixtures
import OsusumeData
import OsusumeModels
import Testing

@testable import OsusumeRecommending

struct PairPredictorTests {
  /// What a predictor writes for a text, and its counts.
  private func answer(
    _ text: String, _ predictor: PairPredictor, _ format: PairPredictor.Format = .csv,
    threads: Int = 2, blockSize: Int = 8 << 20
  ) throws -> (text: String, counts: PairPredictor.Counts) {
    try withTemporaryDirectory { directory in
      try text.write(toFile: directory + "/pairs.csv", atomically: false, encoding: .utf8)
      let counts = try WholeFile.write(to: directory + "/out") {
        let pairs = try LineBlocks(directory + "/pairs.csv", blockSize: blockSize)
        return try predictor.predict(pairs, to: $0, as: format, threads: threads)
      }
      return (try String(contentsOfFile: directory + "/out", encoding: .utf8), counts)
    }
  }

  private func decimal(_ score: Float) -> String {
    var text: [UInt8] = []
    text.append(decimal: score)
    return String(decoding: text, as: UTF8.self)
  }

  @Test(arguments: [
    "1,20\n9,-3\n", "user_id,anime_id\n1,20\n9,-3", "item;rating;user\r\n20;3;1\r\n\r\n-3;x;9\r\n",
    "\u{FEFF}user\titem\n 1 \t20\n9\t\"-3\"\n", "1::20\n9::-3\n", "1|20\n9|-3\n",
    "1,20,\"a\nb, c\"\n9,-3,\"\"\n", "user,item,\"a\nb\"\n1,20,\"c\nd\"\n9,-3,\"\n\n\"\n",
    "user_id,anime_id\r1,20\r9,-3",
  ])
  func anyLayout(text: String) throws {
    let model = tinyModel()
    let scores = [
      model.parameters.score(user: 0, item: 1), model.parameters.score(user: 2, item: 0),
    ]
    let (answer, counts) = try answer(text, PairPredictor(model, raw: true))
    let lines = answer.replacing("\"", with: "")
    #expect(lines == "user,item,score\n1,20,\(decimal(scores[0]))\n9,-3,\(decimal(scores[1]))\n")
    #expect(counts == .init(rows: 2, cold: 0))
  }

  @Test func timesCountWhereBiasesMove() throws {
    var model = tinyModel()
    let text = "user,item,timestamp\n1,20,100\n9,-3,900\n"
    let still = try answer(text, PairPredictor(model, raw: true)).text
    model.learned.timeBiases = TimeBiases(
      users: Drift(memories: [1e9], offsets: [0, 2, 2, 2], times: [100, 900], states: [-1, 1]),
      items: Drift(memories: [1], offsets: [0, 0, 0, 0, 0], times: [], states: []), now: 900)
    let predictor = try PairPredictor(model, raw: true)
    // User 1 was two lower at 100 than at the end; of the others nothing is known.
    let now = try predictor.predict(user: "1", item: "20").score
    let then = try predictor.predict(user: "1", item: "20", at: 100).score
    #expect(abs(then - (now - 2)) < 1e-5)
    let lines = try answer(text, predictor).text.split(separator: "\n")
    #expect(lines[1] == "1,20,\(decimal(then))")
    #expect(lines[2] == still.split(separator: "\n")[2])
    #expect {
      try answer("user,item,timestamp\n1,20,100\n9,-3,noon\n", predictor)
    } throws: {
      if case PairError.notATime("noon", .line(_, 3)) = $0 { true } else { false }
    }
    #expect {
      try answer("user,item,timestamp\n1,20\n", predictor)
    } throws: {
      if case PairError.columns(.line(_, 2)) = $0 { true } else { false }
    }
  }

  @Test func scoresAreClippedUnlessRaw() throws {
    var model = tinyModel()
    model.scale = 1...4
    let raw = try PairPredictor(model, raw: true).predict(user: "9", item: "30").score
    #expect(raw == model.parameters.score(user: 2, item: 2) && raw > 4)
    let clipped = try PairPredictor(model).predict(user: "9", item: "30").score
    #expect(clipped == 4)
  }

  @Test func unknownIdsAreNamedWithTheirLine() throws {
    let predictor = try PairPredictor(tinyModel())
    #expect(throws: PairError.unknown(.user, "7", .options)) {
      try predictor.predict(user: "7", item: "20")
    }
    for blockSize in [16, 1 << 20] {
      #expect {
        try answer("user,item\n1,20\n\n1,21\n", predictor, blockSize: blockSize)
      } throws: {
        "\($0)".hasSuffix(
          "pairs.csv:4: the model does not know item '21'; leave the pair out, or answer with what is known: `cold mean`"
        )
      }
    }
  }

  @Test(arguments: [
    ("1,20\n1\n", ":2: a column is missing"), ("1,20\n1,\"20\n", ":2: a quote"),
    ("1,20\n1,x\n", ":2: the model does not know item 'x'"),
    ("1,20\n1,9223372036854775808\n", ":2: the model does not know item '9223"),
    ("1,20\n1,020\n", ":2: the model does not know item '020'"),
    ("1,20\n1,20,3\n", ":2: a column is missing, or one too many"),
    ("1,20\n1,\"20\"x\n", ":2: a quote"), ("1,20\n1,\u{1}\n", ":2: column 2: control character"),
    ("1,20,\"a\nb\"\n1,21,\n", ":3: the model does not know item '21'"),
    ("1,20,\"a\nb\"\n1,20\n", ":3: a column is missing"),
    ("person,item\n1,20\n", ":1: no user column among person, item"),
    ("user,thing\n1,20\n", ":1: no item column"),
    ("1,20\n" + String(repeating: "1", count: 4096), ":2: "),
  ])
  func badLinesAreNamed(text: String, message: String) {
    #expect { try answer(text, PairPredictor(tinyModel()), blockSize: 256) } throws: {
      "\($0)".contains("pairs.csv" + message)
    }
  }

  @Test func coldPairsGetMeans() throws {
    let model = tinyModel()
    let predictor = try PairPredictor(model, cold: .mean, raw: true)
    let (users, items) = (0..<3, 0..<4)
    let meanOverUsers = users.map { model.parameters.score(user: $0, item: 1) }.reduce(0, +) / 3
    let meanOverItems = items.map { model.parameters.score(user: 1, item: $0) }.reduce(0, +) / 4
    let cold = try predictor.predict(user: "77", item: "20")
    #expect(cold.isCold && abs(cold.score - meanOverUsers) < 1e-5)
    #expect(abs(try predictor.predict(user: "5", item: "77").score - meanOverItems) < 1e-5)
    #expect(try answer("1,20\n77,20\n77,77\n", predictor).counts == .init(rows: 3, cold: 2))
  }

  @Test func stringIdsAndJSON() throws {
    let predictor = try PairPredictor(tinyModel(stringIDs: true))
    let text = "\"ann\",b/2\nzoë,\"a\"\n"
    let json = "[" + (try answer(text, predictor, .json).text) + "]"
    let pairs = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]]
    #expect(pairs?.map { $0["user"] as? String } == ["ann", "zoë"])
    #expect(pairs?.map { $0["item"] as? String } == ["b/2", "a"])
    let score = try predictor.predict(user: "zoë", item: "a").score
    #expect((pairs?[1]["score"] as? NSNumber)?.floatValue == score)
  }

  @Test func threadsAndBlocksDoNotShow() throws {
    let predictor = try PairPredictor(tinyModel())
    let ids = (["1", "5", "9"], ["-3", "20", "30"])
    let text = (0..<60_000).map { "\(ids.0[$0 % 3]),\(ids.1[$0 / 3 % 3])\n" }.joined()
    let expected = try answer(text, predictor, threads: 1)
    #expect(expected.counts.rows == 60_000)
    #expect(try answer(text, predictor, threads: 3).text == expected.text)
    #expect(try answer(text, predictor, threads: 2, blockSize: 5_000).text == expected.text)
  }

  @Test(
    arguments: [
      (0, "0.0"), (-0.5, "-0.5"), (7.25, "7.25"), (10, "10.0"), (1e-7, "0.0"),
      (-12.000001, "-12.000001"),
      (1e12, "1e+12"), (.infinity, "inf"),
    ] as [(Float, String)])
  func decimals(number: Float, text: String) {
    #expect(decimal(number) == text)
  }
}
