// t-SNE's kernels against sums over all pairs in double precision.
import CKernels
import Foundation
import OsusumeData
import Testing

/// Points of a map with a grid around them, and everything that the kernels read and write.
private final class Cloud {
  let count: Int
  let state: FloatMatrix
  var rows = ck_csr()
  let kernel = UnsafeMutablePointer<ck_tsne_state>.allocate(capacity: 1)
  let points = UnsafeMutablePointer<ck_tsne_points>.allocate(capacity: 1)
  let grid = UnsafeMutablePointer<ck_tsne_grid>.allocate(capacity: 1)
  private let offsets: Column<Int32>
  private let columns: Column<Int32>
  private let values: FloatMatrix
  private let starts: Column<Int32>
  private let order: Column<Int32>
  private var memory: [FloatMatrix] = []
  private var places: [Column<Int32>] = []
  private var scratch = FloatMatrix(rows: 0, columns: 0)

  var x: UnsafeMutablePointer<Float> { state.base }
  var y: UnsafeMutablePointer<Float> { state.base + state.stride }
  func lane(_ number: Int) -> UnsafeMutablePointer<Float> { state.base + number * state.stride }

  /// Points in three groups; each has the next two as neighbours, in rows padded to 16.
  init(_ count: Int, spread: Float, spacing: Float, seed: UInt64) {
    self.count = count
    var draws = Draws(key: ck_random_key(seed, 1))
    state = FloatMatrix(rows: 10, columns: count)
    offsets = Column(count: count + 1)
    columns = Column(repeating: 0, count: 16 * count)
    values = FloatMatrix(rows: 1, columns: 16 * count)
    starts = Column(count: 2049)
    order = Column(count: count)
    for point in 0..<count {
      state[0][point] = spread * draws.normal() + 2 * spread * Float(point % 3)
      state[1][point] = spread * draws.normal()
      offsets[point] = Int32(16 * point)
      for place in 16 * point..<16 * point + 16 { columns[place] = Int32(point) }
      for step in 0..<2 {
        columns[16 * point + step] = Int32((point + step + 1) % count)
        values.base[16 * point + step] = Float(step + 1) / Float(3 * count)
      }
    }
    offsets[count] = Int32(16 * count)
    rows = ck_csr(
      rows: count, offsets: UnsafePointer(offsets.base), columns: UnsafePointer(columns.base),
      values: UnsafePointer(values.base))
    kernel.initialize(to: ck_tsne_state())
    points.initialize(to: ck_tsne_points())
    grid.initialize(to: ck_tsne_grid())
    withUnsafePointer(to: &rows) { kernel.pointee.affinities = $0 }
    (kernel.pointee.x, kernel.pointee.y) = (x, y)
    (kernel.pointee.pull_x, kernel.pointee.pull_y) = (lane(2), lane(3))
    (kernel.pointee.push_x, kernel.pointee.push_y) = (lane(4), lane(5))
    (kernel.pointee.move_x, kernel.pointee.move_y) = (lane(6), lane(7))
    (kernel.pointee.gain_x, kernel.pointee.gain_y) = (lane(8), lane(9))
    points.pointee.count = count
    (points.pointee.x, points.pointee.y) = (UnsafePointer(x), UnsafePointer(y))
    (points.pointee.starts, points.pointee.order) = (
      UnsafePointer(starts.base), UnsafePointer(order.base)
    )
    layGrid(spacing)
  }

  deinit {
    kernel.deallocate()
    points.deallocate()
    grid.deallocate()
  }

