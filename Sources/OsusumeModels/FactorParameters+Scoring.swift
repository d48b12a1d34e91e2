// Scores of many (user, item) pairs.
import OsusumeData

extension FactorParameters {
  /// Raw scores of pairs: out[n] = score(users[n], items[n]).
  public func scores(users: [Int32], items: [Int32], threads: Int) -> [Float] {
    precondition(users.count == items.count)
    return zip(users, items).map { score(user: Int($0), item: Int($1)) }
  }
}
