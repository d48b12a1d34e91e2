// swift-tools-version: 6.0
import PackageDescription

// What the executable was built from, as `make` says it: a manifest that asked git would be kept, and go stale.
let origin = [("PROBE_COMMIT", "OSUSUME_COMMIT"), ("PROBE_SWIFT", "OSUSUME_SWIFT")]
  .compactMap { name, variable in
    Context.environment[variable].map { CSetting.define(name, to: "\"\($0)\"") }
  }

// A module may import only modules above it in this list: the order is the architecture.
let package = Package(
  name: "osusume",
  products: [
    .library(name: "Osusume", targets: ["Osusume"]),
    .executable(name: "osusume", targets: ["OsusumeCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
    .target(name: "CKernels", path: "CKernels"),
    .target(
      name: "OsusumeData",
      dependencies: ["CKernels", "CZlib", "COpenSSL"]),
    .target(name: "OsusumeModels", dependencies: ["OsusumeData", "CKernels", "COpenBLAS"]),
    .target(name: "OsusumeRecommending", dependencies: ["OsusumeModels", "CKernels"]),
    .target(name: "OsusumeTraining", dependencies: ["OsusumeModels", "CKernels", "COpenBLAS"]),
    .target(
      name: "OsusumeAnalysis",
      dependencies: ["OsusumeTraining", "OsusumeRecommending", "COpenBLAS"]),
    .target(name: "Osusume", dependencies: ["OsusumeAnalysis"]),
    // What a machine can do at most: the yardsticks of the benches.
    .target(
      name: "CProbe", dependencies: ["CKernels"], path: "bench/probe", cSettings: origin),
    .target(
      name: "OsusumeBench", dependencies: ["Osusume", "CKernels", "COpenBLAS", "CProbe"],
      path: "bench/harness"),
    // What the executable does where memory runs out; a library leaves that to whoever uses it.
    .target(name: "COutOfMemory"),
    .executableTarget(
      name: "OsusumeCLI",
      dependencies: [
        "Osusume", "OsusumeBench", "COutOfMemory",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    // What the order of ratings costs mf in error: a measurement, not part of the tool.
    .executableTarget(
      name: "sgd-order",
      dependencies: [
        "Osusume", "OsusumeBench", "CKernels",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "bench/sgd-order"),
    // Each kernel once, for valgrind to count its instructions: what `make bench-check` runs.
    .executableTarget(
      name: "kernel-counts", dependencies: ["OsusumeBench", "CProbe"], path: "bench/counts",
      exclude: ["baseline.json", "check.py"]),
    // The Swift of the README and of the articles, as one program that a test runs.
    .executableTarget(name: "OsusumeSnippets", dependencies: ["Osusume"], path: "Tests/Snippets"),
    // Double-precision references for the kernels: used by tests alone.
    .target(name: "CReference", path: "Tests/CReference"),
    // A small model, and where to write it.
    .target(name: "ModelFixtures", dependencies: ["OsusumeModels"], path: "Tests/ModelFixtures"),
    .testTarget(name: "CKernelsTests", dependencies: ["CKernels", "CReference", "OsusumeData"]),
    .testTarget(name: "OsusumeDataTests", dependencies: ["OsusumeData"]),
    .testTarget(name: "OsusumeModelsTests", dependencies: ["OsusumeModels", "ModelFixtures"]),
    .testTarget(
      name: "OsusumeRecommendingTests", dependencies: ["OsusumeRecommending", "ModelFixtures"]),
    .testTarget(
      name: "OsusumeTrainingTests",
      dependencies: ["OsusumeTraining", "OsusumeRecommending", "CReference"]),
    .testTarget(
      name: "OsusumeAnalysisTests", dependencies: ["OsusumeAnalysis", "OsusumeBench", "CZlib"]),
    .testTarget(name: "OsusumeTests", dependencies: ["Osusume"]),
    .testTarget(name: "OsusumeCLITests", dependencies: ["OsusumeCLI", "OsusumeBench"]),
  ],
  cLanguageStandard: .c11
)

// Fuzz targets have no main of their own: libFuzzer brings it, so they build with `make fuzz` alone.
if Context.environment["OSUSUME_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "FuzzModelFile", dependencies: ["OsusumeAnalysis"], path: "Tests/Fuzz/FuzzModelFile",
      exclude: ["tokens.dict"]))
  package.targets.append(
    .executableTarget(
      name: "FuzzText", dependencies: ["OsusumeData"], path: "Tests/Fuzz/FuzzText",
      exclude: ["tokens.dict"]))
}

// Under a sanitizer the tests of one target run: nothing is built that they do not need.
if let kept = Context.environment["OSUSUME_TESTS"] {
  var needed = Set([kept])
  for target in package.targets.reversed() where needed.contains(target.name) {
    for case .byNameItem(let name, _) in target.dependencies { needed.insert(name) }
  }
  package.targets.removeAll { !needed.contains($0.name) }
  package.products = []
  package.dependencies = []
}
