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

  /// Everything that is not text: factors unpadded, without bias and constant lanes.
  var tensors: [Tensor] {
    let learned =
      switch parameters {
      case .factors(let factors): Self.tensors(of: factors)
      case .network(let network): network.tensors
      case .neighbours(let neighbours): Self.tensors(of: neighbours.biases) + neighbours.tensors
      }
    let spectrum = singularValues.isEmpty ? [] : [Tensor("singular_values", singularValues)]
    let kept =
      (draws.map(Self.tensors) ?? []) + (implicitFactors?.tensors ?? [])
      + (timeBiases?.tensors ?? [])
    return learned + spectrum + kept + [
      Tensor("seen_offsets", seen.offsets),
      Tensor("seen_items", seen.items),
      Tensor("item_counts", itemCounts),
    ] + Self.tensors(of: userIDs, "user") + Self.tensors(of: itemIDs, "item")
  }

  private static func tensors(of draws: PosteriorDraws) -> [Tensor] {
    [
      Tensor("draw_noise", draws.noise),
      Tensor("user_noise", draws.userNoise),
      Tensor(
        "draw_user_bias", FactorParameters.dense(draws.userBiases, columns: draws.count),
        shape: [draws.userBiases.rows, draws.count]),
      Tensor(
        "draw_item_bias", FactorParameters.dense(draws.itemBiases, columns: draws.count),
        shape: [draws.itemBiases.rows, draws.count]),
    ]
  }

  private static func tensors(of p: FactorParameters) -> [Tensor] {
    let tensors = [
      Tensor("user_factors", p.userFactors, shape: [p.users.rows, p.layout.factors]),
      Tensor("item_factors", p.itemFactors, shape: [p.items.rows, p.layout.factors]),
      Tensor("mean", [p.mean], shape: []),
    ]
    return p.layout.biased
      ? tensors + [Tensor("user_bias", p.userBiases), Tensor("item_bias", p.itemBiases)] : tensors
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
