// Every kernel once, on one thread and on data that are always the same, for `check.py` to count its instructions.
import CProbe
import Foundation
import OsusumeBench

@main
enum KernelCounts {
  static func main() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "kernel-counts-\(UUID())")
    print("compiler\t" + String(cString: probe_compiler()))
    print("isa\t" + Machine.current.isa)
    for var kernel in try CountedKernels(folder: folder.path).all {
      withUnsafeMutablePointer(to: &kernel) {
        probe_counted({ $0?.load(as: KernelBench.self).run(1) }, $0)
      }
      print("\(kernel.name)\t\(kernel.units) \(kernel.unit)s")
    }
  }
}
