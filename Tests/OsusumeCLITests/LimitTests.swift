// Limits other than memory: threads, stacks, sizes of files; files that are cut short; what killed writers left.
import Foundation
import Testing

/// Sanitizers bring their own malloc, getenv and handlers of signals.
#if os(Linux)
  private let isPlain = !["__asan_init", "__tsan_init"].contains { (name: String) in
    dlsym(nil, name) != nil
  }
#else
  private let isPlain = false
#endif

@Suite(.enabled(if: isPlain)) struct LimitTests {
  private let line: CommandLine

  init() throws {
    line = try CommandLine()
    try line.write(syntheticRatings(users: 400, items: 300), to: "r.csv")
  }

  private func train(_ model: String = "mf", _ more: String = "") -> [String] {
    "train --ratings r.csv --model \(model) --epochs 2 --output m.st --quiet \(more)"
      .split(separator: " ").map(String.init)
  }

  /// Runs `osusume` after a command of the shell.
  private func run(after command: String, _ arguments: [String]) throws -> CommandLine.Outcome {
    let process = try line.start(
      ["-c", "\(command); exec timeout -s KILL 60 \"$@\"", "sh"] + [line.executable().path]
        + arguments, of: URL(filePath: "/bin/sh"))
    process.waitUntilExit()
    return try line.outcome(of: process)
  }

  /// Where the system starts no further thread, or one alone, all work is done by those there are.
  ///
  /// The system's own answer is given by a library that is loaded before: limits hold for other users than root only.
  @Test(arguments: [
    "lists", "mf", "als", "bpmf", "svdpp", "svd", "item-knn", "ease", "ials", "bpr", "flax-bias",
    "nn-simple",
  ])
  func threadsThatAreRefused(model: String) throws {
    try line.write(
      """
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <errno.h>
      #include <pthread.h>
      #include <stdatomic.h>
      #include <stdlib.h>
      static atomic_int started;
      int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*body)(void *), void *argument) {
        if (atomic_fetch_add(&started, 1) >= atoi(getenv("MOST_THREADS")))
          return EAGAIN;
        int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) = dlsym(RTLD_NEXT, "pthread_create");
        return create(thread, how, body, argument);
      }
      """, to: "refuse.c")
    let compiler = try line.start(
      ["clang", "-shared", "-fPIC", line.path("refuse.c"), "-o", line.path("refuse.so")],
      of: URL(filePath: "/usr/bin/env"))
    compiler.waitUntilExit()
    try #require(compiler.terminationStatus == 0)
    _ = try line.outcome(of: compiler)
    try line.succeed(train(model, "--threads 1"))
    let expected = try line.bytes("m.st")
    for most in [0, 1, 3] {
      for threads in [2, 1000] {
        try FileManager.default.removeItem(atPath: line.path("m.st"))
        let outcome = try line.run(
          train(model, "--threads \(threads)"),
          environment: ["LD_PRELOAD": line.path("refuse.so"), "MOST_THREADS": "\(most)"])
        let what = Comment(rawValue: "\(model), \(threads) threads, \(most) started: \(outcome)")
        #expect(outcome.code == 0 && outcome.errors.isEmpty, what)
        #expect(try line.bytes("m.st") == expected, what)
      }
    }
  }

  /// A limit on the size of files is an error; nothing of the file stays.
  @Test(arguments: [4, 8, 16]) func filesThatMayNotGrow(blocks: Int) throws {
    let before = try line.names()
    for arguments in [train(), train("mf", "--checkpoint ck")] {
      let outcome = try run(after: "ulimit -f \(blocks)", arguments)
      #expect(outcome.code == 1, "\(outcome)")
      #expect(outcome.errors.hasPrefix("osusume: cannot write "), "\(outcome)")
      #expect(outcome.errors.contains("raise the limit on the size of files (ulimit -f)"))
      #expect(try line.names().subtracting(before).isSubset(of: ["ck"]))
    }
  }

  /// A low limit on the stack is raised where that is allowed, and said where it is not.
  @Test func stacks() throws {
    for kilobytes in [64, 128, 256, 400] {
      let raised = try run(after: "ulimit -S -s \(kilobytes)", train())
      #expect(raised.code == 0, "\(raised)")
      let outcome = try run(after: "ulimit -s \(kilobytes)", train())
      #expect(outcome.code == 1, "\(outcome)")
      #expect(outcome.errors.hasPrefix("osusume: the limit on the stack is too low"), "\(outcome)")
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
    }
    for kilobytes in [600, 1024, 4096] {
      let outcome = try run(after: "ulimit -s \(kilobytes)", train("als", "--threads 2"))
      #expect(outcome.code == 0, "\(kilobytes): \(outcome)")
    }
  }

  /// A file that somebody empties while it is read ends the command in a line, wherever that was and however many of
  /// its threads were reading.
  @Test func filesThatAreCutShort() throws {
    let text = syntheticRatings(users: 20_000, items: 100)
    for _ in 0..<24 {
      try line.write(text, to: "long.csv")
      let process = try line.start(
        "train --ratings long.csv --model mean --output m.st --quiet --threads 8"
          .split(separator: " ").map(String.init))
      Thread.sleep(forTimeInterval: Double.random(in: 0.01...0.15))
      truncate(line.path("long.csv"), 100)
      process.waitUntilExit()
      let outcome = try line.outcome(of: process)
      #expect([0, 1].contains(outcome.code), "\(outcome)")
      #expect(outcome.errors.split(separator: "\n").count == Int(outcome.code), "\(outcome)")
    }
  }

  /// Whoever reads what a command says may go: work is finished all the same.
  @Test func readersThatHaveGone() throws {
    let piped = try line.start(
      [
        "-c", "(\"$0\" \"$@\" 2>err.txt; echo $? >code.txt) | true",
        line.executable().path, "train", "--ratings", "r.csv", "--model", "mf", "--epochs", "2",
        "--output", "p.st",
      ], of: URL(filePath: "/bin/sh"))
    piped.waitUntilExit()
    _ = try line.outcome(of: piped)
    let code = String(decoding: try line.bytes("code.txt"), as: UTF8.self)
    #expect(code == "1\n")
    let said = String(decoding: try line.bytes("err.txt"), as: UTF8.self)
    #expect(said.contains("what reads it has ended"), "\(said)")
    // The model was written before anything was said of it.
    #expect(FileManager.default.fileExists(atPath: line.path("p.st")))
  }

  /// Temporary files of killed writers go when the next command for the file starts, even where that fails; those
  /// that a process holds stay.
  @Test func whatKilledWritersLeft() throws {
    try line.write("nothing", to: "bad.csv")
    for name in ["m.st.12.34.tmp", "m.st.56.78.tmp", "n.st.12.34.tmp"] {
      try line.write("", to: name)
    }
    let held = open(line.path("m.st.56.78.tmp"), O_RDONLY)
    defer { close(held) }
    #expect(flock(held, LOCK_EX) == 0)
    let outcome = try line.run(["train", "--ratings", "bad.csv", "--output", "m.st"])
    #expect(outcome.code == 1)
    #expect(
      try line.names() == ["r.csv", "bad.csv", "m.st.56.78.tmp", "n.st.12.34.tmp"])
  }
}
