// What every command prints with --json is what docs/json says it is.
import Foundation
import Testing

/// The interpreter of $OSUSUME_PYTHON, or python3, if it has jsonschema.
private let python: String? = {
  let python = ProcessInfo.processInfo.environment["OSUSUME_PYTHON"] ?? "python3"
  guard let line = try? CommandLine(),
    let process = try? line.start(
      [python, "-c", "import jsonschema, referencing"], of: URL(filePath: "/usr/bin/env"))
  else { return nil }
  process.waitUntilExit()
  return process.terminationStatus == 0 ? python : nil
}()

struct JSONShapeTests {
  private let line: CommandLine
  private static let schemas = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../docs/json").standardizedFileURL

  init() throws {
    line = try CommandLine()
    try line.write(syntheticRatings(), to: "r.csv")
    try line.write(
      "anime_id,name,genre,type,episodes,rating,members\n"
        + (1...40).map {
          "\($0),\"Title, \($0)\",\"\($0 % 2 == 0 ? "Action, Drama" : "Comedy")\",TV,12,7.5,\($0 * 100)\n"
        }.joined(),
      to: "items.csv")
    try line.write(
      "user_id,anime_id,rating\n1,1,5\n1,1,6\n2,x,3\n3,3\n007,3,4\n7,3,4\n9,9,99\n", to: "bad.csv")
    try line.write("user,item,rating\n3,1,4\n4,2,3\n3,4,good\n", to: "pairs.csv")
    try line.write(
      "user_id,anime_id,rating,watching_status\n1,1,5,2\n1,2,4,1\n2,1,3,2\n", to: "status.csv")
    try line.write(
      syntheticRatings().split(separator: "\n").prefix(400).joined(separator: "\n") + "\n1,2,3\n",
      to: "other.csv")
    for (model, epochs) in [
      ("lists", "2"), ("keras-hybrid", "1"), ("genre-dot", "1"), ("metadata-classes", "1"),
      ("bpmf", "3"),
    ] {
      try line.succeed(
        ["train", "--ratings", "r.csv", "--items", "items.csv", "--model", model]
          + ["--epochs", epochs, "-o", "\(model).st"])
    }
  }

  /// Commands in all their forms, and the exit codes they end in.
  private static let runs: [(words: String, code: Int32)] = [
    ("data describe --ratings r.csv --items items.csv", 0),
    ("data describe --ratings r.csv --report data.html", 0),
    ("data describe --ratings status.csv --head 2 --pivot 3", 0),
    ("data validate --ratings r.csv", 0), ("data validate --ratings bad.csv", 1),
    ("data split --ratings r.csv --output cut", 0),
    ("data split --ratings r.csv --split strong:0.1 --output cut", 0),
    ("data synthesize --like anime --scale 0.001 --output made", 0),
    ("models", 0), ("models keras-hybrid --users 10 --items 20", 0), ("models ease", 0),
    ("train --ratings r.csv --items items.csv", 0),
    ("train --ratings r.csv --model mf --early-stopping 2 --report run.html", 0),
    ("train --ratings r.csv --model mf --validation 0.1", 0),
    ("train --ratings r.csv --model bpr --epochs 2 --split none", 0),
    ("train --ratings r.csv --items items.csv --model keras-hybrid --epochs 1", 0),
    ("train --ratings r.csv --items items.csv --retrain-on-all -o all.st", 0),
    ("train --ratings r.csv --model bias --retrain-on-all", 0),
    ("evaluate --model all.st --ratings r.csv --items items.csv", 0),
    ("evaluate --model lists.st --ratings r.csv --items items.csv --top 5 10", 0),
    ("evaluate --model lists.st --ratings r.csv --on train --resamples 0", 0),
    ("evaluate --model lists.st --ratings other.csv --on train --resamples 0", 0),
    ("evaluate --model keras-hybrid.st --ratings r.csv --items items.csv", 0),
    ("evaluate --model metadata-classes.st --ratings r.csv --items items.csv", 0),
    ("evaluate --model mf --folds 2 --ratings r.csv", 0),
    ("predict --model lists.st --user 3 --item 1", 0),
    ("predict --model keras-hybrid.st --user 3 --item 1", 0),
    ("predict --model keras-hybrid.st --pairs pairs.csv", 0),
    ("predict --model bpmf.st --user 3 --item 1 --interval 0.8", 0),
    ("predict --model metadata-classes.st --user 3 --item 1 --distribution", 0),
    ("predict --model lists.st --pairs pairs.csv", 0),
    ("predict --model bpmf.st --pairs pairs.csv --interval 0.8", 0),
    ("predict --model metadata-classes.st --pairs pairs.csv --distribution", 0),
    ("predict --model lists.st --pairs pairs.csv -o scores.csv", 0),
    (
      "recommend --model lists.st --user 3 --explain --history 2 --diversity 0.2 --popularity 0.1 "
        + "--per-series 1 --per-genre 3", 0
    ),
    ("recommend --model lists.st --users 3,4 --only-type TV", 0),
    ("recommend --model lists.st --users all -o lists.csv", 0),
    ("recommend --model lists.st --rated 3=9,4=3 --top 2", 0),
    ("recommend --model bpmf.st --user 3", 0),
    ("recommend --model bpmf.st --model lists.st --users 3,4", 0),
    ("similar --model lists.st --item 3", 0), ("similar --model lists.st --user 3", 0),
    ("similar --model bpmf.st --item 3 --by euclid", 0),
    ("similar --model bpmf.st --pair 3 4", 0), ("similar --model bpmf.st --item 3 --vector", 0),
    ("similar --model bpmf.st --biases items", 0), ("similar --model bpmf.st --biases users", 0),
    ("similar --model genre-dot.st --genre Comedy", 0),
    ("similar --model genre-dot.st --genre-pair Comedy Drama", 0),
    ("user 3 --model lists.st", 0),
    (
      "compare --ratings r.csv --items items.csv --models mf;keras-hybrid:epochs=1;als:epochs=2 "
        + "--also-factors 2 --repeats 2 --resamples 20 --report compare.html", 0
    ),
    ("compare --ratings r.csv --models mf,ease --repeats 1 --resamples 0 --no-baselines", 0),
    (
      "tune --ratings r.csv --model mf --trials 3 --resamples 20 -o best.st --output-spec best.json "
        + "--report tune.html", 0
    ),
    ("tune --ratings r.csv --model mf --trials 3 --search random --folds 2 --resamples 0", 0),
    ("map --model bpmf.st --method pca,tsne,umap --perplexity 5 --output map.csv", 0),
    ("report --model lists.st --ratings r.csv --items items.csv --resamples 20 -o page.html", 0),
    ("inspect lists.st", 0), ("inspect bpmf.st", 0), ("inspect all.st", 0),
    ("doctor", 0),
  ]

