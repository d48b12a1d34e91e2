// What is done with whole models: ranking for everyone, errors on held-out rows, the first fill.
import CKernels
import CProbe
import Foundation
import Osusume

/// A model of the full size as training leaves it: a falling spectrum, and item vectors that grow with
/// popularity.
final class ModelWork {
  private let data: BenchData
  private let parameters: FactorParameters
  private let seen: SeenItems
  private let key: UInt64
  private var top = TopItems(width: 0, items: [], scores: [])
  private var errors: ErrorMetrics?

  init(_ data: BenchData, seed: UInt64, threads: Int) {
    self.data = data
    key = ck_random_key(seed, 204)
    let layout = FactorLayout(factors: 50, biased: true)
    parameters = FactorParameters(
      layout: layout, users: data.users, items: data.items, mean: 7.8)
    seen = SeenItems(rows: data.train, users: data.users, threads: threads)
    let popularity = Grouping.counts(data.train.items, keys: data.items)
    let most = Double(popularity.max() ?? 1)
    for (table, key) in [(parameters.users, key), (parameters.items, ~key)] {
      ck_init_normal(table.base, 0, table.rows, layout.factors, table.stride, 0.3, key)
      let biasLane = table === parameters.users ? layout.userBiasLane : layout.itemBiasLane
      ck_init_normal(table.base + biasLane, 0, table.rows, 1, table.stride, 0.4, key &+ 1)
      for row in 0..<table.rows {
        let size = table === parameters.users ? 1 : 0.3 + 1.2 * Double(popularity[row]) / most
        for lane in 0..<layout.factors {
          table[row][lane] *= Float(size / (1 + Double(lane) / 2).squareRoot())
        }
      }
    }
  }

  /// `ck_topn_search` for all users; its products are counted as if each were made in float.
  var topItems: KernelBench {
    let search = FactorSearch(parameters)
    let everyone = (0..<Int32(data.users)).map { $0 }
    return KernelBench(
      "topn.search", unit: "user", units: data.users, bytes: 0,
      flops: Double(2 * data.items * parameters.layout.lanes), bandwidth: nil,
      remark: "flops of a full float product; most made in 8 bits, or ruled out",
      run: { threads in
        self.top = search.top(10, for: everyone, excluding: self.seen, threads: threads)
      },
      isRight: { _ in
        stride(from: 0, to: self.data.users, by: max(1, self.data.users / 50))
          .allSatisfy { self.rankingIsRight(of: $0) }
      })
  }

  /// Whether one user's ranking holds the best unseen items, by the slow path's scores; those may round
  /// differently, by far less than 1e-4 here.
  private func rankingIsRight(of user: Int) -> Bool {
    let left = Set(seen[user])
    let places = user * top.width..<(user + 1) * top.width
    let chosen = top.items[places].filter { $0 >= 0 }
    let scores = (0..<data.items).map { parameters.score(user: user, item: $0) }
    let open = scores.indices.filter { !left.contains(Int32($0)) }
    let expected = open.map { scores[$0] }.sorted(by: >).prefix(top.width)
    return chosen.count == expected.count && Set(chosen).count == chosen.count
      && zip(chosen, expected).allSatisfy {
        !left.contains($0) && abs(scores[Int($0)] - $1) < 1e-4
      }
  }

  /// `ck_pair_dot` and `ck_error_sums` on the test rows.
  var evaluation: KernelBench {
    let (test, lanes) = (data.test, parameters.layout.lanes)
    let (users, items) = (parameters.users, parameters.items)
    return KernelBench(
      // Rows lie by user: a user's row is read once.
      "pair.dot+error", unit: "row", units: test.count,
      bytes: Double(4 * lanes) * (1 + Double(data.users) / Double(test.count)) + 20,
      flops: Double(2 * lanes), bandwidth: .l3Read, remark: "",
      run: { threads in self.errors = self.parameters.errors(on: test, threads: threads) },
      moveAlone: { threads in
        test.users.withUnsafeBufferPointer { u in
          test.items.withUnsafeBufferPointer { i in
            nonisolated(unsafe) let (u, i) = (u.baseAddress, i.baseAddress)
            forEachWorker(threads) { worker in
              let rows = evenRange(worker, of: threads, count: test.count)
              for (table, ids) in [(users, u), (items, i)] {
                guard let ids else { continue }
                _ = probe_read_rows(
                  table.base, table.stride, ids + rows.lowerBound, rows.count, table.stride)
              }
            }
          }
        }
      },
      isRight: { _ in self.errorsAreRight() })
  }

  private func errorsAreRight() -> Bool {
    let test = data.test
    var (squared, absolute) = (0.0, 0.0)
    for row in 0..<test.count {
      let p = parameters.users[Int(test.users[row])]
      let q = parameters.items[Int(test.items[row])]
      var e = Double(parameters.mean) - Double(test.values[row])
      for lane in 0..<parameters.layout.lanes { e += Double(p[lane]) * Double(q[lane]) }
      squared += e * e
      absolute += abs(e)
    }
    guard let errors else { return false }
    let rmse = (squared / Double(test.count)).squareRoot()
    return abs(errors.rmse - rmse) <= 1e-6 * rmse
      && abs(errors.mae - absolute / Double(test.count)) <= 1e-6 * errors.mae
  }

  /// `ck_init_normal` on the users' table.
  var initialFill: KernelBench {
    let lanes = parameters.layout.factors
    let table = FloatMatrix(rows: data.users, columns: lanes)
    return KernelBench(
      "init.normal", unit: "number", units: table.rows * lanes, bytes: 4,
      bandwidth: data.bandwidth(of: 4 * table.capacity),
      remark: "half a logarithm, root, sine and cosine each, one at a time",
      run: { threads in
        let chunks = (table.rows + 4095) / 4096
        forEachChunk(chunks, threads: threads) { chunk in
          let rows = evenRange(chunk, of: chunks, count: table.rows)
          ck_init_normal(
            table.base, rows.lowerBound, rows.upperBound, lanes, table.stride, 0.5, self.key)
        }
      },
      isRight: { _ in
        (0..<50).allSatisfy { step in self.fillIsRight(table, row: step * (table.rows - 1) / 49) }
      })
  }

  private func fillIsRight(_ table: FloatMatrix, row: Int) -> Bool {
    let lanes = table.columns
    return (0..<lanes).allSatisfy { lane in
      let bits = ck_random_bits(key, UInt64(row * ((lanes + 1) / 2) + lane / 2))
      let length = (-2 * log((Double(bits >> 40) + 0.5) * 0x1p-24)).squareRoot() / 2
      let angle = Double((bits >> 16) & 0xffffff) * 0x1p-24 * 2 * Double.pi
      let expected = length * (lane % 2 == 0 ? cos(angle) : sin(angle))
      return abs(Double(table[row][lane]) - expected) < 1e-5
    }
  }
}
