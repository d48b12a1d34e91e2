// Ids and titles as a message can hold them.

extension String {
  /// The text, or as much of it as a message has room for.
  package var shortened: String { count <= 40 ? self : prefix(39) + "…" }
}
