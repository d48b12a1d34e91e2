// What terminals show: columns that stay straight, colour where it is wanted.
import Foundation
import Testing

@testable import OsusumeCLI

struct DisplayTests {
  @Test func wideLettersTakeTwoColumns() {
    #expect("abc".columns == 3 && "おすすめ".columns == 8 && "ｶﾅ".columns == 2)
    #expect("é".columns == 1 && "e\u{301}".columns == 1 && "👩‍🚀".columns == 2 && "❤️".columns == 2)
    #expect("한국".columns == 4 && "，".columns == 2 && "🇯🇵".columns == 2 && "…".columns == 1)
    #expect("おすすめ".clipped(to: 8) == "おすすめ" && "おすすめ".clipped(to: 7) == "おすす…")
    #expect("おすすめ".clipped(to: 6) == "おす…" && "title".clipped(to: 4) == "tit…")
    var table = TextTable(["title", "n"], alignments: [.left, .right])
    for title in ["おすすめ", "plain", "👩‍🚀 moon", "مرحبا"] { table.add(title, "12") }
    let ends = table.lines.map(\.columns)
    #expect(Set(ends).count == 1, "\(table.lines)")
  }

  @Test func wordsOfAShellAreQuotedWhereItWouldTakeThemApart() {
    #expect(["a-b_c.d/e:f,g=h@i%j+k", "1"].shellLine == "a-b_c.d/e:f,g=h@i%j+k 1")
    #expect(["", "a b", "it's", "é", "$x"].shellLine == #"'' 'a b' 'it'\''s' 'é' '$x'"#)
  }

  @Test func colourIsForTerminalsAlone() throws {
    #expect(Colour.paint("a ██░ b") == "a \u{1B}[34m██░\u{1B}[0m b")
    #expect(Colour.paint("it DOES NOT BEAT") == "it \u{1B}[1;31mDOES NOT BEAT\u{1B}[0m")
    #expect(Colour.paint("plain") == "plain")
    let line = try CommandLine()
    try line.write(syntheticRatings(), to: "r.csv")
    let arguments = ["data", "describe", "--ratings", "r.csv"]
    #expect(try !line.succeed(arguments).output.contains("\u{1B}"))
    // The same on a pseudo-terminal, which script(1) makes.
    let script = URL(filePath: "/usr/bin/script")
    guard FileManager.default.isExecutableFile(atPath: script.path) else { return }
    let command = ([try line.executable().path] + arguments).joined(separator: " ")
    for (environment, isColoured) in [
      (["TERM": "xterm", "NO_COLOR": ""], true), (["TERM": "xterm", "NO_COLOR": "1"], false),
      (["TERM": "dumb", "NO_COLOR": ""], false),
    ] {
      let process = try line.start(
        ["-qec", command, "/dev/null"], of: script, environment: environment)
      process.waitUntilExit()
      let outcome = try line.outcome(of: process)
      #expect(outcome.output.contains("density"), "\(outcome)")
      #expect(outcome.output.contains("\u{1B}[34m█") == isColoured, "\(environment)")
    }
  }
}
