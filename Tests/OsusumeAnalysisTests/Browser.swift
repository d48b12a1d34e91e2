// Chromium without a window and without a network, for pages that have to draw something.
import CZlib
import Foundation
import Testing

/// A browser that loads a file and tells what came of it.
struct Browser {
  /// Where Chromium is; OSUSUME_BROWSER names another one.
  static let path: String? = {
    if let named = ProcessInfo.processInfo.environment["OSUSUME_BROWSER"] { return named }
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.flatMap { folder in
      ["chromium", "chromium-browser", "google-chrome"].map { "\(folder)/\($0)" }
    }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// The folder for the browser's own files.
  let folder: String
  /// Size of the window: all of a page has to fit, for a screenshot shows no more.
  var window = (width: 1140, height: 7000)
  /// Pixels of a screenshot for each of the window's: fewer are decoded sooner.
  static let scale = 0.5

  /// Loads a page; returns what the browser printed and its log.
  func load(_ page: String, _ options: [String]) throws -> (output: String, log: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.path))
    process.arguments =
      [
        "--headless", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr",
        "--user-data-dir=\(folder)/profile", "--virtual-time-budget=20000",
        "--window-size=\(window.width),\(window.height)", "--proxy-server=127.0.0.1:1",
        "--force-device-scale-factor=\(Self.scale)",
      ] + (getuid() == 0 ? ["--no-sandbox"] : []) + options + ["file://\(page)"]
    let (output, log) = ("\(folder)/output.txt", "\(folder)/log.txt")
    for file in [output, log] { try Data().write(to: URL(fileURLWithPath: file)) }
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: log)
    try process.run()
    process.waitUntilExit()
    return (
      try String(contentsOfFile: output, encoding: .utf8),
      String(decoding: try Data(contentsOf: URL(fileURLWithPath: log)), as: UTF8.self)
    )
  }
}

/// The pixels of a PNG of 8 bits a channel, not interlaced, as browsers write them.
struct Pixels {
  let width: Int
  let height: Int
  private let channels: Int
  private let bytes: [UInt8]

  init(png path: String) throws {
    let file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    func number(_ place: Int) -> Int {
      file[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    width = number(16)
    height = number(20)
    channels = file[25] == 6 ? 4 : 3
    try #require(file[24] == 8 && (file[25] == 2 || file[25] == 6) && file[28] == 0)
    var packed: [UInt8] = []
    var place = 8
    while place + 8 < file.count {
      let length = number(place)
      if file[place + 4..<place + 8].elementsEqual(Array("IDAT".utf8)) {
        packed += file[place + 8..<place + 8 + length]
      }
      place += length + 12
    }
    var size = uLongf((width * channels + 1) * height)
    var raw = [UInt8](repeating: 0, count: Int(size))
    try #require(uncompress(&raw, &size, packed, uLong(packed.count)) == Z_OK)
    bytes = Self.unfiltered(raw, row: width * channels, rows: height, step: channels)
  }

  /// Undoes the filters of PNG (RFC 2083, section 6).
  private static func unfiltered(_ raw: [UInt8], row: Int, rows: Int, step: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: row * rows)
    for y in 0..<rows {
      let filter = raw[y * (row + 1)]
      for x in 0..<row {
        let left = x >= step ? Int(bytes[y * row + x - step]) : 0
        let above = y > 0 ? Int(bytes[(y - 1) * row + x]) : 0
        let corner = x >= step && y > 0 ? Int(bytes[(y - 1) * row + x - step]) : 0
        let guess: Int
        switch filter {
        case 1: guess = left
        case 2: guess = above
        case 3: guess = (left + above) / 2
        case 4:
          let base = left + above - corner
          let (a, b, c) = (abs(base - left), abs(base - above), abs(base - corner))
          guess = a <= b && a <= c ? left : b <= c ? above : corner
        default: guess = 0
        }
        bytes[y * row + x] = UInt8(truncatingIfNeeded: Int(raw[y * (row + 1) + 1 + x]) + guess)
      }
    }
    return bytes
  }

  /// In a rectangle, how many pixels are not white, and how many have a colour that is no grey.
  func count(x: Range<Int>, y: Range<Int>) -> (ink: Int, coloured: Int) {
    var (ink, coloured) = (0, 0)
    for row in y.clamped(to: 0..<height) {
      for column in x.clamped(to: 0..<width) {
        let start = (row * width + column) * channels
        let (low, high) = (bytes[start..<start + 3].min() ?? 0, bytes[start..<start + 3].max() ?? 0)
        if low < 250 { ink += 1 }
        if high - low > 12 { coloured += 1 }
      }
    }
    return (ink, coloured)
  }
}
