// Maps: the right axes, known groups found, the same places for any number of threads, harmless pages.
import Foundation
import OsusumeData
import OsusumeModels
import OsusumeRecommending
import Testing

@testable import OsusumeAnalysis

/// Items in groups of `size` around centres far apart in 6 dimensions, in turn.
private func groupedModel(groups: Int, size: Int, title: String = "Title") -> Model {
  var model = randomModel(users: 3, items: groups * size, factors: 6, seed: 9)
  var random = SplitMix(state: 5)
  let centres = (0..<groups).map { _ in
    (0..<6).map { _ in Float.random(in: -4...4, using: &random) }
  }
  let items = model.parameters.tables[1]
  for item in 0..<groups * size {
    for lane in 0..<6 {
      items[item][lane] = centres[item % groups][lane] + .random(in: -0.5...0.5, using: &random)
    }
  }
  for item in 0..<groups * size { model.itemCounts[item] = Int32(item + 1) }
  model.catalog = ItemCatalog(
    (0..<groups * size).map { item in
      Item(
        id: String(item + 1), title: "\(title) \(item)", genres: ["Genre \(item % groups)", "All"],
        type: item % 2 == 0 ? "TV" : "Movie", episodes: item,
        averageRating: 5 + Double(item % groups))
    })
  return model
}

private func map(
  _ model: Model, _ methods: [MapMethod], perplexities: [Double]? = nil, threads: Int = 2
) throws -> ModelMap {
  var options = MapOptions()
  options.methods = methods
  options.perplexities = perplexities
  options.threads = threads
  return try ModelMap(MapSubject(model, of: .items), options)
}

struct ModelMapTests {
  @Test func principalAxesAreThoseOfTheCovariance() throws {
    // Spread 5 along (3, 4)/5 and 1 across it, in the third dimension nothing.
    var elements: [[Double]] = [[], [], []]
    for step in 0..<40 {
      let (along, across) = (5 * cos(Double(step)), sin(3 * Double(step)))
      elements[0].append(0.6 * along - 0.8 * across + 7)
      elements[1].append(0.8 * along + 0.6 * across - 2)
      elements[2].append(4)
    }
    let axes = PrincipalAxes(
      ColumnMatrix(rows: 40, columns: 3, elements: elements.flatMap { $0 }), count: 2)
    #expect(abs(axes.shares[0] + axes.shares[1] - 1) < 1e-12)
    #expect(axes.shares[0] > 0.9 && axes.shares[1] > 0.02)
    // Distances are kept where nothing is lost, and each axis has its share of the variance.
    for (a, b) in [(0, 1), (3, 17), (20, 39)] {
      let flat = (0..<2).reduce(0) { $0 + pow(axes.places[a, $1] - axes.places[b, $1], 2) }
      let full = (0..<3).reduce(0) { $0 + pow(elements[$1][a] - elements[$1][b], 2) }
      #expect(abs(flat - full) < 1e-9 * (1 + full))
    }
    let across = (0..<40).reduce(0) { $0 + axes.places[$1, 0] * axes.places[$1, 1] }
    #expect(abs(across) < 1e-9)
    let one = PrincipalAxes(ColumnMatrix(rows: 3, columns: 1, elements: [1, 2, 6]), count: 2)
    #expect(one.shares == [1, 0] && (0..<3).map { one.places[$0, 1] } == [0, 0, 0])
    #expect((0..<3).map { one.places[$0, 0] } == [-2, -1, 3])
  }

  /// Of the five nearest on the map all are of the same group, above and below the number of points at
  /// which the grid takes over.
  @Test(arguments: [(7, 40), (12, 100)])
  func groupsAreFound(groups: Int, size: Int) throws {
    let found = try map(
      groupedModel(groups: groups, size: size), [.tsne, .umap], perplexities: [10])
    for layout in found.layouts {
      let search = NeighbourSearch(layout.vectors.standardised, by: .euclid)
      var same = 0
      for item in stride(from: 0, to: groups * size, by: 3) {
        same += search.nearest(5, to: item).count { $0.row % groups == item % groups }
      }
      let asked = 5 * ((groups * size + 2) / 3)
      #expect(Double(same) > 0.97 * Double(asked), "\(layout.title): \(same) of \(asked)")
      #expect(layout.neighboursKept > 0.25, "\(layout.title): \(layout.neighboursKept)")
    }
    #expect(found.layouts[0].divergence.map { $0 > 0 && $0 < 2.5 } == true)
  }

