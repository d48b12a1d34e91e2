// The Swift of the README and of the articles as one program: its argument names the page.
import Foundation

@main struct Snippets {
  static func main() async throws {
    switch CommandLine.arguments.dropFirst().first {
    case "readme": try readme()
    case "gettingStarted": try gettingStarted()
    case "ratingsFromMemory": try ratingsFromMemory()
    case "trainingInATask": try await trainingInATask()
    case "choosingAModel": try choosingAModel()
    case "readingAComparison": try readingAComparison()
    case "addingAModel": try addingAModel()
    default: fatalError("give the name of a page")
    }
  }
}
