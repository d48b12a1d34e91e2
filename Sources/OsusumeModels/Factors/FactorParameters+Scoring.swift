// Scores of many (user, item) pairs.
import CKernels
import OsusumeData

extension FactorParameters {
  /// Raw scores of pairs: out[n] = score(users[n], items[n]).
  ///
  /// Indices must be in range.
  public func scores(users: [Int32], items: [Int32], threads: Int) -> [Float] {
    precondition(users.count == items.count)
    let chunk = 1 << 14
    return [Float](unsafeUninitializedCapacity: users.count) { out, filled in
      let base = out.baseAddress
      users.withUnsafeBufferPointer { u in
        items.withUnsafeBufferPointer { i in
          forEachChunk((u.count + chunk - 1) / chunk, threads: threads) { part in
            let first = part * chunk
            guard let base, let u = u.baseAddress, let i = i.baseAddress else { return }
            ck_pair_dot(
              self.users.base, self.items.base, u + first, i + first,
              min(chunk, users.count - first), self.users.stride, layout.lanes, mean, base + first)
          }
        }
      }
      filled = users.count
    }
  }
}
