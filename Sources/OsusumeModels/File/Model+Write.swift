// A model as one file: safetensors with everything in it.
import OsusumeData

extension Model {
  /// Writes the model as a whole file and returns the file's SHA-256.
  ///
  /// The bytes are a function of the model alone. A model that could not be read back, such as one whose
  /// training diverged, is refused.
  ///
  /// Errors: `ModelFileError`, `OutputError`.
  @discardableResult
  public func write(to path: String) throws -> String {
    do {
      try check()
      return try Safetensors.write(tensors, metadata: ModelMetadata.encode(self), to: path)
    } catch let fault as ModelFileFault {
      throw ModelFileError.unwritable(path: path, fault)
    }
  }

  /// Everything that is not text.
  var tensors: [Tensor] {
    learnedTensors + [
      Tensor("seen_offsets", seen.offsets),
      Tensor("seen_items", seen.items),
      Tensor("item_counts", itemCounts),
    ] + (seenRatings?.tensors ?? []) + Self.tensors(of: seenInTest, "test")
      + Self.tensors(of: seenUnrated, "unrated")
      + Self.tensors(of: userIDs, "user") + Self.tensors(of: itemIDs, "item")
  }

  /// What was learned, without what each rating counts in lists where the ratings beside it say the same.
  private var learnedTensors: [Tensor] {
    let tensors = parameters.tensors + learned.tensors
    guard let relations = ranker as? ItemRelations,
      relations.strengths == seenRatings?.map(relations.strength.hundredths)
    else { return tensors }
    return tensors.filter { $0.name != ItemRelations.strengthsName }
  }

  /// Lists that a model may be without.
  private static func tensors(of seen: SeenItems?, _ name: String) -> [Tensor] {
    seen.map { [Tensor("\(name)_offsets", $0.offsets), Tensor("\(name)_items", $0.items)] } ?? []
  }

  /// Integers as they are; strings as UTF-8 bytes end to end and count + 1 offsets into them.
  private static func tensors(of ids: IDMap, _ entity: String) -> [Tensor] {
    switch ids {
    case .integers(let ids): return [Tensor("\(entity)_ids", ids)]
    case .strings(let ids):
      var bytes: [UInt8] = []
      var offsets: [Int64] = [0]
      offsets.reserveCapacity(ids.count + 1)
      for id in ids {
        bytes.append(contentsOf: id.utf8)
        offsets.append(Int64(bytes.count))
      }
      return [Tensor("\(entity)_ids", bytes), Tensor("\(entity)_id_offsets", offsets)]
    }
  }
}