  @Test func placesDoNotDependOnThreads() throws {
    let model = groupedModel(groups: 12, size: 90)
    let one = try map(model, [.pca, .tsne, .umap], perplexities: [5], threads: 1).layouts
    for threads in [2, 3] {
      let more = try map(model, [.pca, .tsne, .umap], perplexities: [5], threads: threads).layouts
      for (a, b) in zip(one, more) {
        #expect(a.x == b.x && a.y == b.y && a.divergence == b.divergence, "\(a.title)")
      }
    }
  }

  @Test func perplexitiesThatThereAreTooFewPointsForAreLeftOut() throws {
    var options = MapOptions()
    #expect(try options.perplexities(points: 10_000) == [5, 30, 50, 100])
    #expect(try options.perplexities(points: 100) == [5, 30])
    #expect(try options.perplexities(points: 10) == [3])
    #expect(try options.perplexities(points: 2) == [1])
    options.perplexities = [30]
    #expect(try options.perplexities(points: 92) == [30])
    #expect(throws: MapError.perplexity(30, points: 91)) { try options.perplexities(points: 91) }
  }

  @Test(arguments: [2, 3, 5]) func fewPointsHavePlaces(count: Int) throws {
    var model = groupedModel(groups: 1, size: count)
    for layout in try map(model, [.pca, .tsne, .umap]).layouts {
      #expect(
        layout.x.count == count && (layout.x + layout.y).allSatisfy { $0.isFinite },
        "\(layout.title)")
    }
    // All at one place.
    for item in 0..<count { for lane in 0..<6 { model.parameters.tables[1][item][lane] = 1 } }
    for layout in try map(model, [.pca, .tsne, .umap]).layouts {
      #expect((layout.x + layout.y).allSatisfy { $0.isFinite }, "\(layout.title)")
    }
    model.itemCounts = [Int32](repeating: 0, count: count)
    #expect(throws: MapError.tooFew(.items, 0)) { try map(model, [.pca]) }
  }

  @Test func usersAndGenresHaveMapsToo() throws {
    let model = groupedModel(groups: 4, size: 20)
    let genres = try MapSubject(model, of: .genres)
    #expect(genres.points.map(\.id) == ["All", "Genre 0", "Genre 1", "Genre 2", "Genre 3"])
    // The mean of the group's vectors.
    let items = model.parameters.tables[1]
    let mean = (0..<20).reduce(0.0) { $0 + Double(items[4 * $1 + 2][3]) } / 20
    #expect(abs(Double(genres.vectors[3][3]) - mean) < 1e-6)
    #expect(genres.points[3].averageRating == 7)
    let users = try MapSubject(model, of: .users)
    #expect(users.points.map(\.id) == ["1", "2"] && users.leftOut[.unrated] == 1)
    var bare = model
    bare.catalog = ItemCatalog()
    #expect(throws: MapError.noGenres(model: "mf")) { try MapSubject(bare, of: .genres) }
  }

  @Test func filesSayWhatThePageShows() throws {
    let hostile = "</script><script>alert(1)</script> \"q\", 😀 \u{202E}אב"
    let model = groupedModel(groups: 4, size: 5, title: hostile)
    let found = try map(model, [.pca, .tsne])
    let folder = FileManager.default.temporaryDirectory.appending(path: "osusume-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try WholeFile.write(to: "\(folder)/m.csv") { try found.writeCSV(to: $0) }
    let text = try String(contentsOfFile: "\(folder)/m.csv", encoding: .utf8)
    let lines = text.split(separator: "\n")
    #expect(lines[0] == "item,title,x,y,method,perplexity" && lines.count == 41)
    let title = hostile.replacing("\"", with: "\"\"")
    #expect(
      lines[1]
        == "1,\"\(title) 0\",\(found.layouts[0].x[0]),\(found.layouts[0].y[0]),pca,")
    #expect(lines[40].hasSuffix(",tsne,5"))
    try WholeFile.write(to: "\(folder)/m.json") {
      try found.writeJSON(model: "mf", version: "0", seed: 1, to: $0)
    }
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: "\(folder)/m.json")))
        as? [String: Any])
    let points = try #require(json["points"] as? [[String: Any]])
    #expect(points[3]["title"] as? String == "\(hostile) 3" && points[3]["item"] as? String == "4")
    let maps = try #require(json["maps"] as? [[String: Any]])
    #expect(maps.compactMap { $0["method"] as? String } == ["pca", "tsne"])
    #expect((maps[1]["x"] as? [Double])?.count == 20)
  }

  @Test func titlesNeverBecomeMarkup() throws {
    let hostile = "</script><script>throw 1</script><img src=x onerror=\"throw 2\">"
    let model = groupedModel(groups: 4, size: 5, title: hostile)
    let page = MapPage(try map(model, [.pca]), model: hostile, version: "0")
    for vega in [VegaLibrary.installed, nil] {
      let html = try page.html(vega: vega)
      let ours = vega.map { html.replacingOccurrences(of: $0.script, with: "") } ?? html
      #expect(!ours.contains("<script>throw") && !ours.contains("<img"))
      #expect(ours.contains("&lt;/script&gt;&lt;script&gt;throw 1"))
    }
    #expect(try page.html(vega: nil).contains("apt-get install libjs-vega"))
  }

  @Test(
    .enabled(
      if: Browser.path != nil && VegaLibrary.installed != nil, "needs chromium and libjs-vega"))
  func thePageIsDrawnAndFindsTitles() throws {
    let hostile = "</script><script>throw 1</script> \u{202E}אב 😀"
    let model = groupedModel(groups: 6, size: 30, title: hostile)
    // One stands so far off that a frame around all would leave the rest a corner.
    model.parameters.tables[1][179][0] = 90
    let page = MapPage(
      try map(model, [.pca, .tsne], perplexities: [5, 10]), model: "mf", version: "0")
    let folder = FileManager.default.temporaryDirectory.appending(path: "osusume-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // What a visitor does: choose another colour, isolate a genre, find a title, go there.
    let visit = """
      <script>(function wait() {
        if (!document.body.classList.contains("drawn")) return setTimeout(wait, 50);
        const told = [document.querySelectorAll(".drawing canvas").length];
        const colour = document.getElementById("colour");
        colour.value = "main genre"; colour.dispatchEvent(new Event("change"));
        const legend = document.querySelectorAll("#legend button");
        told.push(legend.length); legend[0].click();
        told.push(document.querySelectorAll('#legend [aria-pressed="true"]').length);
        const data17 = ["<", "/script>", "<script>throw 1<", "/script> \\u202Eאב 😀 17"].join("");
        const find = document.getElementById("find");
        find.value = data17; find.dispatchEvent(new Event("input"));
        const found = [...document.querySelectorAll("#found button")];
        told.push(found.length, found[0].textContent); found[0].click();
        told.push(find.value, document.querySelectorAll("#found img, #found script").length,
          document.querySelector(".outside").textContent);
        setTimeout(() => document.title = JSON.stringify(told), 300);
      })();</script></body>
      """
    try page.html().replacingOccurrences(of: "</body>", with: visit)
      .write(toFile: "\(folder)/visit.html", atomically: true, encoding: .utf8)
    for width in [400, 1280] {
      var browser = Browser(folder: folder)
      browser.window = (width, 2400)
      let told = try browser.load("\(folder)/visit.html", ["--dump-dom"])
      #expect(!told.log.contains("CONSOLE"), "\(told.log)")
      let title = try #require(told.output.firstMatch(of: /<title>(\[.*?\])<\/title>/)?.1)
      #expect(title.hasPrefix("[3,6,1,8,") && title.contains("😀 17\""), "\(title)")
      #expect(title.hasSuffix(",0,\"1 far outside: − shows it\"]"), "\(title)")
      let shot = try browser.load("\(folder)/visit.html", ["--screenshot=\(folder)/shot.png"])
      #expect(!shot.log.contains("CONSOLE"), "\(shot.log)")
      let pixels = try Pixels(png: "\(folder)/shot.png")
      // A third of the dots are coloured at the least.
      #expect(pixels.count(x: 0..<pixels.width, y: 0..<pixels.height).coloured > 60, "\(width)")
    }
  }
}
