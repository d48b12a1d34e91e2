// A sweep of alternating least squares, the same by LAPACK, and the fold-in of a newcomer.
import CKernels
import COpenBLAS
import Osusume

/// Ratings both ways and the tables of `als`.
final class ALSWork {
  private let layout: FactorLayout
  private let parameters: FactorParameters
  private let byUser: GroupedRatings, byItem: GroupedRatings
  private let penalties: FactorPenalties
  private let settings: Hyperparameters
  private let deviation = 1.58

  init(_ data: BenchData, factors: Int, seed: UInt64, threads: Int) {
    layout = FactorLayout(factors: factors, biased: true)
    settings = ModelSpec.als.defaults
    parameters = FactorParameters(
      layout: layout, users: data.users, items: data.items, mean: 7.8)
    ck_init_normal(
      parameters.items.base, 0, data.items, factors, parameters.items.stride, 0.15,
      ck_random_key(seed, 204))
    func grouped(_ keys: [Int32], _ others: [Int32], _ count: Int) -> GroupedRatings {
      GroupedRatings(
        keys: keys, columns: others, values: data.train.values, mean: 7.8, count: count,
        rowCost: factors / 2, threads: threads)
    }
    byUser = grouped(data.train.users, data.train.items, data.users)
    byItem = grouped(data.train.items, data.train.users, data.items)
    penalties = FactorPenalties(settings, deviation: deviation)
  }

  /// `ck_als_solve` over all users, then over all items.
  var sweep: KernelBench {
    let lanes = Double(layout.factors + 2)
    let (rows, ratings) = (Double(byUser.count + byItem.count), Double(byUser.values.count))
    return KernelBench(
      "als.solve k \(layout.factors)", unit: "rating", units: byUser.values.count,
      bytes: 2 * 4 * lanes, flops: 2 * lanes * lanes + rows / ratings * lanes * lanes * lanes / 3,
      bandwidth: .l3Read,
      remark: "half a normal matrix a rating on each side; its diagonal half used",
      run: { threads in
        let (p, q) = (self.parameters.users, self.parameters.items)
        self.minimise(.user, p, given: q, self.byUser, threads: threads)
        self.minimise(.item, q, given: p, self.byItem, threads: threads)
      }, isRight: { _ in self.itemsAreMinimisers(tolerance: 1e-4) })
  }

  private func minimise(
    _ entity: Entity, _ table: FloatMatrix, given fixed: FloatMatrix, _ ratings: GroupedRatings,
    threads: Int
  ) {
    _ = try? FactorSolver(entity, layout, ratings: ratings, threads: threads)
      .minimise(table, given: fixed, penalties)
  }

  /// What a row costs beside its ratings: rows of one rating each.
  var rowsAlone: KernelBench {
    let count = byUser.count
    let one = GroupedRatings(
      keys: (0..<Int32(count)).map { $0 },
      columns: (0..<Int32(count)).map { $0 * 181 % Int32(byItem.count) },
      values: [Float](repeating: 8, count: count), mean: 7.8, count: count,
      rowCost: layout.factors / 2, threads: 1)
    let lanes = Double(layout.factors + 2)
    let users = FactorParameters(layout: layout, users: count, items: 0).users
    return KernelBench(
      "als.row k \(layout.factors)", unit: "row", units: count, bytes: 2 * 4 * lanes,
      flops: 2 * lanes * lanes + lanes * lanes * lanes / 3, bandwidth: nil,
      remark: "one rating a row: Cholesky and what goes with it",
      run: { threads in
        self.minimise(.user, users, given: self.parameters.items, one, threads: threads)
      }, isRight: { _ in users[count - 1][self.layout.userBiasLane] != 0 })
  }

  /// The same rows by what a library offers: a gathered matrix, ssyrk, sgemv, sposv, row by row.
  var byLAPACK: KernelBench {
    KernelBench(
      "als.sposv k \(layout.factors)", unit: "rating", units: byUser.values.count,
      bytes: sweep.bytes, flops: sweep.flops, bandwidth: .l3Read,
      remark: "a call of ssyrk and one of sposv a row",
      run: { threads in
        self.solveByLAPACK(self.parameters.users, self.parameters.items, self.byUser, true, threads)
        self.solveByLAPACK(
          self.parameters.items, self.parameters.users, self.byItem, false, threads)
      }, isRight: { _ in self.itemsAreMinimisers(tolerance: 1e-3) })
  }

  private func penalties(_ count: Int) -> (factor: Float, bias: Float) {
    let weight = settings.regularization * Double(count) + settings.rowRegularization
    return (Float(deviation * weight), Float(settings.biasRegularization))
  }