  private func layGrid(_ spacing: Float) {
    let (left, bottom) = (
      (0..<count).map { x[$0] }.min() ?? 0, (0..<count).map { y[$0] }.min() ?? 0
    )
    let (right, top) = ((0..<count).map { x[$0] }.max() ?? 0, (0..<count).map { y[$0] }.max() ?? 0)
    let side = ck_fft_length(2 * (Int(max(right - left, top - bottom) / spacing) + 6)) / 2
    (points.pointee.left, points.pointee.bottom) = (left - 1.5 * spacing, bottom - 1.5 * spacing)
    let block = 32 * side
    memory = [
      FloatMatrix(rows: 1, columns: 2 * side), FloatMatrix(rows: 1, columns: 4 * side),
      FloatMatrix(rows: side / 16 + 1, columns: block),
      FloatMatrix(rows: side / 16 + 1, columns: 2 * block), FloatMatrix(rows: side, columns: side),
    ]
    places = [Column(count: side), Column(count: 2 * side)]
    grid.pointee.side = side
    grid.pointee.spacing = spacing
    ck_fft_prepare(side, memory[0].base, places[0].base, &grid.pointee.along)
    ck_fft_prepare(2 * side, memory[1].base, places[1].base, &grid.pointee.across)
    grid.pointee.kernel = UnsafePointer(memory[2].base)
    grid.pointee.spectrum = memory[3].base
    grid.pointee.potential = memory[4].base
    scratch = FloatMatrix(rows: 1, columns: ck_tsne_scratch(side))
  }

  /// Both sums by the grid; returns Σ φ.
  ///
  /// Blocks are worked on in two calls.
  func forces() -> Double {
    let blocks = grid.pointee.side / 16
    ck_tsne_kernel_rows(grid, 0, 1, scratch.base)
    ck_tsne_kernel_rows(grid, 1, 2 * blocks, scratch.base)
    ck_tsne_kernel(grid, 0, blocks + 1, memory[2].base)
    ck_tsne_sort(points, grid.pointee.side, grid.pointee.spacing)
    ck_tsne_rows(grid, points, 0, 1, scratch.base)
    ck_tsne_rows(grid, points, 1, blocks, scratch.base)
    ck_tsne_columns(grid, 0, 1)
    ck_tsne_columns(grid, 1, blocks + 1)
    ck_tsne_back(grid, 0, 1, scratch.base)
    ck_tsne_back(grid, 1, blocks, scratch.base)
    return withUnsafePointer(to: &rows) {
      kernel.pointee.affinities = $0
      return ck_tsne_forces(grid, points, kernel, 0, 7)
        + ck_tsne_forces(grid, points, kernel, 7, count)
    }
  }

  /// Σ φ, and what lanes 2 to 5 have to be, in double.
  func exact() -> (sum: Double, forces: [[Double]]) {
    var sum = 0.0
    var forces = [[Double]](repeating: [Double](repeating: 0, count: count), count: 4)
    for i in 0..<count {
      for j in 0..<count {
        let (dx, dy) = (Double(x[i]) - Double(x[j]), Double(y[i]) - Double(y[j]))
        let w = 1 / (1 + dx * dx + dy * dy)
        sum += w
        forces[2][i] += w * w * dx
        forces[3][i] += w * w * dy
      }
      for entry in 16 * i..<16 * i + 2 {
        let (j, p) = (Int(columns[entry]), Double(values.base[entry]))
        let (dx, dy) = (Double(x[i]) - Double(x[j]), Double(y[i]) - Double(y[j]))
        let w = p / (1 + dx * dx + dy * dy)
        forces[0][i] += w * dx
        forces[1][i] += w * dy
      }
    }
    return (sum, forces)
  }
}

extension KernelTests {
  @Suite struct TSNETests {
    @Test func lengthsAreProductsOfSmallPrimes() {
      #expect(
        [1, 32, 33, 65, 97, 129, 700].map { ck_fft_length($0) } == [32, 32, 64, 96, 128, 192, 768])
      for length in [32, 48, 96, 256] {
        var plan = ck_fft_plan()
        var twiddles = [Float](repeating: 0, count: 2 * length)
        var places = [Int32](repeating: 0, count: length)
        ck_fft_prepare(length, &twiddles, &places, &plan)
        #expect(places.sorted() == (0..<Int32(length)).map { $0 })
        #expect(abs(twiddles[2] - Float(cos(2 * Double.pi / Double(length)))) <= 0x1p-24)
        #expect(plan.stages > 0 && plan.length == length)
      }
    }

