// Invented titles: romanised Japanese, English and mixtures, with sequels and specials.

/// Makes titles that are all different.
struct SynthesisTitles {
  private var draws: SynthesisDraws
  private var used: Set<String> = []

  init(seed: UInt64) {
    draws = SynthesisDraws(.itemText, seed: seed)
  }

  /// The next title, fit for a kind of item.
  mutating func next(kind: String) -> String {
    let base = name()
    var title = base + ending(kind: kind)
    // The second bearer of a name gets a year, as the real set tells namesakes apart.
    while !used.insert(title).inserted {
      title = "\(base) (\(1963 + draws.below(54)))" + ending(kind: kind)
    }
    return title
  }

  private mutating func name() -> String {
    switch draws.below(12) {
    case 0, 1, 2: return "\(draws.pick(Self.things)) no \(draws.pick(Self.things))"
    case 3:
      return
        "\(draws.pick(Self.people)) to \(draws.pick(Self.things)) no \(draws.pick(Self.places))"
    case 4: return "\(draws.pick(Self.manners)) \(draws.pick(Self.people))"
    case 5:
      return "\(draws.pick(Self.manners)) \(draws.pick(Self.things)) \(draws.pick(Self.places))"
    case 6: return "\(draws.pick(Self.adjectives)) \(draws.pick(Self.nouns))"
    case 7:
      return
        "\(draws.pick(Self.nouns)) of the \(draws.pick(Self.adjectives)) \(draws.pick(Self.nouns))"
    case 8:
      return
        "\(draws.pick(Self.places)) \(draws.pick(Self.nouns)): \(draws.pick(Self.things)) no \(draws.pick(Self.places))"
    case 9: return "\(draws.pick(Self.people))-tachi wa \(draws.pick(Self.manners))"
    case 10:
      return "\(draws.pick(Self.things)), \(draws.pick(Self.places)), \(draws.pick(Self.people))"
    default:
      return
        "\(draws.pick(Self.people)) ga \(draws.pick(Self.things)) ni \(draws.pick(Self.manners))"
    }
  }

  private mutating func ending(kind: String) -> String {
    switch (kind, draws.below(10)) {
    case ("TV", 0): " 2nd Season"
    case ("TV", 1): " II"
    case ("Movie", 0...2):
      " Movie \(1 + draws.below(9)): \(draws.pick(Self.adjectives)) \(draws.pick(Self.nouns))"
    case ("Movie", 3): " the Movie"
    case ("OVA", 0...1): " OVA"
    case ("Special", 0...3): " Specials"
    case ("Special", 4): ": \"\(draws.pick(Self.nouns))\" Picture Drama"
    case ("ONA", 0): " Mini"
    case (_, 5): draws.pick(["", "", "", "", "☆", "♪", "!", "!!", "°", "&#039;"])
    default: ""
    }
  }

  private static let things = [
    "Hoshi", "Tsuki", "Kaze", "Umi", "Yuki", "Sora", "Hana", "Kagami", "Tsurugi", "Yume", "Kotoba",
    "Hikari", "Kage", "Ame", "Mori", "Kawa", "Kane", "Tori", "Neko", "Kitsune", "Ryuu", "Hagane",
    "Garasu", "Kioku", "Uta", "Namida", "Honoo", "Tegami", "Tobira", "Hane",
  ]
  private static let people = [
    "Majo", "Samurai", "Oujo", "Senpai", "Shounin", "Tanuki", "Sensei", "Idol", "Ninja", "Hakase",
    "Bokushi", "Kishi", "Mahoutsukai", "Shoujo", "Shounen", "Tantei", "Hikoushi", "Yuusha",
    "Pan&#039;ya", "Musume",
  ]
  private static let places = [
    "Gakuen", "Toshi", "Oukoku", "Shima", "Machi", "Toshokan", "Eki", "Yashiki", "Tou", "Sekai",
    "Meikyuu", "Onsen", "Kouen", "Minato", "Densha", "Koujou", "Saka", "Kikou", "Niwa", "Yokochou",
  ]
  private static let manners = [
    "Nemuru", "Aoi", "Akai", "Shiroi", "Kuroi", "Chiisana", "Ookina", "Odoru", "Hashiru", "Warau",
    "Utau", "Kieta", "Wasureta", "Saigo no", "Hajimari no", "Himitsu no", "Kin&#039;iro no",
    "Natsu no", "Fuyu no", "Mayonaka no",
  ]
  private static let adjectives = [
    "Silent", "Crimson", "Electric", "Hollow", "Paper", "Midnight", "Broken", "Endless", "Velvet",
    "Iron", "Wandering", "Lunar", "Seventh", "Distant", "Forgotten", "Crystal", "Savage", "Gentle",
  ]
  private static let nouns = [
    "Orbit", "Garden", "Requiem", "Engine", "Parade", "Horizon", "Clockwork", "Detective",
    "Carnival",
    "Frontier", "Symphony", "Harbor", "Labyrinth", "Chronicle", "Cavalier", "Lantern", "Paradox",
    "Kitchen", "Rondo", "Signal",
  ]
}
