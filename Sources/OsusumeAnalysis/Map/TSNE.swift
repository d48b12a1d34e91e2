// t-SNE: places whose neighbourhoods are those of vectors, by gradient descent.
import CKernels
import OsusumeData
import OsusumeTraining

/// One map by t-SNE.
///
/// 250 steps with affinities twelve times as large, which bring together what belongs together, then 750 as
/// they are, at learning rates of points/12 and points (Belkina et al. 2019). `ck_tsne.h` says what a step
/// computes.
final class TSNE {
  private let affinities: Affinities
  private let points: Int
  private let seed: UInt64
  /// Places, last steps, gains and forces: a row for each of `Lane`, points in columns.
  private let state: FloatMatrix
  private let order: Column<Int32>
  private let starts: Column<Int32>
  private let grid: ForceGrid
  private let threads: Int
  /// By chunk of points: Σ of the potential at them, and the box around them.
  private let potentials = Column<Double>(repeating: 0, count: chunks)
  private let bounds = Column<Float>(repeating: 0, count: 4 * chunks)
  private let location = UnsafeMutablePointer<ck_tsne_points>.allocate(capacity: 1)
  private let kernel = UnsafeMutablePointer<ck_tsne_state>.allocate(capacity: 1)

  private enum Lane: Int, CaseIterable {
    case x, y, moveX, moveY, gainX, gainY, pullX, pullY, pushX, pushY
  }

  private enum Phase: Int, CaseIterable { case sort, rows, columns, back, forces, step }

  /// Steps with exaggerated affinities, and steps in all.
  static let (earlySteps, steps) = (250, 1000)
  /// What early affinities are multiplied with.
  private static let exaggeration: Float = 12
  /// No step is longer: points do not shoot off.
  private static let longestStep: Float = 5
  /// Parts of the points, and of the grid, that are worked on side by side.
  private static let chunks = 32
  /// Points in a vector of any instruction set.
  private static let vector = 16
  /// Up to so many points, all pairs take less time than a grid.
  private static let fewPoints = 1000

  /// Prepares a map that starts from some places, which are shrunk to almost one.
  init(_ affinities: Affinities, from start: (x: [Float], y: [Float]), seed: UInt64, threads: Int) {
    self.affinities = affinities
    self.seed = seed
    self.threads = threads
    points = start.x.count
    state = FloatMatrix(rows: Lane.allCases.count, columns: points)
    order = Column(count: points)
    starts = Column(count: ForceGrid.mostNodes + 1)
    grid = ForceGrid(workers: threads)
    for lane in [Lane.gainX, .gainY] { for point in 0..<points { self[lane][point] = 1 } }
    kernel.initialize(to: ck_tsne_state())
    (kernel.pointee.x, kernel.pointee.y) = (self[.x], self[.y])
    (kernel.pointee.move_x, kernel.pointee.move_y) = (self[.moveX], self[.moveY])
    (kernel.pointee.gain_x, kernel.pointee.gain_y) = (self[.gainX], self[.gainY])
    (kernel.pointee.pull_x, kernel.pointee.pull_y) = (self[.pullX], self[.pullY])
    (kernel.pointee.push_x, kernel.pointee.push_y) = (self[.pushX], self[.pushY])
    location.initialize(to: ck_tsne_points())
    location.pointee.count = points
    (location.pointee.x, location.pointee.y) = (UnsafePointer(self[.x]), UnsafePointer(self[.y]))
    (location.pointee.starts, location.pointee.order) = (
      UnsafePointer(starts.base), UnsafePointer(order.base)
    )
    place(start)
  }

  deinit {
    location.deallocate()
    kernel.deallocate()
  }

  private subscript(lane: Lane) -> UnsafeMutablePointer<Float> {
    state.base + lane.rawValue * state.stride
  }