    /// The error of a spline through values h apart falls with h⁴: each halving has to gain ten times, down
    /// to what float32 resolves.
    @Test(arguments: [(700, Float(3)), (300, Float(12)), (50, Float(0.001))])
    func theGridGivesTheForcesOfAllPairs(count: Int, spread: Float) {
      let (right, forces) = Cloud(count, spread: spread, spacing: 0.5, seed: 3).exact()
      forEachISA { name in
        var errors: [Double] = []
        for spacing: Float in [0.5, 0.25, 0.125] {
          let cloud = Cloud(count, spread: spread, spacing: spacing, seed: 3)
          let sum = cloud.forces()
          var (worst, largest) = (0.0, 0.0)
          for lane in 0..<4 {
            for point in 0..<count {
              let wrong = abs(Double(cloud.lane(2 + lane)[point]) - forces[lane][point])
              if lane < 2 {
                #expect(wrong <= 64 * 0x1p-24 * Double(spread) * 6, "\(name), pull of \(point)")
              } else {
                worst = max(worst, wrong)
                largest = max(largest, abs(forces[lane][point]))
              }
            }
          }
          #expect(abs(sum / right - 1) < 0.03, "\(name), \(spacing): \(sum), \(right)")
          // As large as the points' own pull on their neighbours: forces of a tiny map are as small as it.
          errors.append(worst / max(largest, 1e-3 * Double(count)))
        }
        // In a map as small as it starts, forces are far below what the grid resolves.
        #expect(errors[0] < (spread < 1 ? 0.6 : 0.15), "\(name): \(errors)")
        #expect(errors[1] < max(errors[0] / 5, 1e-3), "\(name): \(errors)")
        #expect(errors[2] < max(errors[1] / (spread < 1 ? 1 : 5), 3e-4), "\(name): \(errors)")
      }
    }

    @Test(arguments: [1, 15, 16, 17, 100]) func pairsOneByOneAreExact(count: Int) {
      forEachISA { name in
        let cloud = Cloud(count, spread: 2, spacing: 0.5, seed: 4)
        let (right, forces) = cloud.exact()
        let sum = withUnsafePointer(to: &cloud.rows) {
          cloud.kernel.pointee.affinities = $0
          return ck_tsne_pairs(cloud.kernel, count, 0, count / 2)
            + ck_tsne_pairs(cloud.kernel, count, count / 2, count)
        }
        #expect(abs(sum - right) <= 1e-6 * right, "\(name)")
        for point in 0..<count {
          for lane in 0..<4 {
            let wrong = abs(Double(cloud.lane(2 + lane)[point]) - forces[lane][point])
            #expect(wrong <= 1e-5 * (1 + abs(forces[lane][point])), "\(name), \(point), \(lane)")
          }
        }
      }
    }

