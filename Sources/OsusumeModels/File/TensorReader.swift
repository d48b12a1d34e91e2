// The tensors of a model file by name, each of the shape that it must have.
import OsusumeData

/// Hands out tensors by name and remembers which were asked for.
///
/// Errors: `ModelFileFault`.
public struct TensorReader {
  private let contents: Safetensors
  private var unread: Set<String>

  /// Length of the file.
  public var fileBytes: Int { contents.file.count }

  init(_ contents: Safetensors) {
    self.contents = contents
    unread = Set(contents.tensors.map(\.name))
  }

  /// A tensor of the given shape.
  public mutating func tensor<Element: TensorElement>(
    _ name: String, shape: [Int], as: Element.Type = Element.self
  ) throws -> [Element] {
    let found = try self.shape(of: name)
    guard found == shape else { throw ModelFileFault.tensorShape(name, found, expected: shape) }
    guard let elements = try contents.elements(name, as: Element.self) else {
      throw ModelFileFault.tensorMissing(name)
    }
    unread.remove(name)
    return elements
  }

  /// A tensor of one dimension, of the given length or of any.
  public mutating func vector<Element: TensorElement>(
    _ name: String, count: Int? = nil, as: Element.Type = Element.self
  ) throws -> [Element] {
    try tensor(name, shape: [count ?? self.shape(of: name).first ?? 0])
  }

  /// Whether the file has a tensor that no part of the model has asked for yet.
  public func has(_ name: String) -> Bool { unread.contains(name) }

  /// A tensor that no part of the model asked for is an error: nothing is ignored silently.
  func refuseUnread() throws {
    if let name = unread.min() { throw ModelFileFault.tensorUnknown(name) }
  }

  /// What each user has rated; its indices are not checked.
  mutating func seenItems(_ name: String = "seen", users: Int) throws -> SeenItems {
    SeenItems(
      offsets: try vector("\(name)_offsets", count: users + 1), items: try vector("\(name)_items"))
  }

  /// Lists that a model may be without.
  mutating func seenItems(ifAny name: String, users: Int) throws -> SeenItems? {
    has("\(name)_offsets") ? try seenItems(name, users: users) : nil
  }

  /// Original ids: integers, or UTF-8 bytes with offsets.
  mutating func ids(_ entity: String) throws -> IDMap {
    let name = "\(entity)_ids"
    guard try shape(of: name).first != 0 else { throw ModelFileFault.empty(name) }
    guard unread.contains("\(entity)_id_offsets") else { return .integers(try vector(name)) }
    let offsets = try vector("\(entity)_id_offsets", as: Int64.self)
    let bytes = try vector(name, as: UInt8.self)
    guard offsets.first == 0, offsets.last == Int64(bytes.count) else {
      throw ModelFileFault.offsets("\(entity)_id_offsets", at: 0)
    }
    var ids: [String] = []
    ids.reserveCapacity(offsets.count - 1)
    for (position, (low, high)) in zip(offsets, offsets.dropFirst()).enumerated() {
      guard low <= high, high <= bytes.count,
        let id = String(validating: bytes[Int(low)..<Int(high)], as: UTF8.self)
      else { throw ModelFileFault.idText(name, at: position) }
      ids.append(id)
    }
    return .strings(ids)
  }

  /// The extents of a tensor.
  public func shape(of name: String) throws -> [Int] {
    guard let entry = contents.tensors.first(where: { $0.name == name }) else {
      throw ModelFileFault.tensorMissing(name)
    }
    return entry.shape
  }
}
