// The Swift of RatingsFromMemory.md, as it stands there: written and compared by SnippetTests.
import Osusume

func ratingsFromMemory() throws {
  let few = try Ratings([
    (user: "ann", item: "tea", rating: 5), (user: "ann", item: "milk", rating: 2),
    (user: "bob", item: "tea", rating: 4), (user: "bob", item: "cake", rating: 5),
    (user: "cem", item: "milk", rating: 4), (user: "cem", item: "cake", rating: 1),
  ])
  print(few.userIDs.count, few.itemIDs.count)

  let users = [7, 7, 3, 3, 9, 9]
  let items = ["tea", "milk", "tea", "cake", "milk", "milk"]
  let times: [Int64] = [1_000, 1_060, 1_000, 1_090, 1_200, 1_100]
  let timed = try Ratings(
    users: users, items: items, ratings: [5, 2, 4, 5, 1, 4], times: times)
  print(timed.rows.count, timed.counts.duplicates)

  var options = RatingsOptions()
  options.sentinel = .rating(0)
  options.minUserRatings = 2
  options.duplicates = .mean
  let cleaned = try Ratings(
    users: users, items: items, ratings: [5, 2, 4, 0, 1, 4], options: options)
  print(cleaned.rows.count, cleaned.counts.sentinel, cleaned.counts.minUserRatings)

  do {
    _ = try Ratings(users: [1, 2], items: [1, 2], ratings: [5, .nan])
  } catch let error as any OsusumeError {
    print(error)
  }

  let model = try Trainer(.lists).model(of: few)
  let best = try Recommender(model).recommend(2, forID: "ann")
  for item in best.items { print(item.id, item.score) }
  let tea = try PairPredictor(model).predict(user: "cem", item: "tea")
  print(tea.score)
}