  /// Validates files named `command.number.json`, and makes sure that each would fail with a member more.
  private static let program = """
    import json, pathlib, sys
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource

    schemas = {p.name: json.loads(p.read_text()) for p in pathlib.Path(sys.argv[1]).glob("*.json")}
    registry = Registry().with_resources([(n, Resource.from_contents(s)) for n, s in schemas.items()])
    seen = set()
    for name in sys.argv[2:]:
        kind = pathlib.Path(name).name.split(".")[0] + ".schema.json"
        seen.add(kind)
        Draft202012Validator.check_schema(schemas[kind])
        validator = Draft202012Validator(schemas[kind], registry=registry)
        answer = json.loads(pathlib.Path(name).read_text())
        for error in validator.iter_errors(answer):
            for part in error.context or [error]:
                print(name, list(part.absolute_path), part.message[:300])
        if validator.is_valid({**answer, "of_no_schema": 1}):
            print(name, "holds members that no schema knows")
        for lacked in answer:
            if lacked in ("command", "schema") and validator.is_valid({k: v for k, v in answer.items() if k != lacked}):
                print(name, "may lack", lacked)
    print("unused:", sorted(set(schemas) - seen - {"common.schema.json"}))
    """

  @Test(.enabled(if: python != nil, "needs jsonschema in $OSUSUME_PYTHON or python3"))
  func everyAnswerHasTheShapeOfItsSchema() throws {
    var files: [String] = []
    for (number, run) in Self.runs.enumerated() {
      let words = run.words.split(separator: " ").map(String.init)
      let outcome = try line.run(words + ["--json", "--quiet"])
      #expect(outcome.code == run.code, "\(run.words): \(outcome.errors)")
      let answer = try outcome.json()
      let command = try #require(answer["command"] as? String)
      #expect(run.words.hasPrefix(command) && answer["schema"] as? Int == 1, "\(run.words)")
      let name = "\(command.replacing(" ", with: "-")).\(number).json"
      try line.write(outcome.output, to: name)
      files.append(line.path(name))
    }
    // Timing everything takes minutes: of a bench, the machine and one kernel; models and answers on few ratings.
    for (number, words) in [
      "--quick --only pair", "--ratings r.csv --models mf:epochs=2;ease --only latency",
    ].enumerated() {
      let bench = try line.succeed(
        ["bench", "--repeats", "1", "--json", "--quiet"]
          + words.split(separator: " ").map(String.init))
      let name = "bench.a\(number).json"
      try line.write(bench.output, to: name)
      files.append(line.path(name))
    }
    let process = try line.start(
      [try #require(python), "-c", Self.program, Self.schemas.path] + files,
      of: URL(filePath: "/usr/bin/env"))
    process.waitUntilExit()
    let outcome = try line.outcome(of: process)
    #expect(
      outcome.code == 0 && outcome.output == "unused: []\n", "\(outcome.output)\(outcome.errors)")
  }

  @Test func oneUserAndManyHaveOneShape() throws {
    func lists(_ words: [String]) throws -> [[String: Any]] {
      let answer = try line.succeed(["recommend", "--model", "lists.st", "--json"] + words).json()
      return try #require(answer["users"] as? [[String: Any]])
    }
    let one = try lists(["--user", "3"])
    let many = try lists(["--users", "3,4"])
    #expect(one.count == 1 && many.count == 2)
    #expect(NSDictionary(dictionary: one[0]).isEqual(to: many[0]))
  }
}
