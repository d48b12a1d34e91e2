// Runs the built `osusume` as its users do, in a folder of its own.
import Foundation
import Testing

/// The executable that was built beside these tests, and a folder to run it in.
final class CommandLine {
  /// What a run came to.
  struct Outcome {
    let code: Int32
    let output: String
    let errors: String

    /// stdout as one JSON object.
    func json() throws -> [String: Any] {
      let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
      return try #require(value as? [String: Any], "one JSON object on stdout: \(output)")
    }
  }

  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "osusume-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The executable, or another, lies where the test bundle does: Contents of .build/debug, say.
  func executable(_ name: String = "osusume") throws -> URL {
    let arguments = ProcessInfo.processInfo.arguments
    let bundles = arguments.filter { $0.contains(".xctest") } + [arguments.first ?? ""]
    for bundle in bundles {
      var place = URL(filePath: bundle)
      while place.path.count > 1 {
        place.deleteLastPathComponent()
        let candidate = place.appending(path: name)
        let type = try? FileManager.default.attributesOfItem(atPath: candidate.path)[.type]
        if type as? FileAttributeType == .typeRegular { return candidate }
      }
    }
    throw CocoaError(.fileNoSuchFile)
  }

  /// The path of a file in the folder.
  func path(_ name: String) -> String { folder.appending(path: name).path }

  /// The names of all files in the folder, those of folders in it included.
  func names() throws -> Set<String> {
    Set(try FileManager.default.subpathsOfDirectory(atPath: folder.path))
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  func write(_ bytes: Data, to name: String) throws {
    try bytes.write(to: folder.appending(path: name))
  }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.appending(path: name)) }

  /// Starts `osusume`, or another program, with the folder as its working directory; stdout goes to a
  /// file unless said.
  ///
  /// What is in `environment` is added to that of these tests.
  func start(
    _ arguments: [String], of program: URL? = nil, input: String? = nil,
    output: String = "stdout.txt", environment: [String: String] = [:]
  ) throws -> Process {
    let process = Process()
    process.executableURL = try program ?? executable()
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // Files, not pipes: nobody needs to drain them.
    let place = output.hasPrefix("/") ? output : path(output)
    if !output.hasPrefix("/") { try write("", to: output) }
    try write("", to: "stderr.txt")
    process.standardOutput = FileHandle(forWritingAtPath: place)
    process.standardError = FileHandle(forWritingAtPath: path("stderr.txt"))
    if let input { try write(input, to: "stdin.txt") }
    process.standardInput = FileHandle(
      forReadingAtPath: input == nil ? "/dev/null" : path("stdin.txt"))
    try process.run()
    return process
  }

  /// Runs `osusume` to its end.
  func run(
    _ arguments: [String], input: String? = nil, output: String = "stdout.txt",
    environment: [String: String] = [:]
  ) throws -> Outcome {
    let process = try start(arguments, input: input, output: output, environment: environment)
    process.waitUntilExit()
    return try outcome(of: process, output: output)
  }

  /// Runs `osusume` in so much address space, for so long at most: code -1 says it was killed.
  func run(_ arguments: [String], kibibytes: Int, seconds: Int) throws -> Outcome {
    let process = try start(
      ["-c", "ulimit -v \(kibibytes); exec timeout -s KILL \(seconds) \"$@\"", "sh"]
        + [executable().path] + arguments, of: URL(filePath: "/bin/sh"))
    process.waitUntilExit()
    return try outcome(of: process)
  }

  /// What a process that has ended came to.
  func outcome(of process: Process, output: String = "stdout.txt") throws -> Outcome {
    defer {
      for name in ["stdout.txt", "stderr.txt", "stdin.txt"] {
        try? FileManager.default.removeItem(atPath: path(name))
      }
    }
    let code = process.terminationReason == .exit ? process.terminationStatus : -1
    let text = output.hasPrefix("/") ? "" : String(decoding: try bytes(output), as: UTF8.self)
    // On a busy machine a command may say what it is doing.
    let errors = String(decoding: try bytes("stderr.txt"), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
      .filter { $0.wholeMatch(of: /osusume: \d+ s: .*/) == nil }
    return Outcome(code: code, output: text, errors: errors.joined(separator: "\n"))
  }

  /// Runs `osusume` and expects success.
  @discardableResult
  func succeed(
    _ arguments: [String], input: String? = nil, _ location: SourceLocation = #_sourceLocation
  ) throws -> Outcome {
    let outcome = try run(arguments, input: input)
    #expect(
      outcome.code == 0, "\(arguments.joined(separator: " ")): \(outcome.errors)",
      sourceLocation: location)
    return outcome
  }

  /// Runs `osusume` and expects exit 1, one line on stderr, nothing on stdout, no file made or changed.
  func fail(
    _ arguments: [String], saying words: String = "",
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let before = try contents()
    let outcome = try run(arguments)
    let said = outcome.errors.split(separator: "\n")
    let what = Comment(rawValue: "\(arguments.joined(separator: " ")): \(outcome.errors)")
    #expect(outcome.code == 1, what, sourceLocation: location)
    #expect(
      said.count == 1 && outcome.errors.hasPrefix("osusume: "), what, sourceLocation: location)
    #expect(outcome.errors.utf8.count < 500, what, sourceLocation: location)
    #expect(words.isEmpty || outcome.errors.contains(words), what, sourceLocation: location)
    #expect(outcome.output.isEmpty, what, sourceLocation: location)
    #expect(try contents() == before, what, sourceLocation: location)
  }

  /// Every file with its bytes.
  private func contents() throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for name in try names() { contents[name] = (try? bytes(name)) ?? Data() }
    return contents
  }
}

/// Ratings that have something to learn in them: tastes of two kinds, biases and a little noise.
func syntheticRatings(users: Int = 60, items: Int = 40, from low: Int = 1) -> String {
  var text = "user_id,anime_id,rating\n"
  for user in low..<(low + users) {
    for item in 1...items where (user * 7 + item * 13) % 10 < 6 {
      let taste = (user + item) % 2 == 0 ? 2 : -2
      let noise = (user * 31 + item * 17) % 3 - 1
      text +=
        "\(user),\(item),\((user * item) % 11 == 0 ? -1 : min(10, max(1, 6 + taste + noise)))\n"
    }
  }
  return text
}
