// Maps: the nearest of all vectors, their affinities, the forces of a t-SNE step, the moves of a UMAP epoch.
import CKernels
import Foundation
import Osusume

/// Vectors in groups, and a map of them as it is late in a descent.
final class MapWork {
  private static let width = 50
  private static let groups = 40
  private static let perplexity: Float = 30
  /// Parts of the points, and of the grid, that are worked on side by side.
  private static let chunks = 32
  /// Of UMAP's curve and its draws.
  private static let (a, b, key): (Float, Float, UInt32) = (1.5769435, 0.8950609, 99)
  private static let rate: Float = 0.25

  private let points: Int
  private let vectors: FactorVectors
  private let count: Int
  private let search: NeighbourSearch
  private let near: Neighbourhoods
  private let affinities: Affinities
  private let grid: ForceGrid
  /// Places, forces of both kinds, moved places: a row for each, points in columns.
  private let state: FloatMatrix
  private let order: Column<Int32>, starts: Column<Int32>
  private var location = ck_tsne_points()
  private let potentials = Column<Double>(repeating: 0, count: chunks)
  private let edges: Affinities
  private let pace: Column<UInt32>, blocks: Column<Int32>
  private let scratch: [Column<Int32>]
  private var found: [Int32] = []
  private let conditional: Column<Float>

  private enum Lane: Int, CaseIterable {
    case x, y, pullX, pullY, pushX, pushY, nextX, nextY
  }

  /// As many vectors as the data have items.
  init(_ data: BenchData, seed: UInt64, threads: Int) {
    points = data.items
    let table = FloatMatrix(rows: points, columns: Self.width)
    let centres = FloatMatrix(rows: Self.groups, columns: Self.width)
    state = FloatMatrix(rows: Lane.allCases.count, columns: points)
    let key = ck_random_key(seed, 205)
    ck_init_normal(table.base, 0, points, Self.width, table.stride, 1, key)
    ck_init_normal(centres.base, 0, Self.groups, Self.width, centres.stride, 1, ~key)
    // Groups of some ten across on a map of some two hundred, of ten thousand points; of fewer a part as dense.
    let scale = Float((Double(points) / 10_000).squareRoot())
    for row in 0..<points {
      let centre = centres[row % Self.groups]
      for lane in 0..<Self.width { table[row][lane] += centre[lane] }
      state[Lane.x.rawValue][row] = scale * (35 * centre[0] + 3 * table[row][2])
      state[Lane.y.rawValue][row] = scale * (35 * centre[1] + 3 * table[row][3])
    }
    vectors = FactorVectors(table, factors: Self.width)
    count = min(points - 1, Int(3 * Self.perplexity))
    search = NeighbourSearch(vectors, by: .euclid)
    near = Neighbourhoods(vectors, count: count, threads: threads)
    affinities = Affinities(near, perplexity: Double(Self.perplexity), threads: threads)
    conditional = Column(count: points * count)
    grid = ForceGrid(workers: threads)
    order = Column(count: points)
    starts = Column(count: ForceGrid.mostNodes + 1)
    edges = Affinities(near, neighbours: 14, threads: threads)
    pace = edges.paces(epochs: 500)
    let whole = (points + Int(CK_UMAP_BLOCK) - 1) / Int(CK_UMAP_BLOCK)
    blocks = Column(repeating: -1, count: whole * Int(CK_UMAP_BLOCK))
    for point in 0..<points { blocks[point] = Int32(point) }
    let longest = (edges.mostEntries + 1) * Int(CK_UMAP_BLOCK)
    scratch = (0..<threads).map { _ in Column(count: longest) }
    layGrid()
  }

  private subscript(lane: Lane) -> UnsafeMutablePointer<Float> {
    state.base + lane.rawValue * state.stride
  }