  /// Places points at a ten-thousandth of their spread along the wider axis, with a little noise: points at
  /// one place would move as one.
  private func place(_ start: (x: [Float], y: [Float])) {
    func spread(_ values: [Float]) -> Double {
      (values.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, points))).squareRoot()
    }
    let size = max(spread(start.x), spread(start.y))
    let scale = size > 0 ? 1e-4 / size : 0
    let key = ck_random_key(seed, RandomStream.map)
    for point in 0..<points {
      let number = 2 * UInt64(point)
      self[.x][point] = Float(
        scale * Double(start.x[point]) + 1e-6 * ck_random_normal(key, number))
      self[.y][point] = Float(
        scale * Double(start.y[point]) + 1e-6 * ck_random_normal(key, number + 1))
    }
    for chunk in 0..<Self.chunks {
      (bounds[4 * chunk], bounds[4 * chunk + 1]) = (-1e-3, 1e-3)
      (bounds[4 * chunk + 2], bounds[4 * chunk + 3]) = (-1e-3, 1e-3)
      for point in rows(chunk) {
        bounds[4 * chunk] = min(bounds[4 * chunk], self[.x][point])
        bounds[4 * chunk + 1] = max(bounds[4 * chunk + 1], self[.x][point])
        bounds[4 * chunk + 2] = min(bounds[4 * chunk + 2], self[.y][point])
        bounds[4 * chunk + 3] = max(bounds[4 * chunk + 3], self[.y][point])
      }
    }
  }

  /// The points of a chunk, in whole vectors but for the last.
  private func rows(_ chunk: Int) -> Range<Int> {
    let vectors = (points + Self.vector - 1) / Self.vector
    let range = evenRange(chunk, of: Self.chunks, count: vectors)
    return min(points, range.lowerBound * Self.vector)..<min(points, range.upperBound * Self.vector)
  }

  /// Descends, and returns the places and their divergence.
  func run() -> MapLayout {
    affinities.withKernel { affinities in
      kernel.pointee.affinities = affinities
      let phases = Phase.allCases.count
      // After the last step the potential once more, for the divergence.
      PhaseTeam(
        phases: phases * Self.steps + Phase.step.rawValue,
        chunks: { $0 % phases == Phase.sort.rawValue ? 1 : Self.chunks },
        body: { worker, phase, chunk in
          self.work(worker, Phase.allCases[phase % phases], step: phase / phases, chunk)
        }
      ).run(threads: threads)
      let pairs = self.pairs
      let parts = mapChunks(Self.chunks, threads: threads) { chunk in
        ck_tsne_divergence(
          affinities, self[.x], self[.y], pairs, rows(chunk).lowerBound, rows(chunk).upperBound)
      }
      var layout = MapLayout(
        .tsne, x: Array(UnsafeBufferPointer(start: self[.x], count: points)),
        y: Array(UnsafeBufferPointer(start: self[.y], count: points)))
      layout.divergence = parts.reduce(0, +)
      return layout
    }
  }

  /// Σ w over all pairs of two.
  private var pairs: Double {
    (0..<Self.chunks).reduce(-Double(points)) { $0 + potentials[$1] }
  }

  private func work(_ worker: Int, _ phase: Phase, step: Int, _ chunk: Int) {
    if points <= Self.fewPoints && phase.rawValue < Phase.forces.rawValue { return }
    let blocks = grid.blocks
    let part = evenRange(chunk, of: Self.chunks, count: phase == .columns ? blocks + 1 : blocks)
    let rows = rows(chunk)
    switch phase {
    case .sort:
      locate()
    case .rows:
      ck_tsne_rows(
        grid.kernel, location, part.lowerBound, part.upperBound, grid.scratch[worker].base)
    case .columns:
      ck_tsne_columns(grid.kernel, part.lowerBound, part.upperBound)
    case .back:
      ck_tsne_back(grid.kernel, part.lowerBound, part.upperBound, grid.scratch[worker].base)
    case .forces:
      potentials[chunk] =
        points <= Self.fewPoints
        ? ck_tsne_pairs(kernel, points, rows.lowerBound, rows.upperBound)
        : ck_tsne_forces(grid.kernel, location, kernel, rows.lowerBound, rows.upperBound)
    case .step:
      var rates = ck_tsne_rates()
      let isEarly = step < Self.earlySteps
      rates.exaggeration = isEarly ? Self.exaggeration : 1
      // Of the difference of pull and push, of which the gradient is four times as much.
      rates.rate = Float(points) / rates.exaggeration
      rates.momentum = 0.8
      rates.longest = Self.longestStep
      ck_tsne_step(
        kernel, &rates, pairs, rows.lowerBound, rows.upperBound, bounds.base + 4 * chunk)
    }
  }

  /// Lays the grid around the points and puts them in order of its rows.
  private func locate() {
    var (left, right) = (Float.infinity, -Float.infinity)
    var (bottom, top) = (Float.infinity, -Float.infinity)
    for chunk in 0..<Self.chunks {
      left = min(left, bounds[4 * chunk])
      right = max(right, bounds[4 * chunk + 1])
      bottom = min(bottom, bounds[4 * chunk + 2])
      top = max(top, bounds[4 * chunk + 3])
    }
    grid.fit(max(right - left, top - bottom))
    let spacing = grid.kernel.pointee.spacing
    // The first spline begins one node before the outermost point.
    (location.pointee.left, location.pointee.bottom) = (
      left - 1.5 * spacing, bottom - 1.5 * spacing
    )
    ck_tsne_sort(location, grid.kernel.pointee.side, spacing)
  }
}
