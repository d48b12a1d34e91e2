// Split rules as text.
import OsusumeData
import Testing

struct SplitRuleTests {
  @Test(arguments: [
    "per-user:0.1", "random:0.25", "temporal:0.1", "global-time:0.1", "strong:0.2", "leave-one-out",
    "file:a.csv", "none",
  ])
  func textRoundTrips(text: String) {
    #expect(SplitRule(text)?.description == text)
  }

  @Test(arguments: [
    "", "per-user", "per-user:0", "random:1", "random:x", "file:", "none:1", "x",
    "strong", "strong:0", "global-time:1", "global-time",
  ])
  func nonsenseIsRefused(text: String) {
    #expect(SplitRule(text) == nil)
  }
}