  private func layGrid() {
    let (x, y) = (state[Lane.x.rawValue].prefix(points), state[Lane.y.rawValue].prefix(points))
    let (left, bottom) = (x.min() ?? 0, y.min() ?? 0)
    grid.fit(max((x.max() ?? 0) - left, (y.max() ?? 0) - bottom))
    let spacing = grid.kernel.pointee.spacing
    location.count = points
    (location.x, location.y) = (UnsafePointer(self[.x]), UnsafePointer(self[.y]))
    (location.left, location.bottom) = (left - 1.5 * spacing, bottom - 1.5 * spacing)
    (location.starts, location.order) = (UnsafePointer(starts.base), UnsafePointer(order.base))
  }

  /// All of them, in the order in which a map takes them.
  var benches: [KernelBench] { [nearest, conditionals, potential, forces, moves] }

  /// The points that are checked.
  private var sample: [Int] { stride(from: 0, to: points, by: max(1, points / 20)).map { $0 } }

  private func forEachPart(of count: Int, threads: Int, _ body: (Int, Range<Int>) -> Void) {
    forEachChunk(Self.chunks, threads: threads) {
      body($0, evenRange($0, of: Self.chunks, count: count))
    }
  }

  // MARK: Neighbours and affinities

  /// `ck_topn_search` for the nearest of every vector.
  private var nearest: KernelBench {
    let all = (0..<Int32(points)).map { $0 }
    return KernelBench(
      "topn.nearest", unit: "point", units: points, bytes: 0,
      flops: Double(2 * points * (Self.width + 1)), bandwidth: nil,
      remark: "flops of a full float product; keeping the \(count) nearest is much of it",
      run: { threads in self.found = self.search.nearest(self.count, to: all, threads: threads) },
      isRight: { _ in self.sample.allSatisfy(self.nearestAreRight) })
  }

  /// Whether the k-th neighbour found is as near as the k-th nearest, to a few roundings.
  private func nearestAreRight(of point: Int) -> Bool {
    func square(_ other: Int) -> Double {
      zip(vectors[point], vectors[other]).reduce(0) {
        $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
      }
    }
    let right = (0..<points).filter { $0 != point }.map(square).sorted()
    return (0..<count).allSatisfy { place in
      let other = Int(found[point * count + place])
      return other >= 0 && other != point
        && abs(square(other) - right[place]) <= 1e-4 * right[place]
    }
  }

  /// `ck_tsne_affinities` of every point.
  private var conditionals: KernelBench {
    KernelBench(
      "tsne.affinities", unit: "neighbour", units: points * count, bytes: 8, bandwidth: .l2Read,
      remark: "some eight exponentials each: Newton's method for the width of a bell",
      run: { threads in
        self.forEachPart(of: self.points, threads: threads) { _, rows in
          ck_tsne_affinities(
            self.near.distances, self.near.count, self.count, self.wanted, rows.lowerBound,
            rows.upperBound, self.conditional.base)
        }
      },
      isRight: { _ in self.sample.allSatisfy(self.entropyIsRight) })
  }

  private var wanted: Float { min(Self.perplexity, Float(count) / 3) }

  private func entropyIsRight(of point: Int) -> Bool {
    let p = (0..<count).map { Double(conditional[point * count + $0]) }
    let entropy = p.reduce(0) { $0 - ($1 > 0 ? $1 * log($1) : 0) }
    return abs(p.reduce(0, +) - 1) < 1e-4 && abs(entropy - log(Double(wanted))) < 1e-3
  }

  // MARK: t-SNE

  /// `ck_tsne_sort`, `_rows`, `_columns` and `_back`: the potential of all points on the grid.
  private var potential: KernelBench {
    let side = grid.kernel.pointee.side
    let logarithm = log2(Double(2 * side))
    return KernelBench(
      // Transforms of pairs of real rows there and back, and of complex columns of twice the length; the spectrum
      // written, read, written and read, its kernel read, the potential written.
      "tsne.grid", unit: "node", units: side * side, bytes: 44, flops: 25 * logarithm + 12,
      bandwidth: .l3Read, remark: "\(side) nodes a side; charges are spread and sorted besides",
      run: { self.fillGrid(threads: $0) },
      isRight: { threads in
        self.push(threads: threads)
        return self.pushIsRight
      })
  }

