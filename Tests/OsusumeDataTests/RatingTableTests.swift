// Reading ratings files: what is understood.
import Foundation
import OsusumeData
import Testing

struct RatingTableTests {
  /// Three ratings in each of the shapes that files come in.
  @Test(arguments: [
    "user_id,anime_id,rating\n1,20,8\n1,24,-1\n73516,20,10\n",
    "user_id,anime_id,rating\r\n1,20,8\r\n1,24,-1\r\n73516,20,10\r\n",
    "userId,movieId,rating\n1,20,8\n1,24,-1\n73516,20,10",
    "\u{FEFF}user,item,score\n1,20,8\n1,24,-1\n73516,20,10\n",
    "1,20,8\n1,24,-1\n73516,20,10\n",
    "1\t20\t8\n1\t24\t-1\n73516\t20\t10\n",
    "1;20;8\n1;24;-1\n73516;20;10\n",
    "1::20::8\n1::24::-1\n73516::20::10\n",
    "\"user\",\"item\",\"rating\"\n\"1\",\"20\",\"8\"\n1,24,\"-1\"\n\"73516\",20,1e1\n",
    "rating,junk,item,user\n8.0,\"a, b\",20,1\n-1.,,24,1\n10.000, x ,20,73516\n",
    "user,item,rating\n\n1, 20 ,8\n\n\n1,24,-1\n73516,20,10\n\n",
  ])
  func shapes(text: String) throws {
    for threads in 1...3 {
      let table = try read(text, threads: threads)
      #expect(table.users == .integers([1, 1, 73516]))
      #expect(table.items == .integers([20, 24, 20]))
      #expect(table.values == [8, -1, 10])
      #expect(table.timestamps.isEmpty && table.statuses.isEmpty)
    }
  }

  @Test(arguments: [
    "userId,movieId,rating,timestamp\r\n1,2,4.5,964982703\r\n3,4,0.5,12345678901234567\r\n",
    "1\t2\t4.5\t964982703\n3\t4\t0.5\t12345678901234567\n",
    "1::2::4.5::964982703\n3::4::0.5::12345678901234567\n",
  ])
  func timestamps(text: String) throws {
    let table = try read(text)
    #expect(table.timestamps == [964_982_703, 12_345_678_901_234_567])
    #expect(table.values == [4.5, 0.5])
  }

  @Test func watchingStatus() throws {
    let text = "user_id,anime_id,rating,watching_status,episodes\n0,67,9,1,1\n0,68,8,2,x\n"
    #expect(try read(text).statuses == [1, 2])
  }

  @Test func columnsByNameAndPosition() throws {
    let text = "when,who,what,much\n5,1,2,3\n6,4,5,6\n"
    for columns in ["who,what,much,when", "2,3,4,1", "who,3,4,when"] {
      let table = try read(text, format: .init(columns: .init(columns)))
      #expect(table.users == .integers([1, 4]) && table.items == .integers([2, 5]))
      #expect(table.values == [3, 6] && table.timestamps == [5, 6])
    }
  }

  @Test func textIDs() throws {
    let text = "user,item,rating\nbob,2,5\n\"ann\",10,4\nbob,10,3\nélan,2,1\n"
    for threads in 1...3 {
      let table = try read(text, threads: threads)
      #expect(table.users == .strings(codes: [1, 0, 1, 2], names: ["ann", "bob", "élan"]))
      #expect(table.items == .integers([2, 10, 10, 2]))
    }
    let forced = try read(text, format: .init(ids: .strings))
    #expect(forced.items == .strings(codes: [1, 0, 0, 1], names: ["10", "2"]))
  }

  @Test func idsReachTheEndsOfInt64() throws {
    let text = "\(Int64.max),\(Int64.min),1\n-5,7,2\n"
    let table = try read(text)
    #expect(table.users == .integers([.max, -5]) && table.items == .integers([.min, 7]))
  }

  @Test func manyTextIDs() throws {
    let names = (0..<50_000).map { "user-\($0)" }
    let text = names.map { "\($0),1,5\n" }.joined()
    let table = try read(text)
    guard case .strings(let codes, let ascending) = table.users else {
      Issue.record("not strings")
      return
    }
    #expect(ascending == names.sorted())
    #expect(codes.map { ascending[Int($0)] } == names)
  }

  @Test func theDigestIsOfTheBytesOnDisk() throws {
    let table = try read("1,2,3\n")
    // printf '1,2,3\n' | sha256sum
    #expect(
      table.sha256 == "7a8988e95e356e2b5b8fecf5e31f7c2e7e8fb44a5cd9d89ebb0d1e60b1f5c689")
  }
}
