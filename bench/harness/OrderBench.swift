// Orders: an epoch's ratings dealt into shuffled batches, each sorted by user and by item.
import CKernels
import Osusume

extension BenchTables {
  /// `ck_order_*`: the whole plan of an epoch, shuffled.
  var orderDeal: KernelBench {
    KernelBench(
      // By the headers: a batch number written and read twice; three columns read and written; users
      // and items read again by batch (items three times); source and row written.
      "order.deal", unit: "rating", units: plan.rows, bytes: 12 + 24 + 4 + 12 + 8,
      bandwidth: data.bandwidth(of: 60 * plan.rows),
      remark: "four rounds of hashing, walked until they fall inside, are most of it",
      run: { threads in
        self.plan.deal(
          self.data.train, byUser: nil, shuffleKey: ck_random_key(self.seed, 200), threads: threads)
      },
      isRight: { _ in
        self.batchIsRight(0) && self.batchIsRight(self.plan.batches / 2)
          && self.batchIsRight(self.plan.batches - 1)
      })
  }

  /// Whether a batch holds the rows its permutation sends there, and its entries are sorted by item.
  private func batchIsRight(_ batch: Int) -> Bool {
    let key = ck_random_key(seed, 200)
    let (first, start) = (plan.first(batch), plan.firstStart(batch))
    let rows = (0..<plan.rows).filter {
      Int(ck_random_permute(key, UInt64($0), UInt64(plan.rows))) / plan.batchSize == batch
    }
    var users: [Int32] = []
    for run in 0..<Int(plan.userRuns[batch]) {
      let length = plan.userStart[start + run + 1] - plan.userStart[start + run]
      users += repeatElement(plan.userID[first + run], count: Int(length))
    }
    guard users == rows.map({ data.train.users[$0] }) else { return false }
    for (place, row) in rows.enumerated() {
      guard plan.items[first + place] == data.train.items[row],
        plan.ratings[first + place] == data.train.values[row]
      else { return false }
    }
    let sorted = rows.indices.sorted {
      (data.train.items[rows[$0]], $0) < (data.train.items[rows[$1]], $1)
    }
    return sorted.enumerated().allSatisfy { entry, place in
      plan.source[first + entry] == Int32(place)
        && plan.userID[first + Int(plan.row[first + entry])] == users[place]
    }
  }
}
