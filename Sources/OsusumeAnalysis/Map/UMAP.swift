// UMAP: places by attraction along a graph of neighbours and repulsion between points drawn at random.
import CKernels
import OsusumeData
import OsusumeTraining

/// One map by UMAP, at the original's defaults.
///
/// 15 neighbours, a least distance of 0.1, 500 epochs, or 200 of more than 10,000 points. `ck_umap.h` says
/// what an epoch computes.
final class UMAP {
  /// Of each point; the original counts the point itself as one more.
  static let neighbours = 14
  /// 1/(1 + a·d^2b) is closest to 1 up to a distance of 0.1 and exp(−(d − 0.1)) beyond.
  private static let (a, b): (Float, Float) = (1.576_943_5, 0.895_060_9)
  /// The sides of the square that points start in.
  private static let extent = 10.0
  /// Parts of the points that move one after the other, and chunks of each that move side by side.
  private static let (parts, chunks) = (8, 16)

  private let affinities: Affinities
  private let points: Int
  private let threads: Int
  private let blocks: Int
  private let epochs: Int
  private let places: FloatMatrix
  private let order: Column<Int32>
  private let pace: Column<UInt32>
  private let state = UnsafeMutablePointer<ck_umap_state>.allocate(capacity: 1)
  private let scratch: [Column<Int32>]

  /// Prepares a map that starts from some places.
  init(_ affinities: Affinities, from start: (x: [Float], y: [Float]), seed: UInt64, threads: Int) {
    self.affinities = affinities
    self.threads = threads
    points = start.x.count
    blocks = (points + Int(CK_UMAP_BLOCK) - 1) / Int(CK_UMAP_BLOCK)
    epochs = points <= 10_000 ? 500 : 200
    places = FloatMatrix(rows: 4, columns: points)
    order = Column(repeating: -1, count: blocks * Int(CK_UMAP_BLOCK))
    pace = affinities.paces(epochs: epochs)
    let longest = affinities.mostEntries + 1
    scratch = (0..<threads).map { _ in Column(count: longest * Int(CK_UMAP_BLOCK)) }
    state.initialize(to: ck_umap_state())
    state.pointee.pace = UnsafePointer(pace.base)
    state.pointee.count = points
    state.pointee.points = UnsafePointer(order.base)
    (state.pointee.a, state.pointee.b) = (Self.a, Self.b)
    state.pointee.key = UInt32(truncatingIfNeeded: ck_random_key(seed, RandomStream.map))
    (state.pointee.x, state.pointee.y) = (UnsafePointer(row(0)), UnsafePointer(row(1)))
    (state.pointee.next_x, state.pointee.next_y) = (row(2), row(3))
    place(start.x, in: row(0), key: ck_random_key(seed, RandomStream.map), first: 0)
    place(start.y, in: row(1), key: ck_random_key(seed, RandomStream.map), first: 1)
    putInOrder()
  }

  deinit { state.deallocate() }

  private func row(_ number: Int) -> UnsafeMutablePointer<Float> {
    places.base + number * places.stride
  }

  /// Places points along one side of the square, with a little noise: points at one place would stay there.
  private func place(_ start: [Float], in row: UnsafeMutablePointer<Float>, key: UInt64, first: Int)
  {
    let (low, high) = (Double(start.min() ?? 0), Double(start.max() ?? 0))
    for point in 0..<points {
      let share = high > low ? (Double(start[point]) - low) / (high - low) : 0.5
      let noise = ck_random_normal(key, UInt64(2 * point + first))
      row[point] = Float(Self.extent * share + 1e-4 * noise)
    }
  }

  /// Points that are pulled often go with others that are: blocks move as long as their busiest point.
  private func putInOrder() {
    let pulls = affinities.withKernel { edges in
      (0..<points).map { point in
        (Int(edges.pointee.offsets[point])..<Int(edges.pointee.offsets[point + 1]))
          .reduce(0) { $0 + UInt64(pace[$1]) }
      }
    }
    let busiest = (0..<points).sorted { (pulls[$1], $0) < (pulls[$0], $1) }
    for (place, point) in busiest.enumerated() { order[place] = Int32(point) }
  }

  /// Moves the points through all epochs, and returns where they are.
  func run() -> MapLayout {
    affinities.withKernel { edges in
      state.pointee.edges = edges
      let phases = 2 * Self.parts
      PhaseTeam(
        phases: phases * epochs, chunks: { $0 % 2 == 0 ? Self.chunks : 1 },
        body: { worker, phase, chunk in
          self.work(worker, epoch: phase / phases, phase % phases, chunk)
        }
      ).run(threads: threads)
    }
    return MapLayout(
      .umap, x: Array(UnsafeBufferPointer(start: row(0), count: points)),
      y: Array(UnsafeBufferPointer(start: row(1), count: points)))
  }

  private func work(_ worker: Int, epoch: Int, _ phase: Int, _ chunk: Int) {
    let part = phase / 2
    if phase % 2 == 1 {
      return ck_umap_settle(state, part, blocks, Self.parts, row(0), row(1))
    }
    ck_umap_move(
      state, UInt32(epoch), 1 - Float(epoch) / Float(epochs), part + Self.parts * chunk, blocks,
      Self.parts * Self.chunks, scratch[worker].base)
  }
}

extension Affinities {
  /// How often each edge pulls: the strongest in every epoch, others in proportion, those that would not
  /// pull once never.
  package func paces(epochs: Int) -> Column<UInt32> {
    withKernel { edges in
      let count = Int(edges.pointee.offsets[edges.pointee.rows])
      let strengths = UnsafeBufferPointer(start: edges.pointee.values, count: count)
      let most = Double(strengths.max() ?? 0)
      let paces = Column<UInt32>(count: count)
      for (entry, strength) in strengths.enumerated() {
        let share = most > 0 ? Double(strength) / most : 0
        paces[entry] =
          share * Double(epochs) < 1 ? 0 : share >= 1 ? .max : UInt32(share * 0x1p32)
      }
      return paces
    }
  }
}