  private func solveByLAPACK(
    _ table: FloatMatrix, _ fixed: FloatMatrix, _ ratings: GroupedRatings, _ isUser: Bool,
    _ threads: Int
  ) {
    openblas_set_num_threads(1)
    let (own, other) =
      isUser
      ? (layout.userBiasLane, layout.itemBiasLane) : (layout.itemBiasLane, layout.userBiasLane)
    let (lanes, factors) = (layout.factors + 1, layout.factors)
    forEachChunk(ratings.ranges.count, threads: threads) { part in
      var matrix = [Float](repeating: 0, count: lanes * lanes)
      var solution = [Float](repeating: 0, count: lanes)
      var (gathered, targets) = ([Float](), [Float]())
      for row in ratings.ranges[part] {
        let places = Int(ratings.rows.offsets[row])..<Int(ratings.rows.offsets[row + 1])
        guard !places.isEmpty else { continue }
        gathered.removeAll(keepingCapacity: true)
        targets.removeAll(keepingCapacity: true)
        for place in places {
          let from = fixed.base + Int(ratings.rows.columns[place]) * fixed.stride
          gathered.append(contentsOf: UnsafeBufferPointer(start: from, count: factors))
          gathered.append(1)
          targets.append(ratings.values[place] - from[other])
        }
        let (n, k) = (Int32(lanes), Int32(places.count))
        cblas_ssyrk(CblasColMajor, CblasLower, CblasNoTrans, n, k, 1, gathered, n, 0, &matrix, n)
        cblas_sgemv(CblasColMajor, CblasNoTrans, n, k, 1, gathered, n, targets, 1, 0, &solution, 1)
        let (factor, bias) = self.penalties(places.count)
        for lane in 0..<lanes { matrix[lane * (lanes + 1)] += lane < factors ? factor : bias }
        LAPACKE_sposv(LAPACK_COL_MAJOR, 76, n, 1, &matrix, n, &solution, n)
        for lane in 0..<factors { table[row][lane] = solution[lane] }
        table[row][own] = solution[factors]
      }
    }
  }

  /// Whether the gradient of every hundredth item's loss vanishes, in double, against the sum of its terms.
  private func itemsAreMinimisers(tolerance: Double) -> Bool {
    let (p, q) = (parameters.users, parameters.items)
    return stride(from: 0, to: byItem.count, by: 100).allSatisfy { item in
      let places = Int(byItem.rows.offsets[item])..<Int(byItem.rows.offsets[item + 1])
      let (factor, bias) = penalties(places.count)
      return (0...layout.factors).allSatisfy { lane in
        let mine = lane < layout.factors ? lane : layout.itemBiasLane
        var gradient = Double(q[item][mine]) * Double(lane < layout.factors ? factor : bias)
        var size = abs(gradient)
        for place in places {
          let user = p[Int(byItem.rows.columns[place])]
          var error = -Double(byItem.values[place])
          for l in 0..<layout.lanes { error += Double(user[l]) * Double(q[item][l]) }
          gradient += error * Double(user[mine])
          size += abs(error * Double(user[mine]))
        }
        return abs(gradient) <= tolerance * (1 + size)
      }
    }
  }

  /// `FactorFoldIn.vector` of users with 50 ratings at k 64.
  static func foldIn(_ data: BenchData, seed: UInt64) -> KernelBench {
    let layout = FactorLayout(factors: 64, biased: true)
    let parameters = FactorParameters(layout: layout, users: 1, items: data.items, mean: 7.8)
    ck_init_normal(
      parameters.items.base, 0, data.items, 64, parameters.items.stride, 0.15,
      ck_random_key(seed, 205))
    let foldIn = FactorFoldIn(
      parameters, users: FactorPrior(ModelSpec.als.defaults, factors: 64, deviation: 1.58))
    let people = (0..<200).map { person in
      (0..<50).map { n in
        (index: Int32((person * 53 + n * 181) % data.items), value: Float(1 + (person + n) % 10))
      }
    }
    let rows = FoldedRows()
    return KernelBench(
      "als.foldin k 64", unit: "newcomer", units: people.count, bytes: 50 * 4 * 66,
      flops: 50 * 66 * 66 + 66 * 66 * 66 / 3, bandwidth: nil,
      remark: "one row a call: seven of a vector's eight lanes solve for nobody",
      run: { _ in rows.all = people.map { foldIn.vector(of: .user, ratings: $0) } },
      isRight: { _ in
        rows.all.count == people.count && rows.all.allSatisfy { $0[0][layout.itemBiasLane] == 1 }
      })
  }
}

/// What the fold-in bench has found.
private final class FoldedRows {
  var all: [FloatMatrix] = []
}