  private func fillGrid(threads: Int) {
    let blocks = grid.blocks
    ck_tsne_sort(&location, grid.kernel.pointee.side, grid.kernel.pointee.spacing)
    forEachWorker(threads) { worker in
      let part = evenRange(worker, of: threads, count: blocks)
      ck_tsne_rows(
        grid.kernel, &location, part.lowerBound, part.upperBound, grid.scratch[worker].base)
    }
    forEachPart(of: blocks + 1, threads: threads) { _, part in
      ck_tsne_columns(grid.kernel, part.lowerBound, part.upperBound)
    }
    forEachWorker(threads) { worker in
      let part = evenRange(worker, of: threads, count: blocks)
      ck_tsne_back(grid.kernel, part.lowerBound, part.upperBound, grid.scratch[worker].base)
    }
  }

  /// `ck_tsne_forces` of every point, the potential being there.
  private var forces: KernelBench {
    let entries = affinities.withKernel { Int($0.pointee.offsets[$0.pointee.rows]) }
    fillGrid(threads: 1)
    return KernelBench(
      "tsne.forces", unit: "entry", units: entries, bytes: 8, flops: 10, bandwidth: .l3Read,
      remark: "places gathered, one an entry",
      run: { self.push(threads: $0) },
      isRight: { _ in self.pushIsRight && self.sample.allSatisfy(self.pullIsRight) })
  }

  private func push(threads: Int) {
    affinities.withKernel { affinities in
      var kernel = ck_tsne_state()
      kernel.affinities = affinities
      (kernel.pull_x, kernel.pull_y) = (self[.pullX], self[.pullY])
      (kernel.push_x, kernel.push_y) = (self[.pushX], self[.pushY])
      (kernel.x, kernel.y) = (self[.x], self[.y])
      withUnsafePointer(to: kernel) { kernel in
        forEachPart(of: points, threads: threads) { part, rows in
          potentials[part] = ck_tsne_forces(
            grid.kernel, &location, kernel, rows.lowerBound, rows.upperBound)
        }
      }
    }
  }

  private func place(_ point: Int) -> (x: Double, y: Double) {
    (Double(self[.x][point]), Double(self[.y][point]))
  }

  /// Whether the forces between all pairs are what nodes so far apart give: no error is more than a seventh of the
  /// largest force, nor than that of a thousandth of the points next to each other.
  private var pushIsRight: Bool {
    var (wrong, largest) = (0.0, 1e-3 * Double(points))
    for point in sample {
      let own = place(point)
      var force = (x: 0.0, y: 0.0)
      for other in 0..<points {
        let (dx, dy) = (own.x - place(other).x, own.y - place(other).y)
        let w = 1 / (1 + dx * dx + dy * dy)
        force = (force.x + w * w * dx, force.y + w * w * dy)
      }
      largest = max(largest, abs(force.x), abs(force.y))
      wrong = max(
        wrong, abs(Double(self[.pushX][point]) - force.x),
        abs(Double(self[.pushY][point]) - force.y))
    }
    return wrong <= 0.15 * largest
  }

  private func pullIsRight(of point: Int) -> Bool {
    affinities.withKernel { rows in
      let own = place(point)
      var (x, y, magnitude) = (0.0, 0.0, 0.0)
      let entries = rows.pointee.offsets[point]..<rows.pointee.offsets[point + 1]
      for entry in entries.map({ Int($0) }) {
        let other = place(Int(rows.pointee.columns[entry]))
        let (dx, dy) = (own.x - other.x, own.y - other.y)
        let w = Double(rows.pointee.values[entry]) / (1 + dx * dx + dy * dy)
        (x, y, magnitude) = (x + w * dx, y + w * dy, magnitude + abs(w * dx) + abs(w * dy))
      }
      return isClose(self[.pullX][point], x, terms: entries.count, magnitude: magnitude)
        && isClose(self[.pullY][point], y, terms: entries.count, magnitude: magnitude)
    }
  }