    @Test func stepsFollowGainsAndMomentum() {
      forEachISA { name in
        let count = 37
        let cloud = Cloud(count, spread: 1, spacing: 0.5, seed: 5)
        var draws = Draws(key: ck_random_key(6, 1))
        for lane in 2..<10 {
          for point in 0..<count {
            cloud.lane(lane)[point] = lane < 8 ? draws.normal() : 1 + abs(draws.normal())
          }
        }
        cloud.lane(6)[3] = 0
        let before = cloud.state.copy()
        var rates = ck_tsne_rates(rate: 0.7, momentum: 0.8, exaggeration: 3, longest: 1.5)
        var bounds = [Float](repeating: 0, count: 4)
        ck_tsne_step(cloud.kernel, &rates, 2.5, 0, count, &bounds)
        for point in 0..<count {
          var moves: [Double] = []
          for axis in 0..<2 {
            let old = { (lane: Int) in Double(before[lane + axis][point]) }
            let gradient = 3 * old(2) - old(4) / 2.5
            let gain = old(6) * gradient > 0 ? old(8) * 0.8 + 0.01 : old(8) + 0.2
            #expect(abs(Double(cloud.lane(8 + axis)[point]) - gain) < 1e-5, "\(name), \(point)")
            moves.append(0.8 * old(6) - 0.7 * gain * gradient)
          }
          let length = (moves[0] * moves[0] + moves[1] * moves[1]).squareRoot()
          for axis in 0..<2 {
            let move = moves[axis] * min(1, 1.5 / length)
            let place = Double(before[axis][point]) + move
            #expect(abs(Double(cloud.lane(6 + axis)[point]) - move) < 1e-5, "\(name), \(point)")
            #expect(abs(Double(cloud.lane(axis)[point]) - place) < 1e-5, "\(name), \(point)")
          }
        }
        // Spare lanes lie at the origin.
        let (xs, ys) = (
          (0..<count).map { cloud.x[$0] } + [0], (0..<count).map { cloud.y[$0] } + [0]
        )
        #expect(bounds == [xs.min(), xs.max(), ys.min(), ys.max()], "\(name)")
      }
    }

    @Test func divergenceIsThatOfTheDefinition() {
      forEachISA { name in
        let cloud = Cloud(40, spread: 2, spacing: 0.5, seed: 7)
        var right = 0.0
        for i in 0..<40 {
          for step in 0..<2 {
            let j = (i + step + 1) % 40
            let (dx, dy) = (
              Double(cloud.x[i]) - Double(cloud.x[j]), Double(cloud.y[i]) - Double(cloud.y[j])
            )
            let p = Double(Float(step + 1) / Float(120))
            right += p * log(p * 9 * (1 + dx * dx + dy * dy))
          }
        }
        let found = withUnsafePointer(to: &cloud.rows) {
          ck_tsne_divergence($0, cloud.x, cloud.y, 9, 0, 40)
        }
        #expect(abs(found - right) <= 1e-6 * abs(right), "\(name)")
      }
    }

    @Test(arguments: [(7, Float(2)), (16, 5), (90, 30), (91, 30.3)])
    func affinitiesHaveThePerplexity(count: Int, perplexity: Float) {
      var draws = Draws(key: ck_random_key(8, 1))
      let rows = 9
      let stride = count + 3
      // Rows of all sizes of distance, one of distances all alike.
      let distances = (0..<rows * stride).map { place in
        place / stride == 4
          ? Float(2) : Float(pow(10, Double(place / stride) - 4)) * (1 + abs(draws.normal()))
      }
      forEachISA { name in
        var p = [Float](repeating: 0, count: rows * count)
        ck_tsne_affinities(distances, stride, count, perplexity, 0, rows, &p)
        for row in 0..<rows {
          let own = p[row * count..<(row + 1) * count].map { Double($0) }
          #expect(abs(own.reduce(0, +) - 1) < 1e-5, "\(name), row \(row)")
          let entropy = own.reduce(0) { $0 - ($1 > 0 ? $1 * log($1) : 0) }
          let right = row == 4 ? log(Double(count)) : log(Double(perplexity))
          #expect(abs(entropy - right) < 1e-3, "\(name), row \(row): \(exp(entropy))")
          // Nearer is no less likely, and in the ratio of one exponential.
          let d = distances[row * stride..<row * stride + count]
          let near = d.indices.min { d[$0] < d[$1] } ?? d.startIndex
          #expect(own.max() == own[near - d.startIndex], "\(name), row \(row)")
        }
      }
    }

