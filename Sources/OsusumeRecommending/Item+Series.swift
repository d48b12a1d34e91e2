// Which series an item is a part of, by its title.
import Foundation
import OsusumeData

extension Item {
  /// What the titles of a series have in common: "Dragon Ball Z Movie 11: Super Senshi" is of "dragon ball z".
  ///
  /// The words before a subtitle ("Star Wars: Episode IV", "Fate/Zero - Part"), without what is in brackets,
  /// words for parts ("season", "movie", "ova" …) and what follows them, and a number at the end. Parts whose
  /// titles share no beginning are not told to be of one series.
  public var series: String {
    var depth = 0
    let plain = title.lowercased().filter { character in
      if character == "(" || character == "[" { depth += 1 }
      defer { if character == ")" || character == "]" { depth = max(0, depth - 1) } }
      return depth == 0
    }
    let end = [": ", " - ", " ~", ", the", ", a ", ", les"]
      .compactMap { plain.range(of: $0)?.lowerBound }.min()
    var words = plain[..<(end ?? plain.endIndex)]
      .split { !($0.isLetter || $0.isNumber) }.map(String.init)
    if let part = words.dropFirst().firstIndex(where: { Self.partWords.contains($0) }) {
      words.removeSubrange(part...)
    }
    while words.count > 1, let last = words.last, Self.isNumber(last) { words.removeLast() }
    return words.isEmpty ? title.lowercased() : words.joined(separator: " ")
  }

  /// Words with which the name of a part begins.
  private static let partWords: Set<String> = [
    "movie", "movies", "film", "ova", "ona", "oad", "special", "specials", "season", "series",
    "stage",
    "part", "tv", "episode", "episodes", "vol", "volume", "chapter", "recap", "picture", "2nd",
    "3rd",
    "4th", "5th", "6th", "second", "third", "final", "zoku",
  ]

  /// Whether a word is a number, in digits or roman.
  private static func isNumber(_ word: String) -> Bool {
    word.allSatisfy(\.isNumber)
      || ["ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"].contains(word)
  }
}
