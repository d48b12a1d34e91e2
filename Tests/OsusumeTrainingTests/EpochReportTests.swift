// The learning curve's JSON.
import Foundation
import OsusumeTraining
import Testing

struct EpochReportTests {
  @Test func namesAreTheContracts() throws {
    let report = EpochReport(epoch: 1, seconds: 2, trainLoss: 3, validRMSE: 4, validMAE: 5)
    let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(report))
    let keys = (json as? [String: Any]).map { Set($0.keys) }
    #expect(keys == ["epoch", "seconds", "train_loss", "valid_rmse", "valid_mae"])
  }
}