    @Test func distancesAreThoseOfNeighbours() {
      forEachISA { name in
        for lanes in [1, 15, 16, 17, 50] {
          let table = FloatMatrix(rows: 6, columns: lanes)
          var draws = Draws(key: ck_random_key(9, 1))
          for row in 0..<6 { for lane in 0..<lanes { table[row][lane] = draws.normal() } }
          let neighbours = (0..<6).flatMap { row in (1...3).map { Int32((row + $0) % 6) } }
          var distances = [Float](repeating: 0, count: 18)
          ck_tsne_distances(table.base, table.stride, neighbours, 3, 0, 2, &distances)
          ck_tsne_distances(table.base, table.stride, neighbours, 3, 2, 6, &distances)
          for place in 0..<18 {
            let (own, other) = (table[place / 3], table[Int(neighbours[place])])
            let right = (0..<lanes).reduce(0.0) {
              $0 + pow(Double(own[$1]) - Double(other[$1]), 2)
            }
            #expect(
              abs(Double(distances[place]) - right) <= Double(lanes + 2) * 0x1p-23 * right,
              "\(name)")
          }
        }
      }
    }

    /// t-SNE's mean of both ways, and UMAP's probability of either.
    @Test(arguments: [(Float(1) / 46, Float(0)), (1, -1)])
    func joinedAffinitiesAreMadeOfBothWays(sum: Float, product: Float) {
      let (points, count, stride) = (23, 4, 5)
      var draws = Draws(key: ck_random_key(10, 1))
      var neighbours = [Int32](repeating: -1, count: points * stride)
      var p = [Float](repeating: 0, count: points * count)
      var dense = [[Double]](repeating: [Double](repeating: 0, count: points), count: points)
      for i in 0..<points {
        var own: Set<Int> = []
        while own.count < count {
          let j = draws.below(points)
          if j != i { own.insert(j) }
        }
        for (rank, j) in own.sorted().enumerated() {
          neighbours[i * stride + rank] = Int32(j)
          p[i * count + rank] = abs(draws.normal())
          dense[i][j] = Double(p[i * count + rank])
        }
      }
      let flat = (0..<points).flatMap { neighbours[$0 * stride..<$0 * stride + count] }
      let naming = Grouping(keys: flat, count: points)
      naming.offsets.withUnsafeBufferPointer { starts in
        naming.order.withUnsafeBufferPointer { entries in
          neighbours.withUnsafeBufferPointer { neighbours in
            p.withUnsafeBufferPointer { p in
              var directed = ck_tsne_directed(
                points: points, count: count, stride: stride, neighbours: neighbours.baseAddress,
                p: p.baseAddress, sum: sum, product: product, starts: starts.baseAddress,
                entries: entries.baseAddress)
              var marks = [Int32](repeating: 0, count: points)
              var lengths = [Int32](repeating: 0, count: points)
              ck_tsne_join_lengths(&directed, 0, 9, &marks, &lengths)
              ck_tsne_join_lengths(&directed, 9, points, &marks, &lengths)
              let offsets = lengths.reduce(into: [Int32(0)]) { $0.append($0[$0.count - 1] + $1) }
              #expect(offsets.allSatisfy { $0 % 16 == 0 })
              var columns = [Int32](repeating: -1, count: Int(offsets[points]))
              var values = [Float](repeating: -1, count: columns.count)
              ck_tsne_join(&directed, 0, 9, &marks, offsets, &columns, &values)
              ck_tsne_join(&directed, 9, points, &marks, offsets, &columns, &values)
              #expect(marks.allSatisfy { $0 == 0 })
              for i in 0..<points {
                var found = [Double](repeating: 0, count: points)
                for entry in Int(offsets[i])..<Int(offsets[i + 1]) {
                  found[Int(columns[entry])] += Double(values[entry])
                }
                for j in 0..<points {
                  let (p, q) = (dense[i][j], dense[j][i])
                  let right = Double(sum) * (p + q) + Double(product) * p * q
                  let size = Double(sum) * (p + q) + abs(Double(product)) * p * q
                  #expect(abs(found[j] - right) <= 8 * 0x1p-24 * size, "\(i), \(j)")
                }
              }
            }
          }
        }
      }
    }
  }
}