  // MARK: UMAP

  /// The epoch that is timed: every edge that pulls at all has its turn in some.
  private static let epoch: UInt32 = 3

  /// `ck_umap_move` of every point through one epoch.
  private var moves: KernelBench {
    let pulls = (0..<points).reduce(0) { $0 + due(of: $1).count }
    let steps = pulls * (1 + Int(CK_UMAP_NEGATIVES))
    return KernelBench(
      "umap.move", unit: "pair", units: max(1, steps), bytes: 8, flops: 60, bandwidth: .l2Read,
      remark:
        "a power, a quotient, two clipped steps; lanes without an edge wait",
      run: { self.move(threads: $0) },
      isRight: { _ in self.sample.allSatisfy(self.moveIsRight) })
  }

  private func move(threads: Int) {
    let whole = (points + Int(CK_UMAP_BLOCK) - 1) / Int(CK_UMAP_BLOCK)
    edges.withKernel { edges in
      let state = ck_umap_state(
        edges: edges, pace: pace.base, count: points, points: blocks.base, a: Self.a, b: Self.b,
        key: Self.key, x: self[.x], y: self[.y], next_x: self[.nextX], next_y: self[.nextY])
      withUnsafePointer(to: state) { state in
        forEachWorker(threads) { worker in
          ck_umap_move(
            state, Self.epoch, Self.rate, worker, whole, threads, scratch[worker].base)
        }
      }
    }
  }

  /// The neighbours that pull a point in that epoch.
  private func due(of point: Int) -> [Int] {
    edges.withKernel { rows in
      (Int(rows.pointee.offsets[point])..<Int(rows.pointee.offsets[point + 1])).filter {
        pace[$0] &* (Self.epoch + 1) < pace[$0]
      }.map { Int(rows.pointee.columns[$0]) }
    }
  }

  /// The same in double.
  private func moveIsRight(of point: Int) -> Bool {
    let start = place(point)
    var (x, y) = start
    var reach = 1.0
    let (a, b, rate) = (Double(Self.a), Double(Self.b), Double(Self.rate))
    func step(from other: Int, _ factor: (_ square: Double, _ power: Double) -> Double) {
      let (dx, dy) = (x - place(other).x, y - place(other).y)
      let d = max(dx * dx + dy * dy, 1e-12)
      let size = factor(d, a * pow(d, b))
      x += rate * max(-4, min(4, size * dx))
      y += rate * max(-4, min(4, size * dy))
      reach += rate * 4
    }
    for (number, other) in due(of: point).enumerated() {
      for _ in 0..<2 { step(from: other) { -2 * b * $1 / ($0 * (1 + $1)) } }
      for draw in 0..<UInt32(CK_UMAP_NEGATIVES) {
        let place = UInt32(number) * UInt32(CK_UMAP_NEGATIVES) + draw
        let counter = Self.mixed(Self.epoch &* 0x85eb_ca6b &+ place)
        let bits = Self.mixed(UInt32(point) &* 0x9e37_79b9 &+ Self.key &+ counter)
        let drawn = min(Int(Float(bits >> 8) * (Float(points) * 0x1p-24)), points - 1)
        step(from: drawn) { 2 * b / ((0.001 + $0) * (1 + $1)) }
      }
    }
    // Powers are right to a ten-thousandth of a step.
    return abs(Double(self[.nextX][point]) - x) <= 1e-3 * reach
      && abs(Double(self[.nextY][point]) - y) <= 1e-3 * reach
  }

  /// Bits of a counter, as the kernel draws them.
  private static func mixed(_ x: UInt32) -> UInt32 {
    var x = x
    x ^= x >> 16
    x = x &* 0x7feb_352d
    x ^= x >> 15
    x = x &* 0x846c_a68b
    return x ^ (x >> 16)
  }
}
