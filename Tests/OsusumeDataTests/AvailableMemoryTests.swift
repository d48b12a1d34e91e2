// How much memory control groups leave, by files as systems have them.
import Foundation
import OsusumeData
import Testing

struct AvailableMemoryTests {
  private func groups(_ files: [String: String], _ membership: String) throws -> Int? {
    let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (path, text) in files {
      let file = folder.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    return AvailableMemory.groups(in: folder.path, of: membership)
  }

  @Test func theNarrowestGroupCounts() throws {
    let files = [
      "a/memory.max": "1000\n", "a/memory.current": "300\n",
      "a/memory.stat": "anon 100\ninactive_file 150\nactive_file 9\n",
      "a/b/memory.max": "max\n", "a/b/memory.current": "200\n",
      "a/b/c/memory.max": "900\n", "a/b/c/memory.current": "1200\n",
    ]
    #expect(try groups(files, "0::/a/b\n") == 850)
    #expect(try groups(files, "0::/a/b/c\n") == 0)
    #expect(try groups(files, "0::/other\n") == nil)
    #expect(try groups(files, "nonsense\n0:\n\n") == nil)
    // In a container the group itself is the root of what is shown.
    #expect(try groups(["memory.max": "50\n"], "0::/../outside\n") == 50)
  }

  @Test func theFirstVersionOfGroups() throws {
    let files = [
      "memory/limit/memory.limit_in_bytes": "5000\n",
      "memory/limit/memory.usage_in_bytes": "4000\n",
      "memory/limit/memory.stat": "total_inactive_file 7\n",
      "memory/memory.limit_in_bytes": "9223372036854771712\n",
      "memory/memory.usage_in_bytes": "123\n",
    ]
    #expect(try groups(files, "9:cpu:/x\n4:cpuset,memory:/limit\n") == 1007)
    #expect(try groups(files, "4:memory:/\n") == nil)
  }

  @Test func thisMachineHasSome() { #expect(AvailableMemory.bytes > 1 << 20) }
}
